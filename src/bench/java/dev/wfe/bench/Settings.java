package dev.wfe.bench;

import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a run, from system properties.
 *
 * @param operations a regular expression that selects operations: {@code bench}
 * @param url the URL of the database server with credentials; null for an embedded server: {@code
 *     bench.url}
 * @param sizes the numbers of pointers in the tables, and of workflows that are purged: {@code
 *     bench.sizes}
 * @param rounds the number of samples for each alternative: {@code bench.rounds}
 * @param warmUpSeconds how long each alternative runs before it is measured: {@code bench.warmup}
 * @param sampleMillis how long one sample takes: {@code bench.millis}
 * @param executions how many executions a sample has in the comparisons with other libraries:
 *     {@code bench.executions}
 * @param due how many executions are due in the comparisons of claims: {@code bench.due}
 * @param wakeUps how many wake-ups of each kind are timed: {@code bench.wakeups}
 * @param idle how long idle hosts are watched: {@code bench.idle}, in seconds
 * @param snapshot how long a snapshot is held: {@code bench.snapshot}, in seconds
 */
record Settings(
    Pattern operations,
    @Nullable String url,
    List<Integer> sizes,
    int rounds,
    int warmUpSeconds,
    int sampleMillis,
    int executions,
    List<Integer> due,
    int wakeUps,
    Duration idle,
    Duration snapshot) {
  /** The smallest size: a hundred instances are due, and one in a hundred is not finished. */
  private static final int SMALLEST = 10_000;

  Settings {
    sizes.forEach(
        size -> {
          if (size < SMALLEST) {
            throw new IllegalArgumentException(
                "bench.sizes has %d, less than %d".formatted(size, SMALLEST));
          }
        });
  }

  static Settings ofSystem() {
    String url = System.getProperty("bench.url", "");
    return new Settings(
        Pattern.compile(System.getProperty("bench", "")),
        url.isBlank() ? null : url,
        numbers("bench.sizes", "10000,1000000"),
        Integer.getInteger("bench.rounds", 5),
        Integer.getInteger("bench.warmup", 2),
        Integer.getInteger("bench.millis", 500),
        Integer.getInteger("bench.executions", 20_000),
        numbers("bench.due", "10000,100000"),
        Integer.getInteger("bench.wakeups", 300),
        Duration.ofSeconds(Integer.getInteger("bench.idle", 120)),
        Duration.ofSeconds(Integer.getInteger("bench.snapshot", 300)));
  }

  private static List<Integer> numbers(String property, String otherwise) {
    return Stream.of(System.getProperty(property, otherwise).split(",", -1))
        .map(number -> Integer.parseInt(number.strip()))
        .toList();
  }

  boolean selects(String name) {
    return operations.matcher(name).find();
  }
}
