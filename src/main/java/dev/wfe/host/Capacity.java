package dev.wfe.host;

import java.time.Duration;

/**
 * How many instances a host holds. Claims and writes of many instances cost less for each, so while
 * instances end quickly, the host holds as many as end within a short time. An instance never waits
 * much longer than that time for a thread. Thread-safe.
 */
final class Capacity {
  /** What the host holds at least lasts for so long, unless that is more than the greatest. */
  private static final long HELD_NANOS = Duration.ofMillis(50).toNanos();

  /** Over what time instances that end are counted at least. */
  private static final long COUNTED_NANOS = Duration.ofMillis(5).toNanos();

  private final int least;
  private final int greatest;
  private int current;
  private int ended;
  private long countedSince;

  /**
   * Begins with the least capacity.
   *
   * @param now as {@link System#nanoTime}
   */
  Capacity(int least, int greatest, long now) {
    this.least = least;
    this.greatest = greatest;
    this.current = least;
    this.countedSince = now;
  }

  /** Counts an instance that ended. */
  synchronized void ended() {
    ended++;
  }

  /** How many instances the host holds, as it was last adjusted. */
  synchronized int current() {
    return current;
  }

  /**
   * Adjusts the capacity to what has ended since it was last adjusted.
   *
   * @param most how many instances there is memory for; the least capacity is kept in any case
   */
  synchronized void adjust(long now, int most) {
    long time = now - countedSince;
    if (time >= COUNTED_NANOS) {
      double held = (double) ended * HELD_NANOS / time;
      current = (int) Math.max(least, Math.min(Math.min(greatest, most), held));
      ended = 0;
      countedSince = now;
    }
  }
}
