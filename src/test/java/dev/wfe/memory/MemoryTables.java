package dev.wfe.memory;

import com.github.f4b6a3.uuid.UuidCreator;
import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionError;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.Page;
import dev.wfe.persistence.Position;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * All that a store in memory holds, for any number of providers over it. One lock guards
 * everything, so each operation that runs within {@link #atomically} sees and leaves a whole state.
 * Thread-safe if its maps are used there only.
 */
public final class MemoryTables {
  /** The order of all lists of what is runnable. */
  static final Comparator<Position> ORDER =
      Comparator.comparing(Position::time).thenComparing(Position::id);

  private final ReentrantLock lock = new ReentrantLock();
  private final InstantSource clock;

  /** By id, each with the revision of its last write. */
  final Map<String, WorkflowInstance> workflows = new HashMap<>();

  final Map<String, Event> events = new HashMap<>();
  final Map<String, EventSubscription> subscriptions = new HashMap<>();
  final List<CommandRow> commands = new ArrayList<>();
  final List<ExecutionError> errors = new ArrayList<>();

  /** The last number given out, by definition. */
  final Map<String, Long> sequences = new HashMap<>();

  /** Empty tables, whose expiries are decided by the clock. */
  public MemoryTables(InstantSource clock) {
    this.clock = clock;
  }

  <T> T atomically(Supplier<T> work) {
    lock.lock();
    try {
      return work.get();
    } finally {
      lock.unlock();
    }
  }

  void atomically(Runnable work) {
    atomically(
        () -> {
          work.run();
          return true;
        });
  }

  Instant now() {
    return clock.instant();
  }

  /** Whether the workflow of the subscription is there and has not ended. */
  boolean isAwaited(EventSubscription subscription) {
    WorkflowInstance workflow = workflows.get(subscription.workflowId());
    return workflow != null && !workflow.status().isEnded();
  }

  /** The time, or the clock's where it is absent. */
  Instant orNow(@Nullable Instant time) {
    return time == null ? now() : time;
  }

  /** The stored errors, in the order in which they were stored. */
  public List<ExecutionError> errors() {
    return atomically(() -> List.copyOf(errors));
  }

  /** As an operator would by hand: the workflow and its pointers are gone. */
  public void deleteWorkflow(String id) {
    atomically(() -> workflows.remove(id));
  }

  /** Empties every table. */
  public void clear() {
    atomically(
        () -> {
          workflows.clear();
          events.clear();
          subscriptions.clear();
          commands.clear();
          errors.clear();
          sequences.clear();
        });
  }

  /** The first of the positions, which are in order, that stand behind the given one. */
  static Page page(List<Position> ordered, int limit, @Nullable Position after) {
    List<Position> found =
        ordered.stream()
            .filter(position -> after == null || ORDER.compare(position, after) > 0)
            .limit(limit)
            .toList();
    return new Page(
        found.stream().map(Position::id).toList(),
        found.size() < limit ? null : found.get(found.size() - 1));
  }

  static String orNewId(String id) {
    return id.isEmpty() ? UuidCreator.getTimeOrderedEpoch().toString() : id;
  }
}
