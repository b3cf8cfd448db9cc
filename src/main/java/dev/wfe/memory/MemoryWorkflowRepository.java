package dev.wfe.memory;

import static java.util.Comparator.naturalOrder;

import com.fasterxml.jackson.databind.JsonNode;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.LiveWorkflow;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.DefinitionVersion;
import dev.wfe.persistence.DuplicateException;
import dev.wfe.persistence.ItemResult;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.Page;
import dev.wfe.persistence.PersistedWorkflow;
import dev.wfe.persistence.Position;
import dev.wfe.persistence.StaleRevisionException;
import dev.wfe.persistence.Subject;
import dev.wfe.persistence.ValueLimits;
import dev.wfe.persistence.WorkflowRepository;
import dev.wfe.persistence.WorkflowWrite;
import dev.wfe.persistence.WriteResult;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Workflow instances in memory. Thread-safe. */
final class MemoryWorkflowRepository implements WorkflowRepository {
  private final MemoryTables tables;
  private final MemorySubscriptionRepository subscriptions;

  MemoryWorkflowRepository(MemoryTables tables, MemorySubscriptionRepository subscriptions) {
    this.tables = tables;
    this.subscriptions = subscriptions;
  }

  @Override
  public String createNewWorkflow(WorkflowInstance instance) {
    ValueLimits.checkNew("createNewWorkflow", instance);
    String id = MemoryTables.orNewId(instance.id());
    String name = instance.name().isEmpty() ? id : instance.name();
    tables.atomically(
        () -> {
          if (tables.workflows.containsKey(id)) {
            throw new DuplicateException(Subject.WORKFLOW, "id", id);
          }
          WorkflowInstance created =
              instance.toBuilder()
                  .id(id)
                  .name(name)
                  .createTime(tables.orNow(instance.createTime()))
                  .build();
          requireFree(created);
          put(created);
        });
    return id;
  }

  @Override
  public WorkflowInstance persistWorkflow(WorkflowInstance instance) {
    ValueLimits.check(instance);
    return persist(instance, List.of()).instance();
  }

  @Override
  public PersistedWorkflow persistWorkflowWithSubscriptions(
      WorkflowInstance instance, List<EventSubscription> given) {
    ValueLimits.check(instance, given);
    return persist(instance, given);
  }

  private PersistedWorkflow persist(WorkflowInstance instance, List<EventSubscription> given) {
    ValueLimits.checkRevision(instance, MemoryRevision.class);
    return tables.atomically(
        () -> {
          WorkflowInstance before = requireCurrent(instance);
          requireFree(instance);
          subscriptions.requireNewIds(given);
          WorkflowInstance stored = put(withCreateTime(instance, before));
          List<EventSubscription> added = subscriptions.addAll(given);
          boolean isRevived = before.status().isEnded() && !stored.status().isEnded();
          List<EventSubscription> revived =
              isRevived ? subscriptions.ofWorkflow(stored.id()) : List.of();
          List<String> eventIds =
              subscriptions.replay(Stream.concat(revived.stream(), added.stream()).toList());
          return new PersistedWorkflow(
              stored,
              added.stream().map(EventSubscription::id).toList(),
              eventIds.stream().limit(PersistedWorkflow.MAX_EVENT_IDS).toList(),
              eventIds.size() > PersistedWorkflow.MAX_EVENT_IDS);
        });
  }

  @Override
  public Optional<WorkflowInstance> findPersisted(WorkflowInstance instance) {
    ValueLimits.nonNull("findPersisted", "instance", instance);
    ValueLimits.checkRevision(instance, MemoryRevision.class);
    return tables.atomically(
        () ->
            Optional.ofNullable(tables.workflows.get(instance.id()))
                .filter(stored -> stored.equals(withCreateTime(instance, stored)))
                .filter(stored -> !Objects.equals(stored.revision(), instance.revision())));
  }

  /** The instance; if its create time is absent, with the stored one. */
  private static WorkflowInstance withCreateTime(
      WorkflowInstance instance, WorkflowInstance stored) {
    return instance.createTime() == null
        ? instance.toBuilder().createTime(stored.createTime()).build()
        : instance;
  }

  /** The stored instance, which the given one may replace. */
  private WorkflowInstance requireCurrent(WorkflowInstance instance) {
    WorkflowInstance stored = tables.workflows.get(instance.id());
    if (stored == null) {
      throw new NotFoundException(Subject.WORKFLOW, instance.id());
    }
    if (instance.revision() != null && !instance.revision().equals(stored.revision())) {
      throw new StaleRevisionException(instance.id());
    }
    return stored;
  }

