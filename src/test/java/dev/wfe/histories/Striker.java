package dev.wfe.histories;

import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Strikes with one of the faults after the other, at random moments, in a thread of its own. */
final class Striker {
  private final List<Fault> faults;
  private final Random random;
  private final int maxPauseMillis;
  private final Map<String, Integer> strikes = new TreeMap<>();
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final Thread thread = new Thread(this::strike, "faults");
  private volatile @Nullable Exception failure;

  Striker(List<Fault> faults, Random random, int maxPauseMillis) {
    this.faults = faults;
    this.random = random;
    this.maxPauseMillis = maxPauseMillis;
    if (!faults.isEmpty()) {
      thread.start();
    }
  }

  private void strike() {
    try {
      while (!stopped.await(1 + random.nextInt(maxPauseMillis), TimeUnit.MILLISECONDS)) {
        Fault fault = faults.get(random.nextInt(faults.size()));
        fault.strike();
        strikes.merge(fault.name(), 1, Integer::sum);
      }
    } catch (Exception e) {
      failure = e;
    }
  }

  /** No more faults when this returns; gives how often each struck. */
  Map<String, Integer> stop() throws Exception {
    stopped.countDown();
    thread.join();
    Exception failed = failure;
    if (failed != null) {
      throw failed;
    }
    return strikes;
  }
}
