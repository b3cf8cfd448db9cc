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
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the repositories store, the clock, and the lock that guards both. Thread-safe as long as the
 * collections are used within {@link #atomically} only.
 */
final class MemoryTables {
  /** The order of all lists of ids: by time, then by id. */
  static final Comparator<Position> ORDER =
      Comparator.comparing(Position::time).thenComparing(Position::id);

  /** By id; each instance has its current revision. */
  final Map<String, WorkflowInstance> workflows = new HashMap<>();

  /** By id; each event has a time. */
  final Map<String, Event> events = new HashMap<>();

  /** By id. */
  final Map<String, EventSubscription> subscriptions = new HashMap<>();

  /** In the order in which they were first scheduled. */
  final Map<CommandRow.Key, CommandRow> commands = new LinkedHashMap<>();

  final List<ExecutionError> errors = new ArrayList<>();

  /** The last number that was given out, by the definition's id. */
  final Map<String, Long> sequences = new HashMap<>();

  private final ReentrantLock lock = new ReentrantLock();
  private final InstantSource clock;

  MemoryTables(InstantSource clock) {
    this.clock = clock;
  }

  /** Runs the work while no other thread sees or changes what is stored. */
  <T> T atomically(Supplier<T> work) {
    lock.lock();
    try {
      return work.get();
    } finally {
      lock.unlock();
    }
  }

  void atomically(Runnable work) {
    lock.lock();
    try {
      work.run();
    } finally {
      lock.unlock();
    }
  }

  void truncateAll() {
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

  /** The clock's time, truncated as all stored times are. */
  Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MICROS);
  }

  Instant orNow(@Nullable Instant time) {
    return time == null ? now() : time;
  }

  static String orNewId(String id) {
    return id.isEmpty() ? UuidCreator.getTimeOrderedEpoch().toString() : id;
  }

  static Position position(Event stored) {
    return new Position(Objects.requireNonNull(stored.eventTime()), stored.id());
  }

  /** The first {@code limit} of the positions that follow {@code after}, in order. */
  static Page page(Stream<Position> positions, int limit, @Nullable Position after) {
    List<Position> found =
        positions
            .filter(position -> after == null || ORDER.compare(position, after) > 0)
            .sorted(ORDER)
            .limit(limit)
            .toList();
    return new Page(
        found.stream().map(Position::id).toList(),
        found.size() < limit ? null : found.get(found.size() - 1));
  }
}
