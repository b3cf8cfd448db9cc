package dev.wfe.host;

import java.time.Duration;
import java.util.Objects;

/**
 * The longest time that one execution of a step may take. Then its thread is interrupted, and the
 * attempt has failed. A step that ignores the interrupt keeps its worker until it ends; this is
 * logged once.
 *
 * @param duration 1 millisecond to 36,500 days
 */
public record TimeLimit(Duration duration) implements StepOption {
  /** Checks the duration. */
  public TimeLimit {
    Objects.requireNonNull(duration, "duration");
    if (duration.compareTo(Duration.ofMillis(1)) < 0
        || duration.compareTo(Duration.ofDays(36_500)) > 0) {
      throw new WorkflowDefinitionException(
          "A time limit has to be between 1 millisecond and 36,500 days, not " + duration);
    }
  }

  /** Returns the limit. */
  public static TimeLimit of(Duration duration) {
    return new TimeLimit(duration);
  }
}
