package dev.wfe.postgres.internal.repository;

import com.fasterxml.jackson.databind.JsonNode;
import dev.wfe.model.EventSubscription;
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
import dev.wfe.postgres.internal.mapping.InstanceRows;
import dev.wfe.postgres.internal.mapping.Instants;
import dev.wfe.postgres.internal.mapping.Json;
import dev.wfe.postgres.internal.mapping.ReadRows;
import dev.wfe.postgres.internal.mapping.StoreFields;
import dev.wfe.postgres.internal.mapping.StoredWorkflow;
import dev.wfe.postgres.internal.sql.NamedSql;
import dev.wfe.postgres.internal.sql.Operation;
import dev.wfe.postgres.internal.sql.SqlErrors;
import dev.wfe.postgres.internal.sql.WorkflowSql;
import dev.wfe.postgres.internal.transaction.StatementExecutor;
import dev.wfe.postgres.internal.transaction.TransactionScope;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Workflow instances in PostgreSQL. Thread-safe. */
public final class PostgresWorkflowRepository implements WorkflowRepository {
  private final TransactionScope scope;
  private final WorkflowSql sql;
  private final WorkflowWriter writer;
  private final WorkSignals signals;

  /** Runs its operations in the scope. */
  PostgresWorkflowRepository(
      TransactionScope scope, WorkflowSql sql, WorkflowWriter writer, WorkSignals signals) {
    this.scope = scope;
    this.sql = sql;
    this.writer = writer;
    this.signals = signals;
  }

  @Override
  public String createNewWorkflow(WorkflowInstance instance) {
    String operation = "createNewWorkflow";
    long bytes = ValueLimits.checkNew(operation, instance);
    return created(WritePlans.creation(operation, instance), bytes).id();
  }

  @Override
  public WorkflowInstance create(WorkflowInstance instance) {
    long bytes = ValueLimits.checkNew("create", instance);
    return created(WritePlans.creation("create", instance), bytes);
  }

  private WorkflowInstance created(PlannedWrite<WorkflowInstance> creation, long bytes) {
    WorkflowInstance created = writer.write(creation, bytes);
    signals.signalIf(WorkSignals.isDue(created));
    return created;
  }

  @Override
  public List<ItemResult<WorkflowInstance>> createAll(List<WorkflowInstance> instances) {
    List<ItemResult<WorkflowInstance>> results =
        writer.writeAll(
            "createAll",
            "instances",
            instances,
            instance -> ValueLimits.checkNew("create", instance),
            instance -> WritePlans.creation("create", instance));
    signals.signalIf(WorkSignals.anyWritten(results, WorkSignals::isDue));
    return results;
  }

  @Override
  public WorkflowInstance persistWorkflow(WorkflowInstance instance) {
    String operation = "persistWorkflow";
    PostgresRevision revision =
        PostgresRevision.of(ValueLimits.nonNull(operation, "instance", instance));
    long bytes =
        revision == null
            ? ValueLimits.check(instance)
            : ValueLimits.check(instance, revision.stored());
    return persisted(WritePlans.persist(operation, instance, revision, List.of()), bytes)
        .instance();
  }

  @Override
  public PersistedWorkflow persistWorkflowWithSubscriptions(
      WorkflowInstance instance, List<EventSubscription> subscriptions) {
    String operation = "persistWorkflowWithSubscriptions";
    PostgresRevision revision =
        PostgresRevision.of(ValueLimits.nonNull(operation, "instance", instance));
    long bytes =
        revision == null
            ? ValueLimits.check(instance, subscriptions)
            : ValueLimits.check(instance, revision.stored(), subscriptions);
    return persisted(WritePlans.persist(operation, instance, revision, subscriptions), bytes);
  }

  private PersistedWorkflow persisted(PlannedWrite<PersistedWorkflow> persist, long bytes) {
    PersistedWorkflow persisted = writer.write(persist, bytes);
    signals.signalIf(
        WorkSignals.isDue(persisted) || WorkSignals.anyOffer(persist.change().subscriptions()));
    return persisted;
  }

  @Override
  public WriteResult write(WorkflowWrite write) {
    long bytes = check(write);
    WriteResult result = writer.write(plan(write), bytes);
    signals.signalIf(WorkSignals.isDue(write, result));
    return result;
  }

