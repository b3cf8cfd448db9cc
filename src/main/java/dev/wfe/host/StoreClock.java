package dev.wfe.host;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;

/**
 * The database's time, as this process knows it: the time of the last claim, plus what has passed
 * since then. The clock of the host does not matter. Thread-safe.
 */
final class StoreClock implements InstantSource {
  private record Reading(Instant time, long nanos) {}

  /** This process's clock gains less than one part of so many. */
  private static final int MOST_DRIFT = 1_000;

  private final CountDownLatch read = new CountDownLatch(1);
  private volatile Reading last = new Reading(Instant.now(), System.nanoTime());

  /** Takes over the database's time. */
  void set(Instant time) {
    last = new Reading(time, System.nanoTime());
    read.countDown();
  }

  /** Waits until the database's time is known: before, {@link #instant} is this process's time. */
  void awaitFirstReading() throws InterruptedException {
    read.await();
  }

  /**
   * The due time of work that is due now, in epoch milliseconds. A little earlier than {@link
   * #instant}, so that it has passed even if this process's clock is a thousandth too fast. 0
   * before the first reading.
   */
  long dueNow() {
    if (read.getCount() > 0) {
      return 0;
    }
    Reading reading = last;
    long elapsed = System.nanoTime() - reading.nanos();
    return reading.time().plusNanos(elapsed - elapsed / MOST_DRIFT).minusMillis(1).toEpochMilli();
  }

  @Override
  public Instant instant() {
    Reading reading = last;
    return reading.time().plus(Duration.ofNanos(System.nanoTime() - reading.nanos()));
  }
}
