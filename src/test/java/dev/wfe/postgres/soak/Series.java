package dev.wfe.postgres.soak;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Samples, each written to a CSV file at once. Not thread-safe. */
final class Series {
  private final Path file;
  private final Map<String, List<Long>> values = new LinkedHashMap<>();

  Series(Path file) throws IOException {
    this.file = file;
    Files.createDirectories(file.getParent());
    Files.deleteIfExists(file);
  }

  void add(long seconds, long orders, Map<String, Long> sample) throws IOException {
    if (values.isEmpty()) {
      sample.keySet().forEach(figure -> values.put(figure, new ArrayList<>()));
      append(
          "seconds,orders,"
              + sample.keySet().stream()
                  .map(figure -> '"' + figure + '"')
                  .collect(Collectors.joining(",")));
    }
    values.forEach((figure, of) -> of.add(sample.getOrDefault(figure, 0L)));
    append(
        "%s,%s,%s"
            .formatted(
                seconds,
                orders,
                sample.values().stream().map(String::valueOf).collect(Collectors.joining(","))));
  }

  private void append(String line) throws IOException {
    Files.writeString(file, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  private List<Trend> trends() {
    return values.entrySet().stream()
        .map(one -> new Trend(one.getKey(), one.getValue(), Bound.of(one.getKey())))
        .toList();
  }

  /** What grows, each in words. */
  List<String> problems() {
    return trends().stream().map(Trend::problem).flatMap(Optional::stream).toList();
  }

  /** The thirds of each figure, a line for each. */
  @Override
  public String toString() {
    return trends().stream()
        .map(
            trend ->
                "%-46s %9s %9s of %9s%n"
                    .formatted(
                        trend.figure(),
                        trend.first(),
                        trend.last(),
                        trend.bound().limit(trend.first())))
        .collect(Collectors.joining());
  }
}