  @Override
  public List<ItemResult<WriteResult>> writeAll(List<WorkflowWrite> writes) {
    List<ItemResult<WriteResult>> results =
        writer.writeAll(
            "writeAll",
            "writes",
            writes,
            PostgresWorkflowRepository::check,
            PostgresWorkflowRepository::plan);
    signals.signalIf(WorkSignals.isAnyDue(writes, results));
    return results;
  }

  private static long check(WorkflowWrite write) {
    ValueLimits.nonNull("write", "write", write);
    PostgresRevision revision = PostgresRevision.of(write.workflow());
    return revision == null
        ? ValueLimits.check(write)
        : ValueLimits.check(write, revision.stored());
  }

  private static PlannedWrite<WriteResult> plan(WorkflowWrite write) {
    return WritePlans.write(write, PostgresRevision.of(write.workflow()));
  }

  @Override
  public List<String> getRunnableInstances(Instant asAt) {
    return getRunnableInstances(asAt, StatementExecutor.NO_LIMIT);
  }

  @Override
  public List<String> getRunnableInstances(Instant asAt, int limit) {
    ValueLimits.nonNull("getRunnableInstances", "asAt", asAt);
    ValueLimits.checkLimit("getRunnableInstances", limit);
    return Instants.epochMillisAtOrBefore(asAt)
        .map(
            asAtMillis ->
                scope.run(
                    Operation.reading("getRunnableInstances", List.of()),
                    statements ->
                        statements.ids(
                            sql.runnable,
                            limit,
                            parameters -> parameters.bigint("asAt", asAtMillis))))
        .orElse(List.of());
  }

  @Override
  public Page getRunnableInstances(Instant asAt, int limit, @Nullable Position after) {
    String operation = "getRunnableInstances";
    ValueLimits.nonNull(operation, "asAt", asAt);
    ValueLimits.checkLimit(operation, limit);
    ValueLimits.checkPosition(operation, after);
    Optional<Long> until = Instants.epochMillisAtOrBefore(asAt);
    if (until.isEmpty()) {
      return new Page(List.of(), null);
    }
    Optional<Long> from =
        after == null ? Optional.empty() : Instants.epochMillisAtOrBefore(after.time());
    return scope.run(
        Operation.reading(operation, List.of()),
        statements ->
            statements.page(
                sql.runnablePage,
                limit,
                parameters ->
                    parameters
                        .bigint("asAt", until.get())
                        .bigint("after", from.orElse(Long.MIN_VALUE))
                        .text("afterId", after == null || from.isEmpty() ? "" : after.id()),
                row -> Instant.ofEpochMilli(row.getLong(2))));
  }

  @Override
  public WorkflowInstance getWorkflowInstance(String id) {
    ValueLimits.nonNull("getWorkflowInstance", "id", id);
    return find("getWorkflowInstance", sql.byId, "id", id)
        .orElseThrow(() -> new NotFoundException(Subject.WORKFLOW, id));
  }

  @Override
  public WorkflowInstance getWorkflowInstanceByName(String name) {
    ValueLimits.nonNull("getWorkflowInstanceByName", "name", name);
    return find("getWorkflowInstanceByName", sql.byName, "name", name)
        .orElseThrow(() -> NotFoundException.workflowNamed(name));
  }

  @Override
  public Optional<WorkflowInstance> findPersisted(WorkflowInstance instance) {
    String operation = "findPersisted";
    PostgresRevision before =
        PostgresRevision.of(ValueLimits.nonNull(operation, "instance", instance));
    return find(operation, sql.byId, "id", instance.id())
        .filter(stored -> stored.equals(withCreateTimeOf(instance, stored)))
        .filter(stored -> before == null || !before.isVersionOf(stored));
  }

  private static WorkflowInstance withCreateTimeOf(
      WorkflowInstance instance, WorkflowInstance stored) {
    return instance.createTime() == null
        ? instance.toBuilder().createTime(stored.createTime()).build()
        : instance;
  }

  private Optional<WorkflowInstance> find(
      String operation, NamedSql query, String key, String value) {
    if (!ValueLimits.isStorable(value)) {
      return Optional.empty();
    }
    ReadRows<StoredWorkflow> found =
        scope.run(
            Operation.reading(operation, List.of(value)),
            statements ->
                statements.query(
                    query,
                    parameters -> parameters.text(key, value),
                    PostgresWorkflowRepository::read));
    return found.orThrow().stream().map(PostgresRevision::withRevision).findFirst();
  }

