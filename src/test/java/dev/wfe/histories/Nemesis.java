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
 * Injects faults in a thread of its own, at random moments: all faults in each turn, every turn in
 * another order. Each fault is injected at least once.
 */
public final class Nemesis {
  private final List<Fault> faults;
  private final Random random;
  private final int maxPauseMillis;
  private final Map<String, Integer> injections = new TreeMap<>();
  private final Thread thread = new Thread(this::run, "nemesis");
  private volatile boolean stopped;
  private volatile @Nullable Exception failure;

  /**
   * Begins, unless there are no faults.
   *
   * @param maxPauseMillis the longest pause between two faults
   */
  public Nemesis(List<Fault> faults, Random random, int maxPauseMillis) {
    this.faults = faults;
    this.random = random;
    this.maxPauseMillis = maxPauseMillis;
    if (!faults.isEmpty()) {
      thread.start();
    }
  }

  private void run() {
    try {
      boolean eachInjected = false;
      while (!stopped || !eachInjected) {
        List<Fault> turn = new ArrayList<>(faults);
        Collections.shuffle(turn, random);
        for (Fault fault : turn) {
          TimeUnit.MILLISECONDS.sleep(1 + random.nextInt(maxPauseMillis));
          if (stopped && eachInjected) {
            return;
          }
          fault.inject();
          injections.merge(fault.name(), 1, Integer::sum);
        }
        eachInjected = true;
      }
    } catch (Exception e) {
      failure = e;
    }
  }

  /** No more faults when this returns; gives how often each injection. */
  public Map<String, Integer> stop() throws Exception {
    stopped = true;
    thread.join();
    Exception failed = failure;
    if (failed != null) {
      throw failed;
    }
    return injections;
  }
}
