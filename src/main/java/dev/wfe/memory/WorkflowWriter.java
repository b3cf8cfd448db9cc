package dev.wfe.memory;

import static java.util.Comparator.naturalOrder;

import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionError;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.LiveWorkflow;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.Claim;
import dev.wfe.persistence.DuplicateException;
import dev.wfe.persistence.LeaseLostException;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.PersistedWorkflow;
import dev.wfe.persistence.StaleRevisionException;
import dev.wfe.persistence.Subject;
import dev.wfe.persistence.ValueLimits;
import dev.wfe.persistence.WorkflowWrite;
import dev.wfe.persistence.WorkflowWrite.LeaseAction;
import dev.wfe.persistence.WriteResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Creates and writes workflows, with all that belongs to a write. The lock of {@link MemoryTables}
 * has to be held; what a failed call has changed is undone by its caller.
 */
final class WorkflowWriter {
  private final MemoryTables tables;
  private final MemorySubscriptionRepository subscriptions;
  private final MemoryEventRepository events;
  private final MemoryCommandRepository commands;

  WorkflowWriter(
      MemoryTables tables,
      MemorySubscriptionRepository subscriptions,
      MemoryEventRepository events,
      MemoryCommandRepository commands) {
    this.tables = tables;
    this.subscriptions = subscriptions;
    this.events = events;
    this.commands = commands;
  }

  /** What becomes of stored pointers. */
  private enum PointerMode {
    /** Those that the value does not contain are left alone, and new ones are appended. */
    MERGE,
    /** The value contains all pointers, in their order. */
    REPLACE
  }

  /** A row that was written, and the events that became unprocessed. */
  private record Written(
      WorkflowRow row, List<EventSubscription> subscriptions, List<String> replayedEventIds) {
    List<String> subscriptionIds() {
      return subscriptions.stream().map(EventSubscription::id).toList();
    }

    List<String> firstReplayedEventIds() {
      return replayedEventIds.stream().limit(PersistedWorkflow.MAX_EVENT_IDS).toList();
    }

    boolean hasMoreReplayed() {
      return replayedEventIds.size() > PersistedWorkflow.MAX_EVENT_IDS;
    }
  }

  /** Stores a new instance, and returns it as it is stored. */
  WorkflowInstance create(WorkflowInstance instance) {
    String id = MemoryTables.orNewId(instance.id());
    if (tables.workflow(id) != null) {
      throw new DuplicateException(Subject.WORKFLOW, "id", id);
    }
    WorkflowInstance created =
        instance.toBuilder()
            .id(id)
            .name(instance.name().isEmpty() ? id : instance.name())
            .createTime(tables.orNow(instance.createTime()))
            .revision(MemoryRevision.ofNewVersion())
            .build();
    requireFreeKeys(created);
    tables.put(rowOf(created, replacePointers(created), null));
    return created;
  }

  /** Replaces an instance, and adds subscriptions. */
  PersistedWorkflow persist(WorkflowInstance instance, List<EventSubscription> added) {
    MemoryRevision.requireWhole(instance);
    WorkflowWrite write = WorkflowWrite.of(instance).subscribe(added).build();
    Written written = writeOwn(write, PointerMode.REPLACE);
    return new PersistedWorkflow(
        written.row().own().toBuilder().executionPointers(instance.executionPointers()).build(),
        written.subscriptionIds(),
        written.firstReplayedEventIds(),
        written.hasMoreReplayed());
  }

  WriteResult write(WorkflowWrite write) {
    Written written = writeOwn(write, PointerMode.MERGE);
    List<String> eventIds = new ArrayList<>();
    for (Event event : write.events()) {
      eventIds.add(events.add(event));
    }
    List<String> instanceIds = new ArrayList<>();
    for (WorkflowInstance instance : write.instances()) {
      instanceIds.add(create(instance).id());
    }
    write.commands().forEach(commands::schedule);
    return new WriteResult(
        shown(written.row().own(), write),
        written.subscriptionIds(),
        eventIds,
        instanceIds,
        addErrors(write.errors()),
        written.firstReplayedEventIds(),
        written.hasMoreReplayed());
  }

  /** Stores the errors, and returns their ids. */
  List<Long> addErrors(List<ExecutionError> errors) {
    List<Long> ids = new ArrayList<>();
    for (ExecutionError error : errors) {
      long id = tables.nextNumber();
      tables.errors.put(id, error);
      ids.add(id);
    }
    return ids;
  }

  /** Writes the workflow, its pointers, its subscriptions and its lease. */
  private Written writeOwn(WorkflowWrite write, PointerMode mode) {
    WorkflowInstance value = write.workflow().asInstance();
    ValueLimits.checkRevision(write.workflow(), MemoryRevision.class);
    WorkflowRow before = tables.workflow(value.id());
    if (before == null) {
      throw new NotFoundException(Subject.WORKFLOW, value.id());
    }
    Lease lease = leaseAfter(write, before.lease());
    if (value.revision() != null && !value.revision().equals(before.own().revision())) {
      throw new StaleRevisionException(value.id());
    }
    requireFreeKeys(value);
    WorkflowInstance stored =
        withCreateTime(value, before.own()).toBuilder()
            .nextExecution(nextExecution(write))
            .revision(MemoryRevision.ofNewVersion())
            .build();
    long lastPosition =
        mode == PointerMode.REPLACE ? replacePointers(value) : mergePointers(write, before);
    WorkflowRow row = rowOf(stored, lastPosition, lease);
    tables.put(row);

    List<EventSubscription> added = subscriptions.addAll(write.subscriptions());
    Set<String> addedIds = added.stream().map(EventSubscription::id).collect(Collectors.toSet());
    endSubscriptions(write, addedIds);
    boolean isRevived = before.own().status().isEnded() && !stored.status().isEnded();
    List<EventSubscription> revived = isRevived ? subscriptions.ofWorkflow(stored.id()) : List.of();
    return new Written(
        row, added, subscriptions.replay(Stream.concat(revived.stream(), added.stream()).toList()));
  }