  /**
   * Refuses a name or a pointer's id that belongs to another workflow. If several pointer ids do,
   * the exception names the first of them in order.
   */
  private void requireFree(WorkflowInstance instance) {
    List<WorkflowInstance> others =
        tables.workflows.values().stream()
            .filter(other -> !other.id().equals(instance.id()))
            .toList();
    if (others.stream().anyMatch(other -> other.name().equals(instance.name()))) {
      throw new DuplicateException(Subject.WORKFLOW, "name", instance.name());
    }
    Set<String> pointerIds =
        instance.executionPointers().stream().map(ExecutionPointer::id).collect(Collectors.toSet());
    others.stream()
        .flatMap(other -> other.executionPointers().stream())
        .map(ExecutionPointer::id)
        .filter(pointerIds::contains)
        .min(naturalOrder())
        .ifPresent(
            id -> {
              throw new DuplicateException(Subject.EXECUTION_POINTER, "id", id);
            });
  }

  private WorkflowInstance put(WorkflowInstance instance) {
    WorkflowInstance stored = instance.toBuilder().revision(new MemoryRevision()).build();
    tables.workflows.put(stored.id(), stored);
    return stored;
  }

  @Override
  public List<String> getRunnableInstances(Instant asAt) {
    return getRunnableInstances(asAt, Integer.MAX_VALUE);
  }

  @Override
  public List<String> getRunnableInstances(Instant asAt, int limit) {
    return getRunnableInstances(asAt, limit, null).ids();
  }

  @Override
  public Page getRunnableInstances(Instant asAt, int limit, @Nullable Position after) {
    String operation = "getRunnableInstances";
    ValueLimits.nonNull(operation, "asAt", asAt);
    ValueLimits.checkLimit(operation, limit);
    ValueLimits.checkPosition(operation, after);
    return tables.atomically(
        () ->
            MemoryTables.page(
                tables.workflows.values().stream()
                    .filter(workflow -> workflow.status() == WorkflowStatus.RUNNABLE)
                    .flatMap(workflow -> position(workflow).stream())
                    .filter(position -> !position.time().isAfter(asAt)),
                limit,
                after));
  }

  /** Empty if the workflow is not scheduled. */
  private static Optional<Position> position(WorkflowInstance workflow) {
    return Optional.ofNullable(workflow.nextExecution())
        .map(time -> new Position(Instant.ofEpochMilli(time), workflow.id()));
  }

  @Override
  public WorkflowInstance getWorkflowInstance(String id) {
    ValueLimits.nonNull("getWorkflowInstance", "id", id);
    return tables.atomically(
        () ->
            Optional.ofNullable(tables.workflows.get(id))
                .orElseThrow(() -> new NotFoundException(Subject.WORKFLOW, id)));
  }

  @Override
  public WorkflowInstance getWorkflowInstanceByName(String name) {
    ValueLimits.nonNull("getWorkflowInstanceByName", "name", name);
    return tables.atomically(
        () ->
            tables.workflows.values().stream()
                .filter(workflow -> workflow.name().equals(name))
                .findAny()
                .orElseThrow(() -> NotFoundException.workflowNamed(name)));
  }

  @Override
  public List<WorkflowInstance> getWorkflowInstances(Collection<String> ids) {
    ValueLimits.nonNull("getWorkflowInstances", "ids", ids);
    ids.forEach(id -> ValueLimits.nonNull("getWorkflowInstances", "ids", id));
    return tables.atomically(
        () ->
            ids.stream().filter(tables.workflows::containsKey).map(tables.workflows::get).toList());
  }

  @Override
  public long nextDefinitionSequence(String definitionId) {
    ValueLimits.checkDefinitionId(definitionId);
    return tables.atomically(() -> tables.sequences.merge(definitionId, 1L, Long::sum));
  }

  @Override
  public WorkflowInstance create(WorkflowInstance instance) {
    throw new UnsupportedOperationException("not built yet");
  }

  @Override
  public List<ItemResult<WorkflowInstance>> createAll(List<WorkflowInstance> instances) {
    throw new UnsupportedOperationException("not built yet");
  }

  @Override
  public WriteResult write(WorkflowWrite write) {
    throw new UnsupportedOperationException("not built yet");
  }

  @Override
  public List<ItemResult<WriteResult>> writeAll(List<WorkflowWrite> writes) {
    throw new UnsupportedOperationException("not built yet");
  }

  @Override
  public LiveWorkflow getLiveWorkflow(String id) {
    throw new UnsupportedOperationException("not built yet");
  }

  @Override
  public List<LiveWorkflow> getLiveWorkflows(Collection<String> ids) {
    throw new UnsupportedOperationException("not built yet");
  }

  @Override
  public JsonNode registerDefinition(DefinitionVersion definition, JsonNode graph) {
    throw new UnsupportedOperationException("not built yet");
  }
}
