package dev.wfe.host;

import java.time.Duration;
import java.util.Objects;

/** Checks the options of {@link WorkflowHost} and {@link ActivityWorker}. Thread-safe. */
final class BuilderChecks {
  private BuilderChecks() {}

  /** How many threads work at a time unless told. */
  static int defaultThreads() {
    return Math.max(16, 4 * Runtime.getRuntime().availableProcessors());
  }

  static int atLeastOne(String option, int count) {
    if (count < 1) {
      throw new IllegalArgumentException(
          "%s has to be at least 1, not %s".formatted(option, count));
    }
    return count;
  }

  static Duration between(String option, Duration duration, Duration least, Duration most) {
    Objects.requireNonNull(duration, option);
    if (duration.compareTo(least) < 0 || duration.compareTo(most) > 0) {
      throw new IllegalArgumentException(
          "%s is %s, not between %s and %s".formatted(option, duration, least, most));
    }
    return duration;
  }

  /** Checks the name of a host or worker. */
  static String name(String name) {
    String wrong = Names.problem(Objects.requireNonNull(name, "name"));
    if (name.isEmpty() || wrong != null) {
      throw new IllegalArgumentException("name " + (name.isEmpty() ? "is empty" : wrong));
    }
    return name;
  }
}
