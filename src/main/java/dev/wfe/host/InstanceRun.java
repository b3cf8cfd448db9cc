package dev.wfe.host;

import dev.wfe.model.LiveWorkflow;
import dev.wfe.persistence.Claim;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A claimed instance while this host executes it: what is stored, which steps are being executed,
 * and which outcomes are not stored yet. Thread-safe.
 *
 * @param <D> the class of the workflow's data
 */
final class InstanceRun<D> {
  private final Graph<D> graph;
  private final Claim claim;
  private LiveWorkflow live;
  private final List<Outcome> outcomes = new ArrayList<>();
  private final Map<String, @Nullable Thread> executing = new HashMap<>();
  private boolean over;

  InstanceRun(Graph<D> graph, Claim claim, LiveWorkflow live) {
    this.graph = graph;
    this.claim = claim;
    this.live = live;
  }

  Graph<D> graph() {
    return graph;
  }

  Claim claim() {
    return claim;
  }

  synchronized LiveWorkflow live() {
    return live;
  }

  /** The outcomes that are not stored yet. */
  synchronized List<Outcome> outcomes() {
    return List.copyOf(outcomes);
  }

  /** Whether steps are being executed whose outcomes are not among the given ones. */
  synchronized boolean isExecutingOthers(List<Outcome> known) {
    Set<String> others = new HashSet<>(executing.keySet());
    known.forEach(outcome -> others.remove(outcome.pointerId()));
    return !others.isEmpty();
  }

  /** What is stored was read again. */
  synchronized void reload(LiveWorkflow stored) {
    live = stored;
  }

  /** The outcomes were stored, and the instance is now the given one. */
  synchronized void stored(LiveWorkflow written, List<Outcome> done) {
    live = written;
    outcomes.removeAll(done);
    done.forEach(outcome -> executing.remove(outcome.pointerId()));
  }

  /** Replaces the outcomes, none of which can be stored. */
  synchronized void replace(List<Outcome> others) {
    outcomes.clear();
    outcomes.addAll(others);
  }

  /** Adds an outcome; false if the run is over, so that the outcome must be forgotten. */
  synchronized boolean add(Outcome outcome) {
    if (over) {
      return false;
    }
    executing.put(outcome.pointerId(), null);
    outcomes.add(outcome);
    return true;
  }

  /** Whether the step of the pointer was not being executed, and is now. */
  synchronized boolean begin(String pointerId) {
    if (over || executing.containsKey(pointerId)) {
      return false;
    }
    executing.put(pointerId, null);
    return true;
  }

  /** The execution ended without an outcome to store. */
  synchronized void forget(String pointerId) {
    executing.remove(pointerId);
  }

  /** Names the thread to interrupt if the lease is lost; false if it is lost already. */
  synchronized boolean enter(String pointerId, Thread thread) {
    if (over) {
      return false;
    }
    executing.put(pointerId, thread);
    return true;
  }

  /** The thread no longer executes the step. Clears an interrupt that was meant for the step. */
  synchronized boolean leave(String pointerId) {
    if (executing.containsKey(pointerId)) {
      executing.put(pointerId, null);
    }
    return over;
  }

  /** Ends the run: outcomes are forgotten, and executing threads are interrupted. */
  synchronized void end() {
    over = true;
    for (Thread thread : executing.values()) {
      if (thread != null) {
        thread.interrupt();
      }
    }
  }

  synchronized boolean isOver() {
    return over;
  }
}
