package dev.wfe.postgres.growth;

import dev.wfe.host.Concurrency;
import dev.wfe.host.EventType;
import dev.wfe.host.Start;
import dev.wfe.host.StartOptions;
import dev.wfe.host.Workflow;
import dev.wfe.host.WorkflowHost;
import dev.wfe.postgres.PostgresPersistenceProvider;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A host with little memory and much to do: {@code URL waiting running bytes steps}. Many workflows
 * wait; many others, with large data, are executed beside them, and one with many steps.
 */
public final class ScaleProcess {
  /** How often each of the large workflows changes its data. */
  static final int CHANGES = 3;

  private static final String HEAP = "256m";
  private static final int BATCH = 1_000;
  private static final Duration PATIENCE = Duration.ofMinutes(30);
  private static final EventType<String> CALLED = EventType.of("called", String.class);

  record Document(String text, int changes) {
    Document changed(int by) {
      return new Document(text, changes + by);
    }
  }

  private static final Workflow<Document> WAITING =
      Workflow.define("waiting", 1, Document.class)
          .update("first", document -> document.changed(1))
          .await("wait", CALLED, Document::text, (document, call) -> document.changed(1))
          .build();

  private static final Workflow<Document> LARGE =
      Workflow.define("large", 1, Document.class)
          .repeatWhile(
              "change",
              document -> document.changes() < CHANGES,
              body -> body.call("by one", document -> 1, Document::changed))
          .build();

  private ScaleProcess() {}

  /** Starts this class with a small heap. */
  static Process start(String url, int waiting, int running, int bytes, int steps, Path log)
      throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx" + HEAP,
            "-XX:+ExitOnOutOfMemoryError",
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
            "-cp",
            System.getProperty("java.class.path"),
            ScaleProcess.class.getName(),
            url,
            String.valueOf(waiting),
            String.valueOf(running),
            String.valueOf(bytes),
            String.valueOf(steps))
        .redirectErrorStream(true)
        .redirectOutput(log.toFile())
        .start();
  }

  /** Ends with 0 if everything was executed as it should be. */
  public static void main(String[] arguments) throws Exception {
    int waiting = Integer.parseInt(arguments[1]);
    int running = Integer.parseInt(arguments[2]);
    String text = "x".repeat(Integer.parseInt(arguments[3]));
    int steps = Integer.parseInt(arguments[4]);
    Workflow<Document> many =
        Workflow.define("many", 1, Document.class)
            .forEach(
                "each",
                document -> IntStream.range(0, steps).boxed().toList(),
                Integer.class,
                item -> item.call("double", number -> 2 * number, (number, twice) -> twice),
                (document, number) -> document.changed(1),
                Concurrency.of(8))
            .build();
    try (PostgresPersistenceProvider provider = PostgresPersistenceProvider.connect(arguments[0]);
        WorkflowHost host =
            WorkflowHost.builder(provider)
                .workflow(WAITING)
                .workflow(LARGE)
                .workflow(many)
                .build()) {
      host.start();
      start(host, WAITING, waiting, "waits ");
      for (int i = 0; i < running; i++) {
        host.startWorkflow(LARGE, new Document(text, 0), StartOptions.id("large " + i));
      }
      host.startWorkflow(many, new Document("", 0), StartOptions.id("many"));
      require(steps, host.awaitEnd(many, "many", PATIENCE).data().changes());
      for (int i = 0; i < running; i++) {
        Document ended = host.awaitEnd(LARGE, "large " + i, PATIENCE).data();
        require(CHANGES, ended.changes());
        require(text.length(), ended.text().length());
      }
      for (int i = 0; i < waiting; i += Math.max(1, waiting / 10)) {
        host.publish(CALLED, "waits " + i, "call");
        require(2, host.awaitEnd(WAITING, "waits " + i, PATIENCE).data().changes());
      }
    }
  }

  private static void start(
      WorkflowHost host, Workflow<Document> workflow, int count, String prefix) {
    List<Start<Document>> batch = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      batch.add(new Start<>(new Document(prefix + i, 0), StartOptions.id(prefix + i)));
      if (batch.size() == BATCH || i == count - 1) {
        host.startWorkflows(workflow, List.copyOf(batch));
        batch.clear();
      }
    }
  }

  private static void require(int expected, int actual) {
    if (expected != actual) {
      throw new AssertionError("%s instead of %s".formatted(actual, expected));
    }
  }
}
