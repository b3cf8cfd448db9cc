package dev.wfe.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Writes what was measured: a table to read, every sample, and charts. */
final class Report {
  private static final String HEAD =
      """
      | pointers in the tables | verb | load | threads | way | calls/s | spread | ours / it | aim | |
      |--:|---|---|--:|---|--:|--:|--:|--:|---|
      """;

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
    System.out.println("Table, samples and charts are in " + folder);
  }

  private String table() {
    StringBuilder table = new StringBuilder(HEAD);
    measured.forEach(samples -> table.append(row(samples)));
    return table.toString();
  }

  private String row(Samples samples) {
    Optional<Double> ratio = ratio(samples);
    Optional<Double> aim = Aim.beside(samples).map(Aim::ratio);
    boolean missed = ratio.isPresent() && aim.isPresent() && ratio.get() < aim.get();
    return "| %,d | %s | %s | %d | %s | %,.1f | ±%.0f %% | %s | %s | %s |%n"
        .formatted(
            samples.size(),
            samples.verb(),
            samples.load(),
            samples.threads(),
            samples.way(),
            samples.median(),
            samples.spread() * 100,
            ratio.map("%.2f"::formatted).orElse(""),
            aim.map("≥ %s"::formatted).orElse(""),
            missed ? "missed" : "");
  }

  /** Our median divided by that of another way. */
  private Optional<Double> ratio(Samples other) {
    return measured.stream()
        .filter(samples -> samples.way() == Way.OURS && samples.isBeside(other))
        .filter(samples -> other.way() != Way.OURS)
        .map(ours -> ours.median() / other.median())
        .findFirst();
  }
}
