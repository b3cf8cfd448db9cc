package dev.wfe.host;

import java.time.Duration;
import java.util.Objects;

/**
 * The longest time that one execution of a step may take. Then its thread is interrupted, and the
 * attempt has failed.
 *
 * @param duration positive
 */
public record TimeLimit(Duration duration) implements StepOption {
  /** Checks the duration. */
  public TimeLimit {
    Objects.requireNonNull(duration, "duration");
    if (duration.isNegative() || duration.isZero()) {
      throw new WorkflowDefinitionException("A time limit has to be positive, not " + duration);
    }
  }

  /** Returns the limit. */
  public static TimeLimit of(Duration duration) {
    return new TimeLimit(duration);
  }
}
