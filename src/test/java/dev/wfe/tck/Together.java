package dev.wfe.tck;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.IntFunction;

/** Runs calls at the same time, and waits for them with a time limit. */
final class Together {
  private static final long PATIENCE_SECONDS = 120;

  private Together() {}

  /**
   * Starts the tasks at the same moment, each in a thread of its own.
   *
   * @return what they returned, in the order of their numbers
   * @throws Exception what one of them threw, if any did
   */
  static <T> List<T> run(int count, IntFunction<Callable<T>> tasks) throws Exception {
    CyclicBarrier start = new CyclicBarrier(count);
    ExecutorService threads = Executors.newFixedThreadPool(count);
    try {
      List<Future<T>> running = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        Callable<T> task = tasks.apply(i);
        running.add(
            threads.submit(
                () -> {
                  start.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
                  return task.call();
                }));
      }
      List<T> results = new ArrayList<>();
      for (Future<T> one : running) {
        results.add(one.get(PATIENCE_SECONDS, TimeUnit.SECONDS));
      }
      return results;
    } finally {
      threads.shutdownNow();
    }
  }

  /** Both at the same moment. */
  static <T> List<T> run(Callable<T> one, Callable<T> other) throws Exception {
    return run(2, number -> number == 0 ? one : other);
  }

  /** Asks again and again until the answer is yes. */
  static void until(BooleanSupplier answer) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (!answer.getAsBoolean()) {
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError("It did not happen within " + PATIENCE_SECONDS + " seconds");
      }
      Thread.onSpinWait();
    }
  }
}
