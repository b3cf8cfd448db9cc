package dev.wfe.postgres.internal.repository;

import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.LiveWorkflow;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.Claim;
import dev.wfe.persistence.PersistedWorkflow;
import dev.wfe.persistence.ValueLimits;
import dev.wfe.persistence.WorkflowWrite;
import dev.wfe.persistence.WriteResult;
import dev.wfe.postgres.internal.mapping.PositionedPointer;
import dev.wfe.postgres.internal.mapping.Positions;
import dev.wfe.postgres.internal.sql.Operation;
import dev.wfe.postgres.internal.sql.WorkflowChange;
import dev.wfe.postgres.internal.sql.WorkflowChange.Lease;
import dev.wfe.postgres.internal.sql.WorkflowChange.Update;
import dev.wfe.postgres.internal.sql.WorkflowChange.Written;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Turns the calls that write workflows into changes: assigns ids, and compares the values with what
 * is known to be stored. Thread-safe.
 */
final class WritePlans {
  private WritePlans() {}

  /** The creation of a checked instance. */
  static PlannedWrite<WorkflowInstance> creation(String name, WorkflowInstance given) {
    WorkflowInstance instance = named(given);
    boolean idAssigned = given.id().isEmpty() && given.name().isEmpty();
    List<String> ids = List.of(instance.id());
    return new PlannedWrite<>(
        idAssigned ? Operation.writing(name, ids) : Operation.repeatable(name, ids),
        WorkflowChange.creationOf(instance),
        written ->
            PostgresRevision.withRevision(
                withCreateTime(instance, written),
                written.revision(),
                Positions.upTo(instance.executionPointers().size())));
  }

  private static WorkflowInstance named(WorkflowInstance given) {
    String id = Arguments.idOrNew(given.id());
    String name = given.name().isEmpty() ? id : given.name();
    return given.toBuilder().id(id).name(name).revision(null).build();
  }

  private static WorkflowInstance withCreateTime(WorkflowInstance instance, Written written) {
    return instance.createTime() == null
        ? instance.toBuilder().createTime(written.createTime()).build()
        : instance;
  }

  private static List<EventSubscription> identified(List<EventSubscription> subscriptions) {
    return subscriptions.stream()
        .map(given -> given.toBuilder().id(Arguments.idOrNew(given.id())).build())
        .toList();
  }

  private static List<String> ids(List<EventSubscription> subscriptions) {
    return subscriptions.stream().map(EventSubscription::id).toList();
  }

  /** The persist of a checked instance. */
  static PlannedWrite<PersistedWorkflow> persist(
      String name,
      WorkflowInstance instance,
      @Nullable PostgresRevision revision,
      List<EventSubscription> given) {
    PointerChanges pointers =
        revision == null ? PointerChanges.all(instance) : PointerChanges.since(revision, instance);
    List<EventSubscription> subscriptions = identified(given);
    WorkflowChange change =
        new WorkflowChange(
            update(instance, revision, revision == null, false, null, null),
            pointers.changed(),
            pointers.added(),
            revision == null,
            pointers.removed(),
            List.of(),
            subscriptions,
            List.of(),
            List.of(),
            List.of(),
            List.of());
    return new PlannedWrite<>(
        operation(name, change),
        change,
        written ->
            new PersistedWorkflow(
                PostgresRevision.withRevision(
                    withCreateTime(instance, written), written.revision(), pointers.positions()),
                ids(subscriptions),
                written.replayedIds(),
                written.moreReplayed()));
  }

  private static Operation operation(String name, WorkflowChange change) {
    boolean guarded = Objects.requireNonNull(change.update()).isGuarded();
    return guarded
        ? Operation.repeatable(name, change.ids())
        : Operation.writing(name, change.ids());
  }

  private static Update update(
      WorkflowInstance instance,
      @Nullable PostgresRevision revision,
      boolean replaces,
      boolean endsAllSubscriptions,
      @Nullable Duration dueAfter,
      @Nullable Lease lease) {
    WorkflowInstance stored = revision == null ? null : revision.stored();
    return new Update(
        instance,
        revision == null ? null : revision.text(),
        replaces,
        stored == null || !stored.name().equals(instance.name()),
        stored == null || !Objects.equals(stored.data(), instance.data()),
        !instance.status().isEnded() && (stored == null || stored.status().isEnded()),
        endsAllSubscriptions,
        dueAfter == null ? null : (Long) dueAfter.toMillis(),
        lease);
  }

