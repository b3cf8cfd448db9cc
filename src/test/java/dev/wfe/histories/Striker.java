package dev.wfe.histories;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Strikes with all faults in turns, each turn in another order, at random moments, in a thread of
 * its own; with each at least once.
 */
final class Striker {
  private final List<Fault> faults;
  private final Random random;
  private final int maxPauseMillis;
  private final Map<String, Integer> strikes = new TreeMap<>();
  private final Thread thread = new Thread(this::strike, "faults");
  private volatile boolean stopped;
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
      boolean eachStruck = false;
      while (!stopped || !eachStruck) {
        List<Fault> turn = new ArrayList<>(faults);
        Collections.shuffle(turn, random);
        for (Fault fault : turn) {
          TimeUnit.MILLISECONDS.sleep(1 + random.nextInt(maxPauseMillis));
          if (stopped && eachStruck) {
            return;
          }
          fault.strike();
          strikes.merge(fault.name(), 1, Integer::sum);
        }
        eachStruck = true;
      }
    } catch (Exception e) {
      failure = e;
    }
  }

  /** No more faults when this returns; gives how often each struck. */
  Map<String, Integer> stop() throws Exception {
    stopped = true;
    thread.join();
    Exception failed = failure;
    if (failed != null) {
      throw failed;
    }
    return strikes;
  }
}
