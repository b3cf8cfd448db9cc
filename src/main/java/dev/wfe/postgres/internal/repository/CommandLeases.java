package dev.wfe.postgres.internal.repository;

import java.time.Duration;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.function.BooleanSupplier;

/** Keeps the leases of commands that are being handled, in one thread. Thread-safe. */
public final class CommandLeases implements AutoCloseable {
  /** How long a dead host keeps its commands from others. */
  public static final Duration DURATION = Duration.ofSeconds(30);

  private final Duration duration;
  private final ScheduledThreadPoolExecutor renewals;

  /** Of the duration each. */
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
   * Keeps one that was just taken, until the keeper is closed.
   *
   * @param askedNanos the {@link System#nanoTime} before the lease was asked for
   */
  LeaseKeeper keep(long askedNanos, BooleanSupplier renewal) {
    return new LeaseKeeper(renewals, duration, askedNanos, renewal);
  }

  /** Renews none any more. */
  @Override
  public void close() {
    renewals.shutdownNow();
  }
}
