package dev.wfe.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Writes the results: a table, all samples, and charts. */
final class Report {
  private final List<Samples> measured;

  private Report(List<Samples> measured) {
    this.measured = measured;
  }

  static void write(Path folder, List<Samples> measured) throws IOException {
    Files.createDirectories(folder);
    new ObjectMapper()
        .enable(SerializationFeature.INDENT_OUTPUT)
        .writeValue(folder.resolve("samples.json").toFile(), measured);
    String table = new Report(measured).table();
    Files.writeString(folder.resolve("table.md"), table);
    Charts.write(folder, measured);
    System.out.println(table);
    System.out.println("The table, samples and charts are in " + folder);
  }

  /** One row for each load and number of threads, one column for each implementation. */
  private String table() {
    StringBuilder table =
        new StringBuilder("| pointers in the tables | operation | load | threads |");
    for (Implementation implementation : Implementation.values()) {
      table.append(" ").append(implementation).append(" |");
    }
    table.append(
        " this library / baseline | this library / Rust provider | this library / Rust provider, no"
            + " index |\n"
            + "|--:|---|---|--:|");
    table.append("--:|".repeat(Implementation.values().length + 3)).append("\n");
    measured.stream()
        .filter(samples -> samples.implementation() == Implementation.LIBRARY)
        .forEach(ours -> table.append(row(ours)));
    return table.toString();
  }

  private String row(Samples ours) {
    String row =
        "| %,d | %s | %s | %d |"
            .formatted(ours.size(), ours.operation(), ours.load(), ours.threads());
    for (Implementation implementation : Implementation.values()) {
      row += " %s |".formatted(beside(ours, implementation).map(Report::rate).orElse(""));
    }
    for (Implementation implementation :
        List.of(
            Implementation.BASELINE,
            Implementation.RUST_PROVIDER,
            Implementation.RUST_PROVIDER_WITHOUT_INDEX)) {
      row +=
          " %s |"
              .formatted(beside(ours, implementation).map(other -> ratio(ours, other)).orElse(""));
    }
    return row + "\n";
  }

  private Optional<Samples> beside(Samples ours, Implementation implementation) {
    return measured.stream()
        .filter(samples -> samples.implementation() == implementation && samples.isBeside(ours))
        .findFirst();
  }

  private static String rate(Samples samples) {
    return "%,.1f ±%.0f %%".formatted(samples.median(), samples.spread() * 100);
  }

  /** Bold if it is less than the target. */
  private static String ratio(Samples ours, Samples other) {
    double ratio = ours.median() / other.median();
    return Target.beside(other)
        .map(
            target ->
                (ratio < target.ratio() ? "**%.2f** (≥ %s)" : "%.2f (≥ %s)")
                    .formatted(ratio, target.ratio()))
        .orElse("%.2f".formatted(ratio));
  }
}
