package dev.wfe.histories.workload;

import dev.wfe.histories.Recorder;
import dev.wfe.persistence.PersistenceProvider;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * One thread's way to the store.
 *
 * @param provider the store
 * @param recorder records this thread's calls
 * @param random decides what is called, and with what
 */
record Caller(PersistenceProvider provider, Recorder recorder, Random random) {
  /**
   * One of a few keys that all threads of all processes use for some time, and then no more: so
   * they race, and the history of a key stays short however long the run is.
   */
  String hotKey(String kind, int count, long millis) {
    long slice = System.nanoTime() / TimeUnit.MILLISECONDS.toNanos(millis);
    return "%s-%s-%s".formatted(kind, random.nextInt(count), slice);
  }

  /** True in so many of a hundred cases. */
  boolean inPercent(int percent) {
    return random.nextInt(100) < percent;
  }
}
