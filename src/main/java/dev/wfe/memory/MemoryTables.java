package dev.wfe.memory;

import static java.util.Comparator.comparing;
import static java.util.Comparator.naturalOrder;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.f4b6a3.uuid.UuidCreator;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionError;
import dev.wfe.model.Topic;
import dev.wfe.persistence.CallerTransactionException;
import dev.wfe.persistence.DefinitionVersion;
import dev.wfe.persistence.InvalidValueException;
import dev.wfe.persistence.ItemResult;
import dev.wfe.persistence.Page;
import dev.wfe.persistence.Position;
import dev.wfe.persistence.StoreException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the repositories store, the clock, and the lock that guards both. Thread-safe as long as the
 * tables are used within {@link #atomically} only.
 */
final class MemoryTables {
  /** The order of all lists of ids: by time, then by id. */
  static final Comparator<Position> ORDER = comparing(Position::time).thenComparing(Position::id);

  private static final Comparator<EventSubscription> OLDEST_FIRST =
      comparing(EventSubscription::subscribeAsOf).thenComparing(EventSubscription::id);

  /** The only group of an index that has one. */
  enum All {
    ROWS;

    /** The group of a row that belongs to the index under a condition. */
    static @Nullable All rowsIf(boolean condition) {
      return condition ? ROWS : null;
    }
  }

  final MemoryIndex<WorkflowRow, String, String> workflowIdByName =
      new MemoryIndex<>(row -> row.own().name(), row -> row.own().id(), naturalOrder());

  /** When workflows are due, leased or not. */
  final MemoryIndex<WorkflowRow, DefinitionVersion, Position> scheduled =
      new MemoryIndex<>(
          row -> row.isScheduled() ? row.definition() : null, WorkflowRow::due, ORDER);

  /** When workflows are due on which there is no lease. */
  final MemoryIndex<WorkflowRow, WorkflowRow.Queue, Position> unleasedByQueue =
      new MemoryIndex<>(
          row -> row.isScheduled() && row.lease() == null ? row.queue() : null,
          WorkflowRow::due,
          ORDER);

  /** When workflows are due on which there is no lease. */
  final MemoryIndex<WorkflowRow, All, Position> unleased =
      new MemoryIndex<>(
          row -> All.rowsIf(row.isScheduled() && row.lease() == null), WorkflowRow::due, ORDER);

  /** When leases on workflows expire. */
  final MemoryIndex<WorkflowRow, All, Position> workflowLeases =
      new MemoryIndex<>(
          row -> All.rowsIf(row.lease() != null),
          row -> expiry(row.lease(), row.own().id()),
          ORDER);

  final MemoryIndex<PointerRow, String, PointerRow> pointersByWorkflow =
      new MemoryIndex<>(PointerRow::workflowId, row -> row, PointerRow.ORDER);

  /** The pointers that have not ended. */
  final MemoryIndex<PointerRow, String, PointerRow> openPointersByWorkflow =
      new MemoryIndex<>(
          row -> row.pointer().status().isEnd() ? null : row.workflowId(),
          row -> row,
          PointerRow.ORDER);

  final MemoryIndex<EventRow, Topic, Position> eventsByTopic =
      new MemoryIndex<>(row -> Topic.of(row.event()), EventRow::position, ORDER);

  final MemoryIndex<EventRow, Topic, Position> processedEventsByTopic =
      new MemoryIndex<>(
          row -> row.event().processed() ? Topic.of(row.event()) : null, EventRow::position, ORDER);

  final MemoryIndex<EventRow, All, Position> unprocessedEvents =
      new MemoryIndex<>(row -> All.rowsIf(!row.event().processed()), EventRow::position, ORDER);

  /** The unprocessed events on which there is no lease. */
  final MemoryIndex<EventRow, All, Position> unleasedEvents =
      new MemoryIndex<>(
          row -> All.rowsIf(!row.event().processed() && row.lease() == null),
          EventRow::position,
          ORDER);

  /** When leases on events expire. */
  final MemoryIndex<EventRow, All, Position> eventLeases =
      new MemoryIndex<>(
          row -> All.rowsIf(row.lease() != null),
          row -> expiry(row.lease(), row.event().id()),
          ORDER);

  final MemoryIndex<EventSubscription, Topic, EventSubscription> subscriptionsByTopic =
      new MemoryIndex<>(Topic::of, subscription -> subscription, OLDEST_FIRST);

  final MemoryIndex<EventSubscription, String, EventSubscription> subscriptionsByWorkflow =
      new MemoryIndex<>(EventSubscription::workflowId, subscription -> subscription, OLDEST_FIRST);

  /** The commands on which no handler is working. */
  final MemoryIndex<CommandRow, All, CommandRow> openCommands =
      new MemoryIndex<>(row -> All.rowsIf(row.claim() == null), row -> row, CommandRow.ORDER);

  /** Claims of workflows whose definition has a rate. Claims are never undone. */
  final List<LimitUse> limitUses = new ArrayList<>();

  /** Undoes the changes of the operation or transaction that holds the lock, in their order. */
  private final List<Runnable> journal = new ArrayList<>();

  private final MemoryTable<String, WorkflowRow> workflows =
      new MemoryTable<>(
          new HashMap<>(),
          journal,
          List.of(workflowIdByName, scheduled, unleasedByQueue, unleased, workflowLeases));

  /** By the pointer's id. */
  final MemoryTable<String, PointerRow> pointers =
      new MemoryTable<>(
          new HashMap<>(), journal, List.of(pointersByWorkflow, openPointersByWorkflow));

  private final MemoryTable<String, EventRow> events =
      new MemoryTable<>(
          new HashMap<>(),
          journal,
          List.of(
              eventsByTopic,
              processedEventsByTopic,
              unprocessedEvents,
              unleasedEvents,
              eventLeases));

  final MemoryTable<String, EventSubscription> subscriptions =
      new MemoryTable<>(
          new HashMap<>(), journal, List.of(subscriptionsByTopic, subscriptionsByWorkflow));

  final MemoryTable<CommandRow.Key, CommandRow> commands =
      new MemoryTable<>(new HashMap<>(), journal, List.of(openCommands));

  final MemoryTable<Long, ExecutionError> errors =
      new MemoryTable<>(new TreeMap<>(), journal, List.of());

  /** The last number that was given out, by the definition's id. */
  final MemoryTable<String, Long> sequences =
      new MemoryTable<>(new HashMap<>(), journal, List.of());

  /** The graphs. */
  final MemoryTable<DefinitionVersion, JsonNode> definitions =
      new MemoryTable<>(new HashMap<>(), journal, List.of());

  /** By the id of the host. */
  final MemoryTable<String, HostRow> hosts = new MemoryTable<>(new HashMap<>(), journal, List.of());

  final WorkListeners workListeners = new WorkListeners();

  private final ReentrantLock lock = new ReentrantLock();
  private final InstantSource clock;
  private long lastNumber;
  private boolean workIsDue;

  MemoryTables(InstantSource clock) {
    this.clock = clock;
  }

  private static Position expiry(@Nullable Lease lease, String id) {
    return new Position(lease == null ? Instant.MAX : lease.expiry(), id);
  }

  /**
   * Runs the work while no other thread sees or changes what is stored. If it throws, what it has
   * changed is undone.
   */
  <T> T atomically(Supplier<T> work) {
    lock.lock();
    int savepoint = journal.size();
    boolean isDone = false;
    try {
      T result = work.get();
      isDone = true;
      return result;
    } finally {
      leave(savepoint, isDone);
    }
  }

  void atomically(Runnable work) {
    atomically(
        () -> {
          work.run();
          return true;
        });
  }

  /** Runs the work of a caller's transaction, as {@link #atomically} does. */
  <T extends @Nullable Object> T inTransaction(Callable<T> work) throws Exception {
    requireIndependent("inTransaction");
    lock.lock();
    boolean isDone = false;
    try {
      T result = work.call();
      isDone = true;
      return result;
    } finally {
      leave(0, isDone);
    }
  }

  private void leave(int savepoint, boolean isDone) {
    if (!isDone) {
      while (journal.size() > savepoint) {
        journal.remove(journal.size() - 1).run();
      }
    }
    boolean isOver = lock.getHoldCount() == 1;
    boolean isToBeTold = isOver && isDone && workIsDue;
    if (isOver) {
      journal.clear();
      workIsDue = false;
    }
    lock.unlock();
    if (isToBeTold) {
      workListeners.call();
    }
  }

  /** Refuses an operation that must not be part of a transaction, if this thread is in one. */
  void requireIndependent(String operation) {
    if (lock.isHeldByCurrentThread()) {
      throw new CallerTransactionException(
          operation, "cannot be part of a transaction; call it outside", List.of(), null);
    }
  }

  /**
   * Executes an operation for each element. If one is refused, the others are executed.
   *
   * @param refusals for each element the reason to refuse it, or null
   */
  <T, R> List<ItemResult<R>> forEach(
      List<T> elements, List<@Nullable InvalidValueException> refusals, Function<T, R> operation) {
    return atomically(
        () -> {
          List<ItemResult<R>> results = new ArrayList<>(elements.size());
          for (int i = 0; i < elements.size(); i++) {
            StoreException refusal = refusals.get(i);
            results.add(
                refusal == null
                    ? execute(operation, elements.get(i))
                    : new ItemResult.Refused<>(refusal));
          }
          return results;
        });
  }

  private <T, R> ItemResult<R> execute(Function<T, R> operation, T element) {
    try {
      return new ItemResult.Written<>(atomically(() -> operation.apply(element)));
    } catch (StoreException refused) {
      return new ItemResult.Refused<>(refused);
    }
  }

  void truncateAll() {
    atomically(
        () -> {
          Stream.of(
                  workflows,
                  pointers,
                  events,
                  subscriptions,
                  commands,
                  errors,
                  sequences,
                  definitions,
                  hosts)
              .forEach(MemoryTable::clear);
          limitUses.clear();
        });
  }

  @Nullable WorkflowRow workflow(String id) {
    return workflows.get(id);
  }

  void put(WorkflowRow row) {
    workflows.put(row.own().id(), row);
    workIsDue |= row.lease() == null && row.isDueAt(now());
  }

  Collection<WorkflowRow> allWorkflows() {
    return workflows.all();
  }

  void removeEvent(String id) {
    events.remove(id);
  }

  void removeWorkflow(String id) {
    workflows.remove(id);
    List.copyOf(pointersByWorkflow.of(id)).forEach(row -> pointers.remove(row.pointer().id()));
  }

  /** The workflows whose lease has expired. */
  Stream<WorkflowRow> withExpiredLease() {
    return expired(workflowLeases).map(id -> Objects.requireNonNull(workflows.get(id)));
  }

  /** The ids of those whose lease has expired. */
  <V> Stream<String> expired(MemoryIndex<V, All, Position> leases) {
    Instant now = now();
    return leases.of(All.ROWS).stream()
        .takeWhile(position -> !position.time().isAfter(now))
        .map(Position::id);
  }

  @Nullable EventRow event(String id) {
    return events.get(id);
  }

  Collection<EventRow> allEvents() {
    return events.all();
  }

  void put(EventRow row) {
    events.put(row.event().id(), row);
    workIsDue |= row.lease() == null && !row.event().processed();
  }

  void put(EventSubscription subscription) {
    subscriptions.put(subscription.id(), subscription);
    workIsDue |= subscription.subscriptionData() != null && subscription.externalToken() == null;
  }

  /** A number that is higher than all before. */
  long nextNumber() {
    return ++lastNumber;
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

  /** The first {@code limit} of the positions, which are in order. */
  static Page page(Stream<Position> positions, int limit) {
    List<Position> found = positions.limit(limit).toList();
    return new Page(
        found.stream().map(Position::id).toList(),
        found.size() < limit ? null : found.get(found.size() - 1));
  }

  /** The positions that follow one, or all, in order. */
  static Stream<Position> after(@Nullable Position position, NavigableSet<Position> positions) {
    return (position == null ? positions : positions.tailSet(position, false)).stream();
  }
}
