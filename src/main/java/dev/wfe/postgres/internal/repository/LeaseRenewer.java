package dev.wfe.postgres.internal.repository;

import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Renews a lease in the background, three times per lease duration, and tells whether the lease is
 * still held. Thread-safe; it holds no lock while it waits for the database.
 */
final class LeaseRenewer implements AutoCloseable {
  private static final int RENEWALS_PER_LEASE = 3;

  private final BooleanSupplier renewal;
  private final long leaseNanos;
  private final ScheduledFuture<?> renewals;
  private volatile long renewedNanos;
  private volatile boolean lost;

  /**
   * Starts renewing a new lease.
   *
   * @param requestedNanos the {@link System#nanoTime} before the lease was requested; the lease is
   *     assumed to start then, because the answer may have taken long
   * @param renewal renews the lease; returns false if it is lost
   */
  LeaseRenewer(
      ScheduledExecutorService scheduler,
      Duration lease,
      long requestedNanos,
      BooleanSupplier renewal) {
    this.renewal = renewal;
    this.leaseNanos = lease.toNanos();
    this.renewedNanos = requestedNanos;
    long delay = leaseNanos / RENEWALS_PER_LEASE;
    this.renewals =
        scheduler.scheduleWithFixedDelay(this::renew, delay, delay, TimeUnit.NANOSECONDS);
  }

  private void renew() {
    long requestedAt = System.nanoTime();
    try {
      if (renewal.getAsBoolean()) {
        renewedNanos = requestedAt;
      } else {
        lost = true;
      }
    } catch (Throwable failure) {
      // Not rethrown, because the scheduler would stop the renewals. The next renewal retries;
      // if all fail, isHeld() returns false once the lease has expired.
    }
  }

  /** Records that a statement that began at this time has extended the lease. */
  void extendedAt(long nanos) {
    renewedNanos = nanos;
  }

  /** Whether the lease is certainly still held. */
  boolean isHeld() {
    return !lost && System.nanoTime() - renewedNanos < leaseNanos;
  }

  @Override
  public void close() {
    renewals.cancel(false);
  }
}
