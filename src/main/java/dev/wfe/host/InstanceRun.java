package dev.wfe.host;

import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.LiveWorkflow;
import dev.wfe.persistence.Claim;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A claimed instance while this host executes it: what is stored, which steps are being executed,
 * and which outcomes are not stored yet. Thread-safe.
 */
final class InstanceRun {
  private Graph<?> graph;
  private volatile Claim claim;
  private LiveWorkflow live;
  private final List<Outcome> outcomes = new ArrayList<>();
  private final Map<String, @Nullable Watch> executing = new HashMap<>();
  private final Set<String> queued = new HashSet<>();
  private final Set<String> unsettled = new HashSet<>();

  /** The names of the steps whose executions no longer count, by the ids of their pointers. */
  private final Map<String, String> cancelled = new HashMap<>();

  private boolean outdated;

  /** Counts what has become known of the stored instance. */
  private int news;

  private boolean releasing;
  private boolean over;
  private int failures;

  InstanceRun(Graph<?> graph, Claim claim, LiveWorkflow live) {
    this.graph = graph;
    this.claim = claim;
    this.live = live;
  }

  /**
   * A version of the instance, with the graph of its definition.
   *
   * @param live the instance as it is stored
   */
  record Current(Graph<?> graph, LiveWorkflow live) {
    /** The pointer with the id; null if it has ended. */
    @Nullable ExecutionPointer open(String pointerId) {
      return live.pointers().stream()
          .filter(pointer -> pointer.id().equals(pointerId) && !pointer.status().isEnd())
          .findFirst()
          .orElse(null);
    }
  }

