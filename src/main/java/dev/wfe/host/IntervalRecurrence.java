package dev.wfe.host;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;

/** The multiples of an interval. Immutable and thread-safe. */
record IntervalRecurrence(Duration interval) implements Recurrence {
  private static final Duration SHORTEST = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofDays(3_650);

  IntervalRecurrence {
    Objects.requireNonNull(interval, "interval");
    if (interval.compareTo(SHORTEST) < 0 || interval.compareTo(LONGEST) > 0) {
      throw new WorkflowDefinitionException(
          "The interval is %s, not between %s and %s".formatted(interval, SHORTEST, LONGEST));
    }
    CronLibrary.require();
  }

  @Override
  public Instant next(Instant after) {
    Duration sinceEpoch = Duration.between(Instant.EPOCH, after);
    long passed = sinceEpoch.dividedBy(interval);
    Instant time = Instant.EPOCH.plus(interval.multipliedBy(passed));
    while (!time.isAfter(after)) {
      time = time.plus(interval);
    }
    return time;
  }

  @Override
  public String toString() {
    return "every " + interval;
  }
}
