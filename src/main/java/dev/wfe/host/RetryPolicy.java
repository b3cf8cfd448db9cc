package dev.wfe.host;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;

/**
 * How often a failed step is attempted again, and after which pauses. The thread is free during a
 * pause. The pauses vary by up to a tenth at random (jitter). Immutable and thread-safe.
 */
public final class RetryPolicy implements StepOption {
  private static final double JITTER = 0.1;

  private final Duration firstDelay;
  private final double factor;
  private final Duration maxDelay;
  private final int maxAttempts;
  private final List<Class<? extends Throwable>> permanent;

  private RetryPolicy(
      Duration firstDelay,
      double factor,
      Duration maxDelay,
      int maxAttempts,
      List<Class<? extends Throwable>> permanent) {
    this.firstDelay = requirePositive("delay", firstDelay);
    this.factor = factor;
    this.maxDelay = requirePositive("maxDelay", maxDelay);
    this.maxAttempts = maxAttempts;
    this.permanent = List.copyOf(permanent);
    if (maxAttempts < 1) {
      throw new WorkflowDefinitionException("maxAttempts has to be at least 1, not " + maxAttempts);
    }
  }

  private static Duration requirePositive(String name, Duration duration) {
    Objects.requireNonNull(duration, name);
    if (duration.compareTo(Duration.ofMillis(1)) < 0
        || duration.compareTo(Duration.ofDays(365)) > 0) {
      throw new WorkflowDefinitionException(
          "%s has to be between 1 millisecond and 365 days, not %s".formatted(name, duration));
    }
    return duration;
  }

  /**
   * The pause doubles after each attempt, up to 10 minutes; 10 attempts.
   *
   * @param firstDelay the pause after the first attempt
   */
  public static RetryPolicy exponential(Duration firstDelay) {
    return new RetryPolicy(
        firstDelay,
        2,
        firstDelay.compareTo(Duration.ofMinutes(10)) > 0 ? firstDelay : Duration.ofMinutes(10),
        10,
        List.of());
  }

  /** The pause is always the same; 10 attempts. */
  public static RetryPolicy fixed(Duration delay) {
    return new RetryPolicy(delay, 1, delay, 10, List.of());
  }

  /** One attempt only. */
  public static RetryPolicy none() {
    return fixed(Duration.ofSeconds(1)).maxAttempts(1);
  }

  /**
   * The policy of steps that name none: {@code exponential(1 second)}, 10 attempts in 9 minutes.
   */
  static RetryPolicy standard() {
    return exponential(Duration.ofSeconds(1));
  }

  /**
   * Returns a policy with this number of attempts, the first one included.
   *
   * @param attempts at least 1
   */
  public RetryPolicy maxAttempts(int attempts) {
    return new RetryPolicy(firstDelay, factor, maxDelay, attempts, permanent);
  }

  /** Returns a policy whose pauses are not longer than this. */
  public RetryPolicy maxDelay(Duration delay) {
    return new RetryPolicy(firstDelay, factor, delay, maxAttempts, permanent);
  }

  /**
   * Returns a policy under which exceptions of this class, and of its subclasses, are not retried:
   * the attempt that throws one is the last.
   */
  public RetryPolicy notOn(Class<? extends Throwable> type) {
    List<Class<? extends Throwable>> more = new ArrayList<>(permanent);
    more.add(Objects.requireNonNull(type, "type"));
    return new RetryPolicy(firstDelay, factor, maxDelay, maxAttempts, more);
  }

  /** Whether a step that failed so often is attempted again. */
  boolean retries(int failures, Throwable error) {
    return failures < maxAttempts && permanent.stream().noneMatch(type -> type.isInstance(error));
  }

  /** The pause after this number of failures, with jitter. */
  Duration delay(int failures) {
    double millis =
        Math.min(
            firstDelay.toMillis() * Math.pow(factor, failures - 1.0), (double) maxDelay.toMillis());
    double jitter = 1 + JITTER * (2 * ThreadLocalRandom.current().nextDouble() - 1);
    return Duration.ofMillis(Math.max(1, Math.round(millis * jitter)));
  }
}
