package dev.wfe.postgres.internal.store;

import dev.failsafe.Failsafe;
import dev.failsafe.FailsafeException;
import dev.failsafe.FailsafeExecutor;
import dev.failsafe.RetryPolicy;
import dev.wfe.persistence.StoreUnavailableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Tries again what failed for a reason that passes and certainly changed nothing, after a wait that
 * doubles and varies, until a call has taken its time or its thread is interrupted. A write of
 * which nobody knows whether it is stored is the caller's to repeat. Thread-safe.
 */
final class Retries {
  private static final Duration FIRST_WAIT = Duration.ofMillis(20);
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(1);
  private static final double VARIATION = 0.5;

  private final FailsafeExecutor<Object> executor;

  /** For calls that may take the time; zero for one try. */
  Retries(Duration timeout) {
    executor =
        Failsafe.with(
            timeout.isZero()
                ? RetryPolicy.builder().withMaxRetries(0).build()
                : RetryPolicy.builder()
                    .handleIf(Retries::mayPass)
                    .withMaxRetries(-1)
                    .withMaxDuration(timeout)
                    .withBackoff(FIRST_WAIT, LONGEST_WAIT)
                    .withJitter(VARIATION)
                    .build());
  }

  private static boolean mayPass(Throwable failure) {
    return failure instanceof StoreUnavailableException && !Thread.currentThread().isInterrupted();
  }

  /** What the last try gave; the failures of those before it are suppressed in its own. */
  <T> T of(Supplier<T> attempt) {
    List<StoreUnavailableException> failures = new ArrayList<>();
    try {
      return executor.get(() -> attempt(attempt, failures));
    } catch (FailsafeException interruptedWait) {
      throw failures.get(failures.size() - 1);
    }
  }

  private static <T> T attempt(Supplier<T> attempt, List<StoreUnavailableException> failures) {
    try {
      return attempt.get();
    } catch (StoreUnavailableException failure) {
      failures.forEach(failure::addSuppressed);
      failures.add(failure);
      throw failure;
    }
  }
}
