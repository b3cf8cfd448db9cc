package dev.wfe.postgres.histories.hosts;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.wfe.host.RandomWorkflow;
import dev.wfe.host.Workflow;
import dev.wfe.host.WorkflowHost;
import dev.wfe.persistence.StoreUnavailableException;
import dev.wfe.persistence.UnknownOutcomeException;
import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * A host in a process of its own: {@code URL pool journal name seed definitions}. It executes the
 * random definitions and the {@link LastingWorkflow} until its input ends. At each line of its
 * input it closes the host and starts another one.
 */
public final class HostProgram {
  /** What it says when a host has started. */
  static final String STARTED = "started";

  /** The leases are short, so that the work of a dead host goes on soon. */
  static final Duration LEASE = Duration.ofSeconds(2);

  /** How many blocks a definition has at least. */
  private static final int SIZE = 5;

  private static final int WORKERS = 4;
  private static final int CONNECTIONS = 6;
  private static final long PATIENCE_SECONDS = 180;
  private static final long PAUSE_MILLIS = 50;

  /** Who opens the connections. */
  enum Pool {
    OWN,
    EXTERNAL
  }

  private HostProgram() {}

  /** Works until the input ends; fails with a stack trace. */
  public static void main(String[] arguments) throws Exception {
    String journal = arguments[2];
    String name = arguments[3];
    long seed = Long.parseLong(arguments[4]);
    ExecutionRecorder recorder = new ExecutionRecorder(journal, name);
    List<Workflow<?>> workflows =
        Stream.concat(
                definitions(seed, Integer.parseInt(arguments[5]), recorder).stream()
                    .<Workflow<?>>map(RandomWorkflow::workflow),
                Stream.of(LastingWorkflow.workflow()))
            .toList();
    BufferedReader input =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    try (PostgresPersistenceProvider provider =
        open(arguments[0], Pool.valueOf(arguments[1]), name)) {
      int generation = 0;
      do {
        String owner = name + "." + ++generation;
        recorder.rename(owner);
        try (WorkflowHost host = host(provider, workflows, owner)) {
          start(host);
          System.out.println(STARTED);
          if (input.readLine() == null) {
            generation = Integer.MAX_VALUE;
          }
          close(journal, owner);
        }
      } while (generation != Integer.MAX_VALUE);
    }
    Runtime.getRuntime().halt(0);
  }

  /** The definitions of the seeds. */
  static List<RandomWorkflow> definitions(long seed, int count, RandomWorkflow.Listener listener) {
    return LongStream.range(seed, seed + count)
        .mapToObj(next -> new RandomWorkflow(next, SIZE, listener))
        .toList();
  }

  private static WorkflowHost host(
      PostgresPersistenceProvider provider, List<Workflow<?>> workflows, String owner) {
    return WorkflowHost.builder(provider)
        .workflows(workflows)
        .name(owner)
        .workers(WORKERS)
        .lease(LEASE)
        .polling(Duration.ofMillis(10), Duration.ofMillis(200))
        .closeTimeout(Duration.ofSeconds(1))
        .build();
  }

  /** What begins from here on may begin while the host gives its leases back. */
  private static void close(String journal, String owner) throws InterruptedException {
    new Sql(journal)
        .executePersistently("insert into proof.closings values ('%s')".formatted(owner));
  }

  private static void start(WorkflowHost host) throws InterruptedException {
    persistently(
        () -> {
          host.start();
          return host;
        });
  }

  private static PostgresPersistenceProvider open(String url, Pool pool, String name)
      throws InterruptedException {
    if (pool == Pool.OWN) {
      PostgresOptions options =
          PostgresOptions.builder().applicationName(name).poolSize(CONNECTIONS).build();
      return persistently(() -> PostgresPersistenceProvider.connect(url, options));
    }
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(url + "&assumeMinServerVersion=14&ApplicationName=" + name);
    config.setMaximumPoolSize(CONNECTIONS);
    config.setConnectionTimeout(TimeUnit.SECONDS.toMillis(5));
    config.setInitializationFailTimeout(-1);
    return persistently(() -> over(config));
  }

  /** A HikariCP pool whose first connection breaks while it is set up opens no other. */
  private static PostgresPersistenceProvider over(HikariConfig config) {
    HikariDataSource dataSource = new HikariDataSource(config);
    try {
      return PostgresPersistenceProvider.over(dataSource);
    } catch (RuntimeException failure) {
      dataSource.close();
      throw failure;
    }
  }

  /** Does something that needs the database. */
  @FunctionalInterface
  private interface Call<T> {
    T get();
  }

  /** The server may be on its way up again. */
  private static <T> T persistently(Call<T> call) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (true) {
      try {
        return call.get();
      } catch (StoreUnavailableException | UnknownOutcomeException failure) {
        if (System.nanoTime() - deadline > 0) {
          throw failure;
        }
        TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
      }
    }
  }

  /** The command that runs a main method with the class path of this process. */
  static List<String> command(Class<?> program) {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-Xmx128m",
        "-XX:TieredStopAtLevel=1",
        "-XX:+UseSerialGC",
        "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
        "-Dorg.slf4j.simpleLogger.showDateTime=true",
        "-cp",
        System.getProperty("java.class.path"),
        program.getName());
  }
}
