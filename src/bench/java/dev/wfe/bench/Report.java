package dev.wfe.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/** Writes the results: tables, all samples, and charts. */
final class Report {
  /** The implementations to which no ratio is shown. */
  private static final Set<Implementation> WITHOUT_RATIO =
      EnumSet.of(
          Implementation.HIBERNATE, Implementation.LIBRARY_WITHOUT_GROUPS, Implementation.LIBRARY);

  private final String sizes;
  private final List<Samples> measured;
  private final List<Implementation> implementations;

  private Report(String sizes, List<Samples> measured) {
    this.sizes = sizes;
    this.measured = measured;
    this.implementations =
        Stream.of(Implementation.values())
            .filter(
                implementation ->
                    measured.stream()
                        .anyMatch(samples -> samples.implementation() == implementation))
            .toList();
  }

  /**
   * Writes the results.
   *
   * @param operations of the operations
   * @param peers of the comparisons with other libraries
   * @param experiments the tables of the experiments
   */
  static void write(Path folder, List<Samples> operations, List<Samples> peers, String experiments)
      throws IOException {
    Files.createDirectories(folder);
    List<Samples> all = Stream.concat(operations.stream(), peers.stream()).toList();
    new ObjectMapper()
        .enable(SerializationFeature.INDENT_OUTPUT)
        .writeValue(folder.resolve("samples.json").toFile(), all);
    String tables =
        Stream.of(new Report("pointers in the tables", operations), new Report("executions", peers))
                .filter(report -> !report.measured.isEmpty())
                .map(report -> report.rates() + report.times() + report.costs())
                .reduce("", String::concat)
            + experiments;
    Files.writeString(folder.resolve("table.md"), tables);
    Charts.write(folder, operations);
    PeerChart.write(folder, peers);
    System.out.println(tables);
    System.out.println("The tables, samples and charts are in " + folder);
  }

  /** One row for each load and number of threads, one column for each implementation. */
  private String rates() {
    StringBuilder table = new StringBuilder("| %s | operation | load | threads |".formatted(sizes));
    implementations.forEach(
        implementation -> table.append(" ").append(implementation).append(" |"));
    compared().forEach(other -> table.append(" this library / ").append(other).append(" |"));
    table.append("\n|--:|---|---|--:|");
    table.append("--:|".repeat(implementations.size() + compared().size())).append("\n");
    measured.stream()
        .filter(samples -> samples.implementation() == Implementation.LIBRARY)
        .forEach(ours -> table.append(row(ours)));
    return table.append("\n").toString();
  }

  private List<Implementation> compared() {
    return implementations.stream()
        .filter(implementation -> !WITHOUT_RATIO.contains(implementation))
        .toList();
  }

  private String row(Samples ours) {
    StringBuilder row =
        new StringBuilder(
            "| %,d | %s | %s | %d |"
                .formatted(ours.size(), ours.operation(), ours.load(), ours.threads()));
    for (Implementation implementation : implementations) {
      row.append(" %s |".formatted(beside(ours, implementation).map(Report::rate).orElse("")));
    }
    for (Implementation implementation : compared()) {
      row.append(
          " %s |"
              .formatted(beside(ours, implementation).map(other -> ratio(ours, other)).orElse("")));
    }
    return row.append("\n").toString();
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

  /** How long calls took: one row for each implementation. */
  private String times() {
    List<Samples> known = measured.stream().filter(samples -> !samples.times().isEmpty()).toList();
    if (known.isEmpty()) {
      return "";
    }
    StringBuilder table =
        new StringBuilder(
            """
            | %s | operation | load | threads | implementation | median, ms | p99, ms | highest p99 |
            |--:|---|---|--:|---|--:|--:|--:|
            """
                .formatted(sizes));
    for (Samples samples : known) {
      table.append(
          "| %,d | %s | %s | %d | %s | %.1f | %.1f | %.1f |%n"
              .formatted(
                  samples.size(),
                  samples.operation(),
                  samples.load(),
                  samples.threads(),
                  samples.implementation(),
                  Samples.median(samples.times().stream().map(CallTimes::median).toList()),
                  Samples.median(samples.times().stream().map(CallTimes::p99).toList()),
                  samples.times().stream().mapToDouble(CallTimes::p99).max().orElseThrow()));
    }
    return table.append("\n").toString();
  }

  /** What each execution costs the server: one row for each implementation. */
  private String costs() {
    List<Samples> known = measured.stream().filter(samples -> !samples.costs().isEmpty()).toList();
    if (known.isEmpty()) {
      return "";
    }
    StringBuilder table =
        new StringBuilder(
            """
            | %s | operation | load | threads | implementation | transactions each | commits each \
            | bytes of log each |
            |--:|---|---|--:|---|--:|--:|--:|
            """
                .formatted(sizes));
    for (Samples samples : known) {
      table.append(
          "| %,d | %s | %s | %d | %s | %.3f | %.3f | %,.0f |%n"
              .formatted(
                  samples.size(),
                  samples.operation(),
                  samples.load(),
                  samples.threads(),
                  samples.implementation(),
                  median(samples, Cost::transactions),
                  median(samples, Cost::commits),
                  median(samples, Cost::logBytes)));
    }
    return table.append("\n").toString();
  }

  private static double median(Samples samples, ToDoubleFunction<Cost> part) {
    return Samples.median(samples.costs().stream().mapToDouble(part).boxed().toList());
  }
}
