package dev.wfe.postgres.internal.transaction;

import dev.failsafe.Failsafe;
import dev.failsafe.FailsafeException;
import dev.failsafe.RetryPolicy;
import dev.wfe.persistence.StoreUnavailableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Retries transient failures that are known to have had no effect, with exponential back-off and
 * jitter, until the retry timeout has passed or the thread is interrupted. Writes with an ambiguous
 * outcome are not retried here; the caller decides. Thread-safe.
 */
public final class Retries {
  private static final Duration FIRST_WAIT = Duration.ofMillis(20);
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(1);
  private static final double JITTER = 0.5;

  private final Duration timeout;

  /**
   * Creates a retry policy.
   *
   * @param timeout the time since the start of a call after which it is no longer retried; zero for
   *     no retry
   */
  Retries(Duration timeout) {
    this.timeout = timeout;
  }

  /**
   * Returns the result of the last attempt, or throws its failure with the earlier failures as
   * suppressed exceptions.
   */
  <T> T call(Supplier<T> attempt) {
    long start = System.nanoTime();
    try {
      return attempt.get();
    } catch (StoreUnavailableException failure) {
      Duration left = timeout.minusNanos(System.nanoTime() - start);
      if (timeout.isZero() || left.isNegative() || left.isZero() || !isRetryable(failure)) {
        throw failure;
      }
      return retry(attempt, failure, left);
    }
  }

  private static <T> T retry(Supplier<T> attempt, StoreUnavailableException first, Duration left) {
    List<StoreUnavailableException> failures = new ArrayList<>();
    RetryPolicy<T> policy =
        RetryPolicy.<T>builder()
            .handleIf(Retries::isRetryable)
            .withMaxRetries(-1)
            .withMaxDuration(left)
            .withBackoff(FIRST_WAIT, LONGEST_WAIT)
            .withJitter(JITTER)
            .build();
    try {
      return Failsafe.with(policy)
          .get(
              () -> {
                if (failures.isEmpty()) {
                  throw noted(first, failures);
                }
                return again(attempt, failures);
              });
    } catch (FailsafeException interruptedWait) {
      throw failures.get(failures.size() - 1);
    }
  }

  private static boolean isRetryable(Throwable failure) {
    return failure instanceof StoreUnavailableException && !Thread.currentThread().isInterrupted();
  }

  private static <T> T again(Supplier<T> attempt, List<StoreUnavailableException> failures) {
    try {
      return attempt.get();
    } catch (StoreUnavailableException failure) {
      failures.forEach(failure::addSuppressed);
      throw noted(failure, failures);
    }
  }

  private static StoreUnavailableException noted(
      StoreUnavailableException failure, List<StoreUnavailableException> failures) {
    failures.add(failure);
    return failure;
  }
}
