package dev.wfe.postgres.internal.store;

import dev.wfe.model.EventSubscription;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.Page;
import dev.wfe.persistence.PersistedWorkflow;
import dev.wfe.persistence.Position;
import dev.wfe.persistence.Subject;
import dev.wfe.persistence.ValueLimits;
import dev.wfe.persistence.WorkflowRepository;
import dev.wfe.postgres.internal.mapping.InstanceRows;
import dev.wfe.postgres.internal.mapping.Instants;
import dev.wfe.postgres.internal.mapping.ReadRows;
import dev.wfe.postgres.internal.mapping.StoredWorkflow;
import dev.wfe.postgres.internal.sql.NamedSql;
import dev.wfe.postgres.internal.sql.SqlErrors;
import dev.wfe.postgres.internal.sql.WorkflowSql;
import dev.wfe.postgres.internal.sql.WorkflowWriteSql;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Workflow instances in PostgreSQL. Thread-safe. */
public final class WorkflowStore implements WorkflowRepository {
  private final Database database;
  private final WorkflowSql sql;
  private final WorkflowWriter writer;

  /** Over the database. */
  public WorkflowStore(Database database, WorkflowSql sql, WorkflowWriteSql writeSql) {
    this.database = database;
    this.sql = sql;
    this.writer = new WorkflowWriter(database, writeSql, new Refusals(sql));
  }

  @Override
  public String createNewWorkflow(WorkflowInstance instance) {
    ValueLimits.checkNew(instance);
    String id = Ids.orNew(instance.id());
    String name = instance.name().isEmpty() ? id : instance.name();
    boolean chosen = !instance.id().isEmpty() || !instance.name().isEmpty();
    return writer.create(instance.toBuilder().id(id).name(name).build(), chosen);
  }

  @Override
  public WorkflowInstance persistWorkflow(WorkflowInstance instance) {
    PostgresRevision revision =
        PostgresRevision.of(ValueLimits.nonNull("persistWorkflow", "instance", instance));
    if (revision == null) {
      ValueLimits.check(instance);
    } else {
      ValueLimits.check(instance, revision.stored());
    }
    return writer.persist(instance);
  }

  @Override
  public PersistedWorkflow persistWorkflowWithSubscriptions(
      WorkflowInstance instance, List<EventSubscription> subscriptions) {
    PostgresRevision revision =
        PostgresRevision.of(
            ValueLimits.nonNull("persistWorkflowWithSubscriptions", "instance", instance));
    if (revision == null) {
      ValueLimits.check(instance, subscriptions);
    } else {
      ValueLimits.check(instance, revision.stored(), subscriptions);
    }
    if (subscriptions.isEmpty()) {
      return new PersistedWorkflow(writer.persist(instance), List.of(), List.of(), false);
    }
    return writer.persist(
        instance,
        subscriptions.stream()
            .map(subscription -> subscription.toBuilder().id(Ids.orNew(subscription.id())).build())
            .toList());
  }

  @Override
  public List<String> getRunnableInstances(Instant asAt) {
    return getRunnableInstances(asAt, Database.ALL);
  }

  @Override
  public List<String> getRunnableInstances(Instant asAt, int limit) {
    ValueLimits.nonNull("getRunnableInstances", "asAt", asAt);
    ValueLimits.checkLimit("getRunnableInstances", limit);
    return Instants.epochMillisAtOrBefore(asAt)
        .map(
            asAtMillis ->
                database.ids(
                    "getRunnableInstances",
                    sql.runnable,
                    limit,
                    parameters -> parameters.bigint("asAt", asAtMillis)))
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
    return database.page(
        operation,
        sql.runnablePage,
        limit,
        parameters ->
            parameters
                .bigint("asAt", until.get())
                .bigint("after", from.orElse(Long.MIN_VALUE))
                .text("afterId", after == null || from.isEmpty() ? "" : after.id()),
        row -> Instant.ofEpochMilli(row.getLong(2)));
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
    String verb = "findPersisted";
    PostgresRevision before = PostgresRevision.of(ValueLimits.nonNull(verb, "instance", instance));
    return find(verb, sql.byId, "id", instance.id())
        .filter(stored -> stored.equals(stamped(instance, stored)))
        .filter(stored -> before == null || !before.isVersionOf(stored));
  }

  private static WorkflowInstance stamped(WorkflowInstance instance, WorkflowInstance stored) {
    return instance.createTime() == null
        ? instance.toBuilder().createTime(stored.createTime()).build()
        : instance;
  }

  private Optional<WorkflowInstance> find(String verb, NamedSql query, String key, String value) {
    if (!ValueLimits.isStorable(value)) {
      return Optional.empty();
    }
    ReadRows<StoredWorkflow> found =
        database.read(
            verb,
            List.of(value),
            statements ->
                statements.whole(
                    query, parameters -> parameters.text(key, value), WorkflowStore::read));
    return found.orThrow().stream().map(PostgresRevision::revised).findFirst();
  }

  private static ReadRows<StoredWorkflow> read(ResultSet rows) throws SQLException {
    return InstanceRows.read(rows, WorkflowSql.WORKFLOW_PLACES, WorkflowSql.POINTER_PLACES);
  }

  @Override
  public List<WorkflowInstance> getWorkflowInstances(Collection<String> ids) {
    String verb = "getWorkflowInstances";
    ValueLimits.nonNull(verb, "ids", ids);
    ids.forEach(id -> ValueLimits.nonNull(verb, "ids", id));
    List<String> wanted = ids.stream().filter(ValueLimits::isStorable).distinct().toList();
    if (wanted.isEmpty()) {
      return List.of();
    }
    ReadRows<StoredWorkflow> found =
        database.read(
            verb,
            wanted,
            statements ->
                statements.whole(
                    sql.byIds, parameters -> parameters.texts("ids", wanted), WorkflowStore::read));
    Map<String, WorkflowInstance> byId =
        UnreadableRows.leaveOut(verb, found).stream()
            .map(PostgresRevision::revised)
            .collect(Collectors.toMap(WorkflowInstance::id, Function.identity()));
    return ids.stream().filter(byId::containsKey).map(byId::get).toList();
  }

  @Override
  public long nextDefinitionSequence(String definitionId) {
    ValueLimits.checkDefinitionId(definitionId);
    return database.write(
        "nextDefinitionSequence",
        true,
        List.of(definitionId),
        statements ->
            statements
                .first(
                    sql.nextSequence,
                    parameters -> parameters.text("id", definitionId),
                    rows -> rows.getLong(1))
                .orElseThrow(
                    () ->
                        SqlErrors.withheld(
                            "nextDefinitionSequence", List.of(definitionId), Optional.empty())));
  }
}
