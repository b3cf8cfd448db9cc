package dev.wfe.memory;

import com.fasterxml.jackson.databind.JsonNode;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ImmutableJson;
import dev.wfe.model.LiveWorkflow;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.DefinitionVersion;
import dev.wfe.persistence.ItemResult;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.Page;
import dev.wfe.persistence.PersistedWorkflow;
import dev.wfe.persistence.Position;
import dev.wfe.persistence.Subject;
import dev.wfe.persistence.ValueLimits;
import dev.wfe.persistence.WorkflowRepository;
import dev.wfe.persistence.WorkflowWrite;
import dev.wfe.persistence.WriteResult;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Workflow instances in memory. Thread-safe. */
final class MemoryWorkflowRepository implements WorkflowRepository {
  private final MemoryTables tables;
  private final WorkflowWriter writer;

  MemoryWorkflowRepository(MemoryTables tables, WorkflowWriter writer) {
    this.tables = tables;
    this.writer = writer;
  }

  @Override
  public String createNewWorkflow(WorkflowInstance instance) {
    ValueLimits.checkNew("createNewWorkflow", instance);
    return tables.atomically(() -> writer.create(instance)).id();
  }

  @Override
  public WorkflowInstance create(WorkflowInstance instance) {
    ValueLimits.checkNew("create", instance);
    return tables.atomically(() -> writer.create(instance));
  }

  @Override
  public List<ItemResult<WorkflowInstance>> createAll(List<WorkflowInstance> instances) {
    return tables.forEach(
        instances,
        ValueLimits.checkEach(
            "createAll",
            "instances",
            instances,
            instance -> ValueLimits.checkNew("create", instance)),
        writer::create);
  }

  @Override
  public WriteResult write(WorkflowWrite write) {
    ValueLimits.check(write);
    return tables.atomically(() -> writer.write(write));
  }

  @Override
  public List<ItemResult<WriteResult>> writeAll(List<WorkflowWrite> writes) {
    return tables.forEach(
        writes,
        ValueLimits.checkEach("writeAll", "writes", writes, ValueLimits::check),
        writer::write);
  }

  @Override
  public WorkflowInstance persistWorkflow(WorkflowInstance instance) {
    ValueLimits.check(instance);
    return tables.atomically(() -> writer.persist(instance, List.of())).instance();
  }

  @Override
  public PersistedWorkflow persistWorkflowWithSubscriptions(
      WorkflowInstance instance, List<EventSubscription> subscriptions) {
    ValueLimits.check(instance, subscriptions);
    return tables.atomically(() -> writer.persist(instance, subscriptions));
  }

  @Override
  public Optional<WorkflowInstance> findPersisted(WorkflowInstance instance) {
    ValueLimits.nonNull("findPersisted", "instance", instance);
    ValueLimits.checkRevision(instance, MemoryRevision.class);
    return tables.atomically(
        () ->
            find(instance.id(), this::whole)
                .filter(stored -> stored.equals(WorkflowWriter.withCreateTime(instance, stored)))
                .filter(stored -> !Objects.equals(stored.revision(), instance.revision())));
  }

  private <T> Optional<T> find(String id, Function<WorkflowRow, T> form) {
    return Optional.ofNullable(tables.workflow(id)).map(form);
  }

  private <T> T get(String id, Function<WorkflowRow, T> form) {
    return find(id, form).orElseThrow(() -> new NotFoundException(Subject.WORKFLOW, id));
  }

  private <T> List<T> getAll(
      String operation, Collection<String> ids, Function<WorkflowRow, T> form) {
    ValueLimits.nonNullElements(operation, "ids", ids);
    return tables.atomically(() -> ids.stream().flatMap(id -> find(id, form).stream()).toList());
  }

  /** The instance with its pointers. */
  WorkflowInstance whole(WorkflowRow row) {
    return row.own().toBuilder()
        .executionPointers(
            tables.pointersByWorkflow.of(row.own().id()).stream().map(PointerRow::pointer).toList())
        .build();
  }

  /** The live part of a workflow. The lock has to be held. */
  LiveWorkflow live(WorkflowRow row) {
    NavigableSet<PointerRow> shown = new TreeSet<>(PointerRow.ORDER);
    for (PointerRow open : tables.openPointersByWorkflow.of(row.own().id())) {
      shown.add(open);
      for (String id : open.pointer().scope()) {
        PointerRow scope = tables.pointers.get(id);
        if (scope != null && scope.workflowId().equals(row.own().id())) {
          shown.add(scope);
        }
      }
    }
    return LiveWorkflow.of(
        row.own().toBuilder()
            .executionPointers(shown.stream().map(PointerRow::pointer).toList())
            .revision(MemoryRevision.ofLivePart(row.own().revision()))
            .build());
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
        () -> {
          NavigableSet<Position> due = new TreeSet<>(MemoryTables.ORDER);
          MemoryTables.after(after, tables.unleased.of(MemoryTables.All.ROWS))
              .takeWhile(position -> !position.time().isAfter(asAt))
              .limit(limit)
              .forEach(due::add);
          tables
              .withExpiredLease()
              .filter(row -> row.isDueAt(asAt))
              .map(WorkflowRow::due)
              .forEach(due::add);
          return MemoryTables.page(MemoryTables.after(after, due), limit);
        });
  }

  @Override
  public WorkflowInstance getWorkflowInstance(String id) {
    ValueLimits.nonNull("getWorkflowInstance", "id", id);
    return tables.atomically(() -> get(id, this::whole));
  }

  @Override
  public WorkflowInstance getWorkflowInstanceByName(String name) {
    ValueLimits.nonNull("getWorkflowInstanceByName", "name", name);
    return tables.atomically(
        () ->
            tables.workflowIdByName.of(name).stream()
                .findFirst()
                .map(id -> get(id, this::whole))
                .orElseThrow(() -> NotFoundException.workflowNamed(name)));
  }

  @Override
  public List<WorkflowInstance> getWorkflowInstances(Collection<String> ids) {
    return getAll("getWorkflowInstances", ids, this::whole);
  }

  @Override
  public LiveWorkflow getLiveWorkflow(String id) {
    ValueLimits.nonNull("getLiveWorkflow", "id", id);
    return tables.atomically(() -> get(id, this::live));
  }

  @Override
  public List<LiveWorkflow> getLiveWorkflows(Collection<String> ids) {
    return getAll("getLiveWorkflows", ids, this::live);
  }

  @Override
  public JsonNode registerDefinition(DefinitionVersion definition, JsonNode graph) {
    ValueLimits.checkRegistration(definition, graph);
    return tables.atomically(
        () -> {
          JsonNode stored = tables.definitions.get(definition);
          if (stored == null) {
            stored = ImmutableJson.of(graph);
            tables.definitions.put(definition, stored);
          }
          return stored;
        });
  }

  @Override
  public Optional<JsonNode> getDefinition(DefinitionVersion definition) {
    ValueLimits.checkDefinition(definition);
    return tables.atomically(() -> Optional.ofNullable(tables.definitions.get(definition)));
  }

  @Override
  public long nextDefinitionSequence(String definitionId) {
    ValueLimits.checkDefinitionId(definitionId);
    return tables.atomically(
        () -> {
          Long last = tables.sequences.get(definitionId);
          long next = last == null ? 1 : last + 1;
          tables.sequences.put(definitionId, next);
          return next;
        });
  }
}
