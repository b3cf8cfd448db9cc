package dev.wfe.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Writes what was measured: a table to read, and every sample. */
final class Report {
  private Report() {}

  static void write(Path folder, Settings settings, List<Samples> measured) throws IOException {
    Files.createDirectories(folder);
    new ObjectMapper()
        .enable(SerializationFeature.INDENT_OUTPUT)
        .writeValue(folder.resolve("samples.json").toFile(), measured);
    String table = table(measured);
    Files.writeString(folder.resolve("table.md"), table);
    System.out.println(table);
  }

  private static String table(List<Samples> measured) {
    StringBuilder table =
        new StringBuilder(
            """
            | pointers | verb | load | threads | way | calls/s | spread | ours is times as fast |
            |--:|---|---|--:|---|--:|--:|--:|
            """);
    for (Samples samples : measured) {
      Optional<Samples> ours =
          measured.stream()
              .filter(other -> other.way() == Way.OURS && other.isBeside(samples))
              .findFirst();
      table.append(
          "| %,d | %s | %s | %d | %s | %,.1f | ±%.0f %% | %s |%n"
              .formatted(
                  samples.size(),
                  samples.verb(),
                  samples.load(),
                  samples.threads(),
                  samples.way(),
                  samples.median(),
                  samples.spread() * 100,
                  ours.map(own -> "%.2f".formatted(own.median() / samples.median())).orElse("")));
    }
    return table.toString();
  }
}
