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

  /** How old a reading may be that is taken for a due time. */
  private static final long RECENT_NANOS = Duration.ofSeconds(1).toNanos();

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
   * The due time of work that is due now, in epoch milliseconds: the last reading, so that it has
   * passed whatever the clocks do. 0 if that is not known or too old.
   */
  long dueNow() {
    Reading reading = last;
    boolean isRecent = System.nanoTime() - reading.nanos() < RECENT_NANOS;
    return read.getCount() == 0 && isRecent ? reading.time().toEpochMilli() : 0;
  }

  @Override
  public Instant instant() {
    Reading reading = last;
    return reading.time().plus(Duration.ofNanos(System.nanoTime() - reading.nanos()));
  }
}