  /** The general write of a checked value. */
  static PlannedWrite<WriteResult> write(WorkflowWrite write, @Nullable PostgresRevision revision) {
    Set<String> deleted = storable(write.deletedPointerIds());
    WorkflowInstance instance = without(deleted, write.workflow().asInstance());
    Claim claim = write.claim();
    List<EventSubscription> subscriptions = identified(write.subscriptions());
    List<Event> events =
        write.events().stream()
            .map(given -> given.toBuilder().id(Arguments.idOrNew(given.id())).build())
            .toList();
    List<WorkflowInstance> created = write.instances().stream().map(WritePlans::named).toList();
    SentPointers pointers = SentPointers.of(instance, revision);
    List<PositionedPointer> added = pointers.unknown();
    if (!created.isEmpty()) {
      added =
          Stream.concat(
                  added.stream(),
                  created.stream().flatMap(one -> WorkflowChange.pointersOf(one).stream()))
              .toList();
    }
    Lease lease =
        claim == null ? null : new Lease(claim, Objects.requireNonNull(write.leaseAction()));
    WorkflowChange change =
        new WorkflowChange(
            update(
                instance, revision, false, write.endsAllSubscriptions(), write.dueAfter(), lease),
            pointers.changed(),
            added,
            !pointers.unknown().isEmpty() && (revision == null || revision.isPartial()),
            List.copyOf(deleted),
            created,
            subscriptions,
            List.copyOf(storable(write.endedSubscriptionIds())),
            events,
            write.errors(),
            write.commands());
    return new PlannedWrite<>(
        operation("write", change),
        change,
        written ->
            new WriteResult(
                livePart(instance, revision, pointers, written),
                ids(subscriptions),
                events.stream().map(Event::id).toList(),
                created.stream().map(WorkflowInstance::id).toList(),
                written.errorIds(),
                written.replayedIds(),
                written.moreReplayed()));
  }

  private static Set<String> storable(List<String> ids) {
    return ids.stream().filter(ValueLimits::isStorable).collect(Collectors.toSet());
  }

  private static WorkflowInstance without(Set<String> deleted, WorkflowInstance instance) {
    return deleted.isEmpty()
        ? instance
        : instance.toBuilder()
            .executionPointers(
                instance.executionPointers().stream()
                    .filter(pointer -> !deleted.contains(pointer.id()))
                    .toList())
            .build();
  }

  /** Returns the live part of what was written. Writes do not need the positions of pointers. */
  private static LiveWorkflow livePart(
      WorkflowInstance instance,
      @Nullable PostgresRevision revision,
      SentPointers pointers,
      Written written) {
    List<ExecutionPointer> live = livePointers(instance.executionPointers());
    WorkflowInstance.Builder shown =
        withCreateTime(instance, written).toBuilder().executionPointers(live);
    if (written.nextExecution() != null) {
      shown.nextExecution(written.nextExecution());
    }
    long last = revision == null ? written.lastPosition() : revision.lastPosition();
    return PostgresRevision.livePart(
        shown.build(),
        written.revision(),
        new Positions(live.size()),
        last + pointers.unknown().size());
  }

  private static List<ExecutionPointer> livePointers(List<ExecutionPointer> pointers) {
    Set<String> scopes = new HashSet<>();
    boolean allLive = true;
    for (ExecutionPointer pointer : pointers) {
      if (pointer.status().isEnd()) {
        allLive = false;
      } else {
        scopes.addAll(pointer.scope());
      }
    }
    return allLive
        ? pointers
        : pointers.stream()
            .filter(pointer -> !pointer.status().isEnd() || scopes.contains(pointer.id()))
            .toList();
  }

  /**
   * The pointers that a write sends.
   *
   * @param changed those that the revision knows and that differ; they keep their positions
   * @param unknown those that the revision does not know. They are appended, unless they are stored
   */
  private record SentPointers(List<PositionedPointer> changed, List<PositionedPointer> unknown) {
    static SentPointers of(WorkflowInstance instance, @Nullable PostgresRevision revision) {
      SentPointers sent = new SentPointers(new ArrayList<>(), new ArrayList<>());
      List<ExecutionPointer> stored =
          revision == null ? List.of() : revision.stored().executionPointers();
      Map<String, ExecutionPointer> byId = null;
      for (int i = 0; i < instance.executionPointers().size(); i++) {
        ExecutionPointer pointer = instance.executionPointers().get(i);
        ExecutionPointer known = i < stored.size() ? stored.get(i) : null;
        if (known == null || !known.id().equals(pointer.id())) {
          byId = byId == null ? byId(stored) : byId;
          known = byId.get(pointer.id());
        }
        sent.add(instance.id(), pointer, known, revision);
      }
      return sent;
    }

    private static Map<String, ExecutionPointer> byId(List<ExecutionPointer> pointers) {
      Map<String, ExecutionPointer> byId = new HashMap<>();
      pointers.forEach(pointer -> byId.put(pointer.id(), pointer));
      return byId;
    }

    private void add(
        String workflowId,
        ExecutionPointer pointer,
        @Nullable ExecutionPointer known,
        @Nullable PostgresRevision revision) {
      if (known == null) {
        long number = unknown.size() + 1L;
        long position = revision == null ? -number : revision.lastPosition() + number;
        unknown.add(new PositionedPointer(workflowId, pointer, position));
      } else if (!known.equals(pointer)) {
        changed.add(new PositionedPointer(workflowId, pointer, 0));
      }
    }
  }
}
