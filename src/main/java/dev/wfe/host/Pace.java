package dev.wfe.host;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * How fast a loop polls: at once after it found work or was woken, else after a pause that doubles
 * from the shortest to the longest, with jitter so that hosts do not poll in step. Hints that find
 * no work become rarer, because all hosts of a store get a hint when one of them has work.
 * Thread-safe.
 */
final class Pace {
  /** As good as never. */
  static final Duration FOREVER = Duration.ofDays(1);

  /** How long hints wait after the last poll at most. */
  private static final Duration LONGEST_GAP = Duration.ofMillis(50);

  private static final double JITTER = 0.2;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition woken = lock.newCondition();
  private final Duration shortest;
  private final Duration longest;
  private Duration next;
  private boolean wake;
  private boolean hinted;

  /** How long a hint waits after the last poll. It doubles with each one that finds no work. */
  private Duration gap = Duration.ZERO;

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

  /**
   * As {@link #wake}, because somebody may have made work due. If earlier hints found nothing, this
   * one waits a little, unless the last poll was long ago.
   */
  void hint() {
    lock.lock();
    try {
      hinted = true;
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

  /** The loop found work: the next pause is the shortest, and hints do not wait. */
  void found() {
    lock.lock();
    try {
      next = shortest;
      gap = Duration.ZERO;
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
      long now = System.nanoTime();
      long end = now + pause.toNanos();
      long hintTime = now + gap.toNanos();
      for (long left = left(end, hintTime); !wake && left > 0; left = left(end, hintTime)) {
        long unused = woken.awaitNanos(left);
      }
      if (wake) {
        next = shortest;
      } else if (hinted) {
        gap = Collections.min(List.of(gap.multipliedBy(2).plusMillis(1), shortest, LONGEST_GAP));
      }
      wake = false;
      hinted = false;
      if (wakeTime != null && wakeTime - System.nanoTime() <= 0) {
        wakeTime = null;
      }
    } finally {
      lock.unlock();
    }
  }

  /** The nanoseconds until the end, or until the loop is to be woken or may follow a hint. */
  private long left(long end, long hintTime) {
    long now = System.nanoTime();
    long left = hinted ? Math.min(end - now, hintTime - now) : end - now;
    return wakeTime == null ? left : Math.min(left, wakeTime - now);
  }

  private static Duration jittered(Duration pause) {
    double factor = 1 + JITTER * (2 * ThreadLocalRandom.current().nextDouble() - 1);
    return Duration.ofNanos(Math.round(pause.toNanos() * factor));
  }
}