  synchronized Current current() {
    return new Current(graph, live);
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

  /** Whether a step in the block is being executed. */
  synchronized boolean isExecutingIn(ExecutionPointer block) {
    return live.pointers().stream()
        .anyMatch(
            pointer -> executing.containsKey(pointer.id()) && pointer.scope().contains(block.id()));
  }

  /**
   * Goes on under a new lease, after this host let the old one expire. Steps that are being
   * executed go on too.
   *
   * @return false if the run is over
   */
  synchronized boolean goOnUnder(Claim newer, Graph<?> graphOfStored, LiveWorkflow stored) {
    if (over) {
      return false;
    }
    claim = newer;
    replace(graphOfStored, stored);
    news++;
    releasing = false;
    return true;
  }

  /** The number to pass to {@link #reload}. Take it before you read the instance. */
  synchronized int news() {
    return news;
  }

  /**
   * Replaces the stored instance by the one that was just read. If something has become known since
   * then, the instance stays outdated: what was read may be older.
   *
   * @param graphOfStored the graph of the version that it runs
   * @param known the news before the instance was read
   */
  synchronized void reload(Graph<?> graphOfStored, LiveWorkflow stored, int known) {
    if (known == news) {
      replace(graphOfStored, stored);
      outdated = false;
      executing.keySet().removeAll(unsettled);
      unsettled.clear();
    }
  }

  private void replace(Graph<?> graphOfStored, LiveWorkflow stored) {
    cancelled.keySet().retainAll(executing.keySet());
    Set<String> open = new HashSet<>();
    stored.pointers().forEach(pointer -> open.add(pointer.id()));
    for (ExecutionPointer pointer : live.pointers()) {
      if (executing.containsKey(pointer.id()) && !open.contains(pointer.id())) {
        cancelled.put(pointer.id(), String.valueOf(pointer.stepName()));
      }
    }
    graph = graphOfStored;
    live = stored;
  }

  /** Another version may be stored: the instance has to be read again. */
  synchronized void outdate() {
    outdated = true;
    news++;
  }

  /** As {@link #outdate()}; the version tells whether the step has to be executed again. */
  synchronized void outdate(String pointerId) {
    outdate();
    unsettled.add(pointerId);
  }

  synchronized boolean isOutdated() {
    return outdated;
  }

  /**
   * The outcomes were stored.
   *
   * @param base the version to which they were applied
   * @param written the version that was stored then
   * @return false if another version became known meanwhile, so that the instance is outdated
   */
  synchronized boolean stored(LiveWorkflow base, LiveWorkflow written, List<Outcome> done) {
    outcomes.removeAll(done);
    done.forEach(outcome -> executing.remove(outcome.pointerId()));
    failures = 0;
    news++;
    if (!Objects.equals(live.revision(), base.revision())) {
      outdated = true;
      return false;
    }
    live = written;
    return true;
  }

  /** As {@link #stored}, for a step that stored its outcome in its own transaction. */
  synchronized boolean committed(LiveWorkflow base, LiveWorkflow written, String pointerId) {
    boolean isCurrent = stored(base, written, List.of());
    if (isCurrent) {
      executing.remove(pointerId);
    } else {
      unsettled.add(pointerId);
    }
    return isCurrent;
  }

  /** Whether a write is under way that releases the lease. */
  synchronized void releasing(boolean isReleasing) {
    releasing = isReleasing;
  }

  synchronized boolean isReleasing() {
    return releasing;
  }

  /** Counts one more attempt that the database prevented; returns how many there were in a row. */
  synchronized int countPrevented() {
    return ++failures;
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
    executing.putIfAbsent(outcome.pointerId(), null);
    outcomes.add(outcome);
    return true;
  }

  /**
   * Whether the step of the pointer was not being executed, and now waits for a thread. False, too,
   * if another version of the pointer has become known: it may have been executed meanwhile. And
   * while an execution of the same step goes on that no longer counts.
   */
  synchronized boolean begin(ExecutionPointer pointer) {
    if (over
        || outdated
        || executing.containsKey(pointer.id())
        || !isKnown(pointer)
        || isExecutedInVain(pointer.stepName())) {
      return false;
    }
    executing.put(pointer.id(), null);
    queued.add(pointer.id());
    return true;
  }

  /** Whether an execution of the step goes on that was cancelled or discarded. */
  private boolean isExecutedInVain(@Nullable String stepName) {
    return cancelled.entrySet().stream()
        .anyMatch(each -> each.getValue().equals(stepName) && executing.containsKey(each.getKey()));
  }

  @SuppressWarnings("ReferenceEquality") // another object may have another state
  private boolean isKnown(ExecutionPointer pointer) {
    return live.pointers().stream().anyMatch(known -> known == pointer);
  }

  /** The step has got a thread; false if it must not be executed any more. */
  synchronized boolean start(String pointerId) {
    return queued.remove(pointerId) && !over;
  }

  /** Steps that wait for a thread are not executed. */
  synchronized void dropQueued() {
    executing.keySet().removeAll(queued);
    queued.clear();
  }

  /** The execution ended without an outcome to store. */
  synchronized void forget(String pointerId) {
    executing.remove(pointerId);
    queued.remove(pointerId);
  }

  /** Names the execution to interrupt if the lease is lost; false if it is lost already. */
  synchronized boolean enter(String pointerId, Watch watch) {
    if (over) {
      return false;
    }
    executing.put(pointerId, watch);
    return true;
  }

  /** How long the step was executed whose outcome is not stored yet; null if it was not. */
  synchronized @Nullable Duration duration(String pointerId) {
    Watch watch = executing.get(pointerId);
    return watch == null ? null : watch.duration();
  }

  /** Ends the run: outcomes are forgotten, and executing threads are interrupted. */
  synchronized void end() {
    over = true;
    notifyAll();
    for (Watch watch : executing.values()) {
      if (watch != null) {
        watch.interrupt();
      }
    }
  }

  synchronized boolean isOver() {
    return over;
  }

  /** Waits for the time, or until the run is over. */
  synchronized void pause(Duration time) throws InterruptedException {
    long end = System.nanoTime() + time.toNanos();
    for (long left = time.toMillis(); !over && left > 0; ) {
      wait(left);
      left = (end - System.nanoTime()) / 1_000_000;
    }
  }

  /** Makes the next write suspend the instance. */
  void block(String message) {
    List<Outcome> reported = outcomes();
    List<String> blocked =
        reported.isEmpty()
            ? live().pointers().stream()
                .filter(pointer -> !pointer.status().isEnd() && !Engine.isHeld(pointer))
                .map(ExecutionPointer::id)
                .limit(1)
                .toList()
            : reported.stream().map(Outcome::pointerId).distinct().toList();
    replace(blocked.stream().<Outcome>map(id -> new Outcome.Blocked(id, message)).toList());
  }
}
