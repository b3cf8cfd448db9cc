package dev.wfe.postgres.internal.repository;

import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Renews a lease in the background, three times in its duration, and knows when it can no longer be
 * relied on. Thread-safe; holds nothing while it waits for the database.
 */
final class LeaseKeeper implements AutoCloseable {
  private static final int RENEWALS_PER_LEASE = 3;

  private final BooleanSupplier renewal;
  private final long leaseNanos;
  private final ScheduledFuture<?> renewals;
  private volatile long renewedNanos;
  private volatile boolean gone;

  /**
   * Keeps a lease that was just taken.
   *
   * @param askedNanos the {@link System#nanoTime} before the lease was asked for: the answer may
   *     have taken long
   * @param renewal renews it; false when it is gone
   */
  LeaseKeeper(
      ScheduledExecutorService scheduler,
      Duration lease,
      long askedNanos,
      BooleanSupplier renewal) {
    this.renewal = renewal;
    this.leaseNanos = lease.toNanos();
    this.renewedNanos = askedNanos;
    long delay = leaseNanos / RENEWALS_PER_LEASE;
    this.renewals =
        scheduler.scheduleWithFixedDelay(this::renew, delay, delay, TimeUnit.NANOSECONDS);
  }

  private void renew() {
    long asked = System.nanoTime();
    try {
      if (renewal.getAsBoolean()) {
        renewedNanos = asked;
      } else {
        gone = true;
      }
    } catch (Throwable failure) {
      // Whatever it is, it must not leave: the scheduler would renew no more. Tried again at the
      // next
      // turn; isHeld() knows when it has become too late.
    }
  }

  /** Notes that the lease was prolonged by a call that began at the time. */
  void prolongedAt(long nanos) {
    renewedNanos = nanos;
  }

  /** Whether the lease certainly holds still. */
  boolean isHeld() {
    return !gone && System.nanoTime() - renewedNanos < leaseNanos;
  }

  @Override
  public void close() {
    renewals.cancel(false);
  }
}
