package dev.wfe.postgres.faults;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits until a condition holds. */
public final class Eventually {
  private static final long PATIENCE_SECONDS = 60;

  private Eventually() {}

  /** Returns once it is true. */
  public static void isTrue(String what, BooleanSupplier condition) {
    isTrue(what, PATIENCE_SECONDS, condition);
  }

  static void isTrue(String what, long patienceSeconds, BooleanSupplier condition) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(patienceSeconds);
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError("Not true in time: " + what);
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
    }
  }
}