  private static ReadRows<StoredWorkflow> read(ResultSet rows) throws SQLException {
    return InstanceRows.read(rows, WorkflowSql.WORKFLOW_COLUMNS, WorkflowSql.POINTER_COLUMNS);
  }

  @Override
  public List<WorkflowInstance> getWorkflowInstances(Collection<String> ids) {
    String operation = "getWorkflowInstances";
    List<String> wanted = Arguments.storable(operation, ids);
    if (wanted.isEmpty()) {
      return List.of();
    }
    ReadRows<StoredWorkflow> found =
        scope.run(
            Operation.reading(operation, wanted),
            statements ->
                statements.query(
                    sql.byIds,
                    parameters -> parameters.texts("ids", wanted),
                    PostgresWorkflowRepository::read));
    return Arguments.inOrder(
        ids,
        UnreadableRows.leaveOut(operation, found).stream()
            .map(PostgresRevision::withRevision)
            .toList(),
        WorkflowInstance::id);
  }

  @Override
  public long nextDefinitionSequence(String definitionId) {
    ValueLimits.checkDefinitionId(definitionId);
    Operation operation = Operation.repeatable("nextDefinitionSequence", List.of(definitionId));
    return scope.run(
        operation,
        statements ->
            statements
                .first(
                    sql.nextSequence,
                    parameters -> parameters.text("id", definitionId),
                    row -> row.getLong(1))
                .orElseThrow(() -> SqlErrors.suppressed(operation, null)));
  }

  @Override
  public Optional<JsonNode> getDefinition(DefinitionVersion definition) {
    ValueLimits.checkDefinition(definition);
    return scope.run(
        Operation.reading("getDefinition", List.of(definition.definitionId())),
        statements ->
            statements.first(
                sql.definition,
                parameters ->
                    parameters
                        .text("id", definition.definitionId())
                        .bigint("version", (long) definition.version()),
                row -> StoreFields.DEFINITION.read(row).get(0)));
  }

  @Override
  public LiveWorkflow getLiveWorkflow(String id) {
    String operation = "getLiveWorkflow";
    Arguments.requireStorable(operation, Subject.WORKFLOW, id);
    return liveParts(operation, List.of(id)).orThrow().stream()
        .findFirst()
        .orElseThrow(() -> new NotFoundException(Subject.WORKFLOW, id));
  }

  @Override
  public List<LiveWorkflow> getLiveWorkflows(Collection<String> ids) {
    String operation = "getLiveWorkflows";
    List<String> wanted = Arguments.storable(operation, ids);
    if (wanted.isEmpty()) {
      return List.of();
    }
    return Arguments.inOrder(
        ids, UnreadableRows.leaveOut(operation, liveParts(operation, wanted)), LiveWorkflow::id);
  }

  private ReadRows<LiveWorkflow> liveParts(String operation, List<String> ids) {
    return scope.run(
        Operation.reading(operation, ids),
        statements ->
            statements.query(
                sql.liveByIds,
                parameters -> parameters.texts("ids", ids),
                rows ->
                    new InstanceRows<>(
                            rows,
                            WorkflowSql.LIVE_WORKFLOW_COLUMNS,
                            WorkflowSql.LIVE_POINTER_COLUMNS,
                            row -> {
                              long lastPosition = row.getLong("last_position");
                              return stored -> PostgresRevision.livePart(stored, lastPosition);
                            })
                        .readAll()));
  }

  @Override
  public JsonNode registerDefinition(DefinitionVersion definition, JsonNode graph) {
    ValueLimits.checkRegistration(definition, graph);
    Operation operation =
        Operation.repeatable("registerDefinition", List.of(definition.definitionId()));
    return scope.run(
        operation,
        statements ->
            statements
                .first(
                    sql.registerDefinition,
                    parameters ->
                        parameters
                            .text("id", definition.definitionId())
                            .bigint("version", (long) definition.version())
                            .text("graph", Json.text(graph)),
                    row -> StoreFields.DEFINITION.read(row).get(0))
                .orElseThrow(() -> SqlErrors.suppressed(operation, null)));
  }
}
