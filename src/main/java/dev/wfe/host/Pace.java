package dev.wfe.host;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * How fast a loop polls: at once after it found work or was woken, else after a pause that doubles
 * from the shortest to the longest, with jitter so that hosts do not poll in step. Thread-safe.
 */
final class Pace {
  /** As good as never. */
  static final Duration FOREVER = Duration.ofDays(1);

  private static final double JITTER = 0.2;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition woken = lock.newCondition();
  private final Duration shortest;
  private final Duration longest;
  private Duration next;
  private boolean wake;
  private @Nullable Long wakeTime;

  Pace(Duration shortest, Duration longest) {
    this.shortest = shortest;
    this.longest = longest;
    this.next = shortest;
  }

  /** Ends the pause of the loop, or skips its next one. */
  void wake() {
    lock.lock();
    try {
      wake = true;
      woken.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** As {@link #wake}, after the time at the latest; at once if it is not positive. */
  void wakeAfter(Duration time) {
    if (time.compareTo(Duration.ZERO) <= 0) {
      wake();
      return;
    }
    lock.lock();
    try {
      long nanos = time.compareTo(longest) < 0 ? time.toNanos() : longest.toNanos();
      long end = System.nanoTime() + nanos;
      if (wakeTime == null || end - wakeTime < 0) {
        wakeTime = end;
        woken.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /** The loop found work: the next pause is the shortest. */
  void found() {
    lock.lock();
    try {
      next = shortest;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Pauses until woken, or until the pause or the given time is over.
   *
   * @param atMost the loop has work at this time
   */
  void pause(Duration atMost) throws InterruptedException {
    lock.lock();
    try {
      Duration pause = next.compareTo(atMost) < 0 ? jittered(next) : atMost;
      next = next.multipliedBy(2).compareTo(longest) < 0 ? next.multipliedBy(2) : longest;
      long end = System.nanoTime() + pause.toNanos();
      for (long left = left(end); !wake && left > 0; left = left(end)) {
        long unused = woken.awaitNanos(left);
      }
      if (wake) {
        next = shortest;
      }
      wake = false;
      if (wakeTime != null && wakeTime - System.nanoTime() <= 0) {
        wakeTime = null;
      }
    } finally {
      lock.unlock();
    }
  }

  /** The nanoseconds until the end, or until the loop is to be woken. */
  private long left(long end) {
    long now = System.nanoTime();
    return wakeTime == null ? end - now : Math.min(end - now, wakeTime - now);
  }

  private static Duration jittered(Duration pause) {
    double factor = 1 + JITTER * (2 * ThreadLocalRandom.current().nextDouble() - 1);
    return Duration.ofNanos(Math.round(pause.toNanos() * factor));
  }
}
