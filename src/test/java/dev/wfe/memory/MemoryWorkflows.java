package dev.wfe.memory;

import static java.util.Comparator.comparing;
import static java.util.Comparator.naturalOrder;

import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.DuplicateException;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.Page;
import dev.wfe.persistence.PersistedWorkflow;
import dev.wfe.persistence.Position;
import dev.wfe.persistence.StaleRevisionException;
import dev.wfe.persistence.Subject;
import dev.wfe.persistence.ValueLimits;
import dev.wfe.persistence.WorkflowRepository;
import java.math.BigInteger;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Keeps workflows in memory. Thread-safe. */
final class MemoryWorkflows implements WorkflowRepository {
  private final MemoryTables tables;
  private final MemorySubscriptions subscriptions;

  MemoryWorkflows(MemoryTables tables, MemorySubscriptions subscriptions) {
    this.tables = tables;
    this.subscriptions = subscriptions;
  }

  @Override
  public String createNewWorkflow(WorkflowInstance instance) {
    ValueLimits.checkNew(instance);
    String id = MemoryTables.orNewId(instance.id());
    String name = instance.name().isEmpty() ? id : instance.name();
    tables.atomically(
        () -> {
          if (tables.workflows.containsKey(id)) {
            throw new DuplicateException(Subject.WORKFLOW, "id", id);
          }
          WorkflowInstance named =
              instance.toBuilder()
                  .id(id)
                  .name(name)
                  .createTime(tables.orNow(instance.createTime()))
                  .build();
          requireFree(named);
          put(named);
        });
    return id;
  }

  @Override
  public WorkflowInstance persistWorkflow(WorkflowInstance instance) {
    ValueLimits.check(instance);
    return tables.atomically(
        () -> {
          WorkflowInstance before = requireCurrent(instance);
          requireFree(instance);
          List<EventSubscription> revived = revivedBy(instance);
          WorkflowInstance stored = put(stamped(instance, before));
          var unused = subscriptions.bringBackCovered(revived);
          return stored;
        });
  }

  @Override
  public PersistedWorkflow persistWorkflowWithSubscriptions(
      WorkflowInstance instance, List<EventSubscription> given) {
    ValueLimits.check(instance, given);
    return tables.atomically(
        () -> {
          WorkflowInstance before = requireCurrent(instance);
          requireFree(instance);
          subscriptions.requireNewIds(given);
          List<EventSubscription> revived = revivedBy(instance);
          WorkflowInstance stored = put(stamped(instance, before));
          List<EventSubscription> added = subscriptions.addAll(given);
          List<String> broughtBack =
              subscriptions.bringBackCovered(
                  Stream.concat(revived.stream(), added.stream()).toList());
          return new PersistedWorkflow(
              stored,
              added.stream().map(EventSubscription::id).toList(),
              broughtBack.stream().limit(PersistedWorkflow.MAX_EVENT_IDS).toList(),
              broughtBack.size() > PersistedWorkflow.MAX_EVENT_IDS);
        });
  }

  @Override
  public Optional<WorkflowInstance> findPersisted(WorkflowInstance instance) {
    ValueLimits.nonNull("findPersisted", "instance", instance);
    return tables.atomically(
        () ->
            Optional.ofNullable(tables.workflows.get(instance.id()))
                .filter(stored -> stored.equals(stamped(instance, stored)))
                .filter(stored -> !Objects.equals(stored.revision(), instance.revision())));
  }

  /** The subscriptions that held nothing back, because the workflow had ended, and now do. */
  private List<EventSubscription> revivedBy(WorkflowInstance instance) {
    WorkflowInstance stored = tables.workflows.get(instance.id());
    return stored != null && stored.status().isEnded() && !instance.status().isEnded()
        ? tables.subscriptions.values().stream()
            .filter(subscription -> subscription.workflowId().equals(instance.id()))
            .toList()
        : List.of();
  }

  /** The instance with a create time: its own, or else the stored one. */
  private static WorkflowInstance stamped(WorkflowInstance instance, WorkflowInstance stored) {
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

  /** Refuses what belongs to another workflow: the name, or else the least of the pointer ids. */
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
    ValueLimits.nonNull("getRunnableInstances", "asAt", asAt);
    ValueLimits.checkLimit("getRunnableInstances", limit);
    return tables.atomically(
        () ->
            tables.workflows.values().stream()
                .filter(workflow -> workflow.status() == WorkflowStatus.RUNNABLE)
                .filter(isDue(asAt))
                .sorted(
                    comparing((WorkflowInstance workflow) -> nextExecution(workflow))
                        .thenComparing(WorkflowInstance::id))
                .limit(limit)
                .map(WorkflowInstance::id)
                .toList());
  }

  @Override
  public Page getRunnableInstances(Instant asAt, int limit, @Nullable Position after) {
    ValueLimits.nonNull("getRunnableInstances", "asAt", asAt);
    ValueLimits.checkLimit("getRunnableInstances", limit);
    ValueLimits.checkPosition("getRunnableInstances", after);
    return tables.atomically(
        () ->
            MemoryTables.page(
                tables.workflows.values().stream()
                    .filter(workflow -> workflow.status() == WorkflowStatus.RUNNABLE)
                    .filter(isDue(asAt))
                    .map(
                        workflow ->
                            new Position(
                                Instant.ofEpochMilli(nextExecution(workflow)), workflow.id()))
                    .sorted(MemoryTables.ORDER)
                    .toList(),
                limit,
                after));
  }

  private static Predicate<WorkflowInstance> isDue(Instant asAt) {
    return workflow -> workflow.nextExecution() != null && !isAfter(workflow.nextExecution(), asAt);
  }

  private static long nextExecution(WorkflowInstance workflow) {
    return Objects.requireNonNull(workflow.nextExecution());
  }

  /** For every instant there is: most are further away than epoch milliseconds reach. */
  static boolean isAfter(long epochMillis, Instant instant) {
    BigInteger nanosOfInstant =
        BigInteger.valueOf(instant.getEpochSecond())
            .multiply(BigInteger.valueOf(1_000_000_000))
            .add(BigInteger.valueOf(instant.getNano()));
    BigInteger nanos = BigInteger.valueOf(epochMillis).multiply(BigInteger.valueOf(1_000_000));
    return nanos.compareTo(nanosOfInstant) > 0;
  }

  @Override
  public WorkflowInstance getWorkflowInstance(String id) {
    ValueLimits.nonNull("getWorkflowInstance", "id", id);
    return tables.atomically(
        () -> {
          WorkflowInstance workflow = tables.workflows.get(id);
          if (workflow == null) {
            throw new NotFoundException(Subject.WORKFLOW, id);
          }
          return workflow;
        });
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
}
