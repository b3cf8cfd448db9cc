package dev.wfe.host;

import dev.wfe.persistence.Claim;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The instances that a host holds: it has leases on them, and executes what can be executed.
 * Thread-safe.
 */
final class HeldRuns {
  private final Definitions definitions;
  private final Capacity capacity;
  private final Listeners listeners;
  private final Consumer<Duration> claimAfter;
  private final Map<Claim, InstanceRun> runs = new ConcurrentHashMap<>();
  private volatile boolean isFull;
  private volatile boolean isDraining;

  /**
   * Creates an empty set.
   *
   * @param claimAfter is told when there is a reason to claim: the host was full and is not any
   *     more, or it gave back an instance that is due later or whose definition has limits
   */
  HeldRuns(
      Definitions definitions,
      Capacity capacity,
      Listeners listeners,
      Consumer<Duration> claimAfter) {
    this.definitions = definitions;
    this.capacity = capacity;
    this.listeners = listeners;
    this.claimAfter = claimAfter;
  }

  /** How many more instances the host can execute. */
  int free() {
    return capacity.current() - runs.size();
  }

  private boolean hasRoomForMany() {
    return free() >= Math.max(1, capacity.current() / 4);
  }

  /**
   * Whether to claim again at once, because the host can execute many more. If not, it is told when
   * it can; until then it claims a few whenever it polls.
   */
  boolean claimsAgain() {
    if (hasRoomForMany()) {
      return true;
    }
    isFull = true;
    // Looked at again: instances that ended before the host was marked full have told nobody.
    return hasRoomForMany();
  }

  /**
   * Adjusts how many instances are held to what has ended since.
   *
   * @param most how many instances there is memory for
   */
  void adjust(int most) {
    capacity.adjust(System.nanoTime(), most);
  }

  int size() {
    return runs.size();
  }

  Collection<InstanceRun> all() {
    return runs.values();
  }

  List<Claim> claims() {
    return List.copyOf(runs.keySet());
  }

  @Nullable InstanceRun of(Claim claim) {
    return runs.get(claim);
  }

  void add(InstanceRun run) {
    runs.put(run.claim(), run);
  }

  /** The run goes on under another lease. */
  void replace(Claim older, InstanceRun run) {
    runs.put(run.claim(), run);
    runs.remove(older);
  }

  /** From now on, nothing begins. */
  void drain() {
    isDraining = true;
  }

  boolean isDraining() {
    return isDraining;
  }

  /** Ends all runs, and returns their claims. */
  List<Claim> leave() {
    List<Claim> left = claims();
    runs.values().forEach(InstanceRun::end);
    runs.clear();
    return left;
  }

  /** Ends a run whose lease another host has taken over. */
  void lose(InstanceRun run) {
    if (end(run)) {
      listeners.tell(listener -> listener.leaseLost(run.current().graph().definition()));
    }
  }

  /** Ends the run; false if it was over. */
  boolean end(InstanceRun run) {
    run.end();
    boolean isFirst = runs.remove(run.claim()) != null;
    if (isFirst) {
      capacity.ended();
    }
    if (isFull && hasRoomForMany()) {
      isFull = false;
      claimAfter.accept(Duration.ZERO);
    }
    return isFirst;
  }

  /** Another instance of a definition with limits may be claimed after this one was given back. */
  void freed(InstanceRun run) {
    if (definitions.limits().containsKey(run.live().workflowDefinitionId())) {
      claimAfter.accept(Duration.ZERO);
    }
  }

  /** An instance that was given back is due after the time. */
  void dueAfter(Duration time) {
    claimAfter.accept(time);
  }
}
