package dev.wfe.postgres.internal.store;

import dev.wfe.model.EventSubscription;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.PersistedWorkflow;
import dev.wfe.persistence.Subject;
import dev.wfe.persistence.ValueLimits;
import dev.wfe.persistence.WorkflowRepository;
import dev.wfe.postgres.internal.mapping.InstanceRows;
import dev.wfe.postgres.internal.mapping.Instants;
import dev.wfe.postgres.internal.mapping.StoredWorkflow;
import dev.wfe.postgres.internal.sql.NamedSql;
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
    check(instance);
    return writer.persist(instance);
  }

  /** What the store gave, or has accepted before, needs no second look. */
  private static void check(WorkflowInstance instance) {
    PostgresRevision revision =
        PostgresRevision.of(ValueLimits.nonNull("persistWorkflow", "instance", instance));
    if (revision == null) {
      ValueLimits.check(instance);
    } else {
      ValueLimits.check(instance, revision.stored());
    }
  }

  @Override
  public PersistedWorkflow persistWorkflowWithSubscriptions(
      WorkflowInstance instance, List<EventSubscription> subscriptions) {
    check(instance);
    ValueLimits.check(subscriptions);
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
    if (!ValueLimits.isKey(value)) {
      return Optional.empty();
    }
    List<StoredWorkflow> found =
        database.read(
            verb,
            List.of(value),
            statements ->
                statements.whole(
                    query, parameters -> parameters.text(key, value), WorkflowStore::read));
    return found.stream().map(PostgresRevision::revised).findFirst();
  }

  private static List<StoredWorkflow> read(ResultSet rows) throws SQLException {
    return InstanceRows.read(rows, WorkflowSql.WORKFLOW_PLACES, WorkflowSql.POINTER_PLACES);
  }

  @Override
  public List<WorkflowInstance> getWorkflowInstances(Collection<String> ids) {
    String verb = "getWorkflowInstances";
    ValueLimits.nonNull(verb, "ids", ids);
    ids.forEach(id -> ValueLimits.nonNull(verb, "ids", id));
    List<String> wanted = ids.stream().filter(ValueLimits::isKey).distinct().toList();
    if (wanted.isEmpty()) {
      return List.of();
    }
    List<StoredWorkflow> found =
        database.read(
            verb,
            wanted,
            statements ->
                statements.whole(
                    sql.byIds, parameters -> parameters.texts("ids", wanted), WorkflowStore::read));
    Map<String, WorkflowInstance> byId =
        found.stream()
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
            statements.one(
                sql.nextSequence,
                parameters -> parameters.text("id", definitionId),
                rows -> rows.getLong(1)));
  }
}