  private WorkflowRow rowOf(WorkflowInstance instance, long lastPosition, @Nullable Lease lease) {
    return new WorkflowRow(
        instance.toBuilder().executionPointers(List.of()).build(),
        lastPosition,
        tables.now(),
        lease);
  }

  private static @Nullable Lease leaseAfter(WorkflowWrite write, @Nullable Lease lease) {
    Claim claim = write.claim();
    if (claim == null) {
      return lease;
    }
    if (lease == null || !lease.isOf(claim)) {
      throw new LeaseLostException(claim);
    }
    return write.leaseAction() == LeaseAction.KEEP ? lease.withAttempt(0) : null;
  }

  /** The instance; if its create time is absent, with the stored one. */
  static WorkflowInstance withCreateTime(WorkflowInstance instance, WorkflowInstance stored) {
    return instance.createTime() == null
        ? instance.toBuilder().createTime(stored.createTime()).build()
        : instance;
  }

  private @Nullable Long nextExecution(WorkflowWrite write) {
    Duration delay = write.dueAfter();
    return delay == null
        ? write.workflow().nextExecution()
        : Long.valueOf(tables.now().toEpochMilli() + delay.toMillis());
  }

  /**
   * Refuses a name or a pointer's id that belongs to another workflow. If several pointer ids do,
   * the exception names the first of them in order.
   */
  private void requireFreeKeys(WorkflowInstance instance) {
    if (tables.workflowIdByName.of(instance.name()).stream()
        .anyMatch(id -> !id.equals(instance.id()))) {
      throw new DuplicateException(Subject.WORKFLOW, "name", instance.name());
    }
    instance.executionPointers().stream()
        .map(ExecutionPointer::id)
        .filter(id -> isForeign(tables.pointers.get(id), instance.id()))
        .min(naturalOrder())
        .ifPresent(
            id -> {
              throw new DuplicateException(Subject.EXECUTION_POINTER, "id", id);
            });
  }

  private static boolean isForeign(@Nullable PointerRow pointer, String workflowId) {
    return pointer != null && !pointer.workflowId().equals(workflowId);
  }

  /** Returns the last position. */
  private long replacePointers(WorkflowInstance value) {
    Set<String> kept =
        value.executionPointers().stream().map(ExecutionPointer::id).collect(Collectors.toSet());
    for (PointerRow row : List.copyOf(tables.pointersByWorkflow.of(value.id()))) {
      if (!kept.contains(row.pointer().id())) {
        tables.pointers.remove(row.pointer().id());
      }
    }
    long position = 0;
    for (ExecutionPointer pointer : value.executionPointers()) {
      position++;
      tables.pointers.put(pointer.id(), new PointerRow(value.id(), position, pointer));
    }
    return position;
  }

  /** Returns the last position. */
  private long mergePointers(WorkflowWrite write, WorkflowRow before) {
    String workflowId = before.own().id();
    long last = before.lastPosition();
    for (ExecutionPointer pointer : write.workflow().pointers()) {
      PointerRow stored = tables.pointers.get(pointer.id());
      long position = stored == null ? ++last : stored.position();
      tables.pointers.put(pointer.id(), new PointerRow(workflowId, position, pointer));
    }
    for (String id : write.deletedPointerIds()) {
      PointerRow stored = tables.pointers.get(id);
      if (stored != null && stored.workflowId().equals(workflowId)) {
        tables.pointers.remove(id);
      }
    }
    return last;
  }

  /** Ends subscriptions of the workflow, except those that the same write added. */
  private void endSubscriptions(WorkflowWrite write, Set<String> added) {
    Set<String> named = new HashSet<>(write.endedSubscriptionIds());
    if (!write.endsAllSubscriptions() && named.isEmpty()) {
      return;
    }
    for (EventSubscription subscription : subscriptions.ofWorkflow(write.workflow().id())) {
      boolean ends = write.endsAllSubscriptions() || named.contains(subscription.id());
      if (ends && !added.contains(subscription.id())) {
        tables.subscriptions.remove(subscription.id());
      }
    }
  }

  /** The written value, with what the next write needs. */
  private static LiveWorkflow shown(WorkflowInstance stored, WorkflowWrite write) {
    Set<String> deleted = Set.copyOf(write.deletedPointerIds());
    List<ExecutionPointer> left =
        write.workflow().pointers().stream()
            .filter(pointer -> !deleted.contains(pointer.id()))
            .toList();
    Set<String> scopes =
        left.stream()
            .filter(pointer -> !pointer.status().isEnd())
            .flatMap(pointer -> pointer.scope().stream())
            .collect(Collectors.toSet());
    return LiveWorkflow.of(
        stored.toBuilder()
            .executionPointers(
                left.stream()
                    .filter(pointer -> !pointer.status().isEnd() || scopes.contains(pointer.id()))
                    .toList())
            .revision(MemoryRevision.ofLivePart(stored.revision()))
            .build());
  }
}
