package dev.wfe.bench.operations;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.wfe.bench.Implementation;
import dev.wfe.bench.Templates;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * A new process that persists instances of ten pointers, as {@link Persist} does, and prints after
 * how many milliseconds it had made how many calls. The clock starts with the first call, when the
 * connections are open and the instances are stored.
 */
final class ColdProcess {
  /** The numbers of calls whose time is printed. */
  static final List<Integer> CALLS = List.of(1, 100, 1_000, 10_000);

  private static final int INSTANCES = 8;

  private ColdProcess() {}

  /** Runs a process with the implementation; returns the milliseconds of each of the numbers. */
  static List<Double> run(String url, Implementation implementation)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                "-classpath",
                System.getProperty("java.class.path"),
                ColdProcess.class.getName(),
                url,
                implementation.name())
            .redirectError(Redirect.INHERIT)
            .start();
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    if (process.waitFor() != 0) {
      throw new IOException("The process has failed: " + output);
    }
    return Stream.of(output.split(" ", -1)).map(Double::valueOf).toList();
  }

  /** The arguments are the URL of a database with a store, and the implementation. */
  public static void main(String[] arguments) throws Exception {
    String url = arguments[0];
    List<Double> millis =
        switch (Implementation.valueOf(arguments[1])) {
          case BASELINE -> byHand(url);
          case LIBRARY -> library(url);
          default -> throw new IllegalArgumentException(arguments[1]);
        };
    System.out.println(String.join(" ", millis.stream().map(String::valueOf).toList()));
  }

  private static List<Double> library(String url) throws Exception {
    try (PostgresPersistenceProvider provider =
        PostgresPersistenceProvider.connect(url, PostgresOptions.builder().poolSize(2).build())) {
      List<WorkflowInstance> instances = new ArrayList<>();
      for (WorkflowInstance instance : unsaved()) {
        instances.add(provider.getWorkflowInstance(provider.createNewWorkflow(instance)));
      }
      return time(instances, (stepped, step) -> provider.persistWorkflow(stepped));
    }
  }

  private static List<Double> byHand(String url) throws Exception {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(url);
    config.setMaximumPoolSize(2);
    config.addDataSourceProperty("prepareThreshold", "1");
    try (HikariDataSource pool = new HikariDataSource(config)) {
      List<WorkflowInstance> instances = unsaved();
      CreateByHand creating = new CreateByHand(pool);
      for (WorkflowInstance instance : instances) {
        creating.create(instance);
      }
      PersistByHand persisting = new PersistByHand(pool, instances);
      return time(instances, persisting::persist);
    }
  }

  private static List<WorkflowInstance> unsaved() {
    WorkflowInstance template = Templates.withPointers(10);
    return Stream.generate(() -> Templates.renamed(template, UUID.randomUUID()))
        .limit(INSTANCES)
        .toList();
  }

  private static List<Double> time(List<WorkflowInstance> instances, Steps.Writer writer)
      throws Exception {
    Steps steps = new Steps(instances);
    List<Double> millis = new ArrayList<>();
    long begin = System.nanoTime();
    int calls = 0;
    for (int until : CALLS) {
      for (; calls < until; calls++) {
        steps.next(writer);
      }
      millis.add((System.nanoTime() - begin) / 1e6);
    }
    return millis;
  }
}
