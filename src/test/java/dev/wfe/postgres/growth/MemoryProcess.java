package dev.wfe.postgres.growth;

import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.retention.Export;
import dev.wfe.retention.ExportSink;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/**
 * A process of its own with little memory that reads and handles many rows: {@code URL operation}.
 */
public final class MemoryProcess {
  private static final int LIMIT = 1_000;
  private static final Instant LATER = Instant.parse("2100-01-01T00:00:00Z");

  private MemoryProcess() {}

  /** Makes the call and ends; fails with a stack trace, when memory does not suffice too. */
  public static void main(String[] arguments) {
    try (PostgresPersistenceProvider provider =
        PostgresPersistenceProvider.connect(
            arguments[0], PostgresOptions.builder().poolSize(2).build())) {
      call(provider, arguments[1]);
    }
  }

  private static void call(PostgresPersistenceProvider provider, String operation) {
    switch (operation) {
      case "limited forms" -> {
        requireLimit(provider.getRunnableInstances(LATER, LIMIT));
        requireLimit(provider.getRunnableEvents(LATER, LIMIT));
        requireLimit(provider.getEvents("name", "key", LATER, LIMIT));
        requireLimit(provider.getEventsSince("name", "key", Instant.EPOCH, LIMIT));
        requireLimit(provider.getSubscriptions("name", "key", LATER, LIMIT));
      }
      case "export" -> export(provider);
      case "processCommands" -> provider.processCommands(LATER, command -> {});
      case "processCommands, failing" ->
          provider.processCommands(
              LATER,
              command -> {
                throw new IllegalStateException(command.data());
              });
      default -> throw new IllegalArgumentException(operation);
    }
  }

  private static void export(PostgresPersistenceProvider provider) {
    try {
      ExportSink sink = ExportSink.to(Writer.nullWriter());
      long lines = Export.of(provider).workflows(sink);
      if (lines < LIMIT || Export.of(provider).events(sink) < LIMIT) {
        throw new IllegalStateException("Wrote " + lines);
      }
    } catch (IOException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static void requireLimit(List<?> answer) {
    if (answer.size() != LIMIT) {
      throw new IllegalStateException("Gave " + answer.size());
    }
  }

  static Process start(String url, String operation, Path log) throws IOException {
    return new ProcessBuilder(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:+ExitOnOutOfMemoryError",
                "-cp",
                System.getProperty("java.class.path"),
                MemoryProcess.class.getName(),
                url,
                operation))
        .redirectErrorStream(true)
        .redirectOutput(log.toFile())
        .start();
  }
}
