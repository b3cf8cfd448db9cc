package dev.wfe.postgres.internal.repository;

import java.time.Duration;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.function.BooleanSupplier;

/** Renews the leases of commands that are being handled, in one background thread. Thread-safe. */
public final class CommandLeases implements AutoCloseable {
  /**
   * The duration of a lease: after a crash of a host, other hosts can claim its commands after this
   * time.
   */
  public static final Duration DURATION = Duration.ofSeconds(30);

  private final Duration duration;
  private final ScheduledThreadPoolExecutor renewals;

  /** Creates the background thread for leases of the given duration. */
  public CommandLeases(Duration duration) {
    this.duration = duration;
    renewals =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(task, "wfe-postgres-leases");
              thread.setDaemon(true);
              return thread;
            });
    renewals.setRemoveOnCancelPolicy(true);
  }

  Duration duration() {
    return duration;
  }

  /**
   * Starts renewing a new lease, until the returned object is closed.
   *
   * @param requestedNanos the {@link System#nanoTime} before the lease was requested
   * @param renewal renews the lease; returns false if it is lost
   */
  LeaseRenewer startRenewing(long requestedNanos, BooleanSupplier renewal) {
    return new LeaseRenewer(renewals, duration, requestedNanos, renewal);
  }

  /** Stops renewing all leases. */
  @Override
  public void close() {
    renewals.shutdownNow();
  }
}
