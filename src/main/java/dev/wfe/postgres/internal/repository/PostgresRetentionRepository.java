package dev.wfe.postgres.internal.repository;

import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionError;
import dev.wfe.model.ScheduledCommand;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.Position;
import dev.wfe.persistence.PurgeBatch;
import dev.wfe.persistence.PurgeTarget;
import dev.wfe.persistence.PurgeTarget.EndedWorkflows;
import dev.wfe.persistence.PurgeTarget.Orphans;
import dev.wfe.persistence.RecordPage;
import dev.wfe.persistence.RetentionChecks;
import dev.wfe.persistence.RetentionRepository;
import dev.wfe.persistence.StoredRecord;
import dev.wfe.persistence.StoredRecord.OfError;
import dev.wfe.persistence.StoredRecord.OfEvent;
import dev.wfe.persistence.StoredRecord.OfWorkflow;
import dev.wfe.persistence.Subject;
import dev.wfe.persistence.ValueLimits;
import dev.wfe.postgres.entity.InstantColumn;
import dev.wfe.postgres.internal.mapping.InstanceRows;
import dev.wfe.postgres.internal.mapping.Instants;
import dev.wfe.postgres.internal.mapping.ReadRows;
import dev.wfe.postgres.internal.mapping.StoreFields;
import dev.wfe.postgres.internal.sql.EventSql;
import dev.wfe.postgres.internal.sql.NamedSql;
import dev.wfe.postgres.internal.sql.Operation;
import dev.wfe.postgres.internal.sql.Parameters;
import dev.wfe.postgres.internal.sql.RetentionRows;
import dev.wfe.postgres.internal.sql.RetentionSql;
import dev.wfe.postgres.internal.sql.WorkflowSql;
import dev.wfe.postgres.internal.transaction.StatementExecutor;
import dev.wfe.postgres.internal.transaction.TransactionScope;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Deletes and exports what PostgreSQL stores. Thread-safe. */
public final class PostgresRetentionRepository implements RetentionRepository {
  private static final Duration MICROSECOND = ChronoUnit.MICROS.getDuration();
  private static final String SMALLEST_NUMBER = Long.toString(Long.MIN_VALUE);

  private final TransactionScope scope;
  private final RetentionSql sql;
  private final WorkflowSql workflows;
  private final EventSql events;

  /** Runs its operations in the scope. */
  PostgresRetentionRepository(
      TransactionScope scope, RetentionSql sql, WorkflowSql workflows, EventSql events) {
    this.scope = scope;
    this.sql = sql;
    this.workflows = workflows;
    this.events = events;
  }

  @Override
  public void deleteWorkflow(String id) {
    Arguments.requireStorable("deleteWorkflow", Subject.WORKFLOW, id);
    if (!isDeleted("deleteWorkflow", sql.deleteById, "id", id)) {
      throw new NotFoundException(Subject.WORKFLOW, id);
    }
  }

  @Override
  public void deleteWorkflowByName(String name) {
    String operation = "deleteWorkflowByName";
    if (!ValueLimits.isStorable(ValueLimits.nonNull(operation, "name", name))
        || !isDeleted(operation, sql.deleteByName, "name", name)) {
      throw NotFoundException.workflowNamed(name);
    }
  }

  private boolean isDeleted(String operation, NamedSql statement, String parameter, String key) {
    return scope.run(
            new Operation(operation, Operation.Effect.REPEATABLE_WRITE, List.of(key)),
            statements ->
                statements.one(
                    statement,
                    parameters ->
                        parameters
                            .text(parameter, key)
                            .text("seqScan", statements.commits() ? "off" : null),
                    row -> row.getInt("deleted")))
        == 1;
  }

  @Override
  public PurgeBatch purge(PurgeTarget target, int limit, @Nullable Position after) {
    String operation = "purge";
    RetentionChecks.checkBatch(operation, target, limit, after);
    scope.requireIndependent(operation);
    RetentionRows rows = rows(target);
    return scope.run(
        Operation.repeatable(operation, List.of()),
        statements ->
            statements.one(
                sql.purge(rows, limit),
                parameters -> {
                  bind(parameters, target);
                  bindPage(parameters, rows, limit, after);
                },
                row ->
                    new PurgeBatch(
                        row.getInt("deleted"),
                        row.getInt("seen") < limit ? null : position(rows, row))));
  }

  private static RetentionRows rows(PurgeTarget target) {
    if (target instanceof EndedWorkflows workflows) {
      return workflows.status() == WorkflowStatus.COMPLETE
          ? RetentionRows.COMPLETE
          : RetentionRows.TERMINATED;
    }
    if (target instanceof Orphans orphans) {
      return switch (orphans.of()) {
        case COMMANDS -> RetentionRows.COMMANDS;
        case SUBSCRIPTIONS -> RetentionRows.SUBSCRIPTIONS;
        case WORKFLOW_LEASES -> RetentionRows.WORKFLOW_LEASES;
        case EVENT_LEASES -> RetentionRows.EVENT_LEASES;
      };
    }
    return target instanceof PurgeTarget.ProcessedEvents
        ? RetentionRows.PROCESSED_EVENTS
        : RetentionRows.OLD_ERRORS;
  }

  private static void bind(Parameters parameters, PurgeTarget target) throws SQLException {
    parameters.bigint("ageMicros", target.age().dividedBy(MICROSECOND));
    if (target instanceof EndedWorkflows workflows) {
      parameters.text("definition", workflows.definitionId());
    }
  }

  private static void bindPage(
      Parameters parameters, RetentionRows rows, int limit, @Nullable Position after)
      throws SQLException {
    parameters.bigint("limit", (long) limit);
    String first = rows.hasNumbers() ? SMALLEST_NUMBER : "";
    parameters.text("afterId", after == null ? first : after.id());
    if (rows.hasMillis()) {
      parameters.text("afterTime", after == null ? SMALLEST_NUMBER : millis(after.time()));
    } else if (rows.hasTime()) {
      parameters.text("afterTime", after == null ? "-infinity" : time(after.time()));
    }
  }

  private static String millis(Instant time) {
    return Instants.epochMillisAtOrBefore(time).map(String::valueOf).orElse(SMALLEST_NUMBER);
  }

  private static String time(Instant time) {
    return Instants.atOrAfter(time).map(InstantColumn::text).orElse("infinity");
  }

  private static Position position(RetentionRows rows, ResultSet row) throws SQLException {
    return new Position(
        rows.hasMillis()
            ? Instant.ofEpochMilli(row.getLong("time"))
            : rows.hasTime() ? Objects.requireNonNull(Instants.read(row, "time")) : Instant.EPOCH,
        row.getString("id"));
  }

  @Override
  public int purge(PurgeTarget target, List<StoredRecord> records) {
    String operation = "purge";
    RetentionChecks.checkRecords(operation, target, records);
    scope.requireIndependent(operation);
    RetentionRows rows = rows(target);
    return scope.run(
        Operation.repeatable(operation, List.of()),
        statements ->
            statements.one(
                sql.purgeRecords(rows),
                parameters -> {
                  bind(parameters, target);
                  bindRecords(parameters, target, records);
                },
                row -> row.getInt("deleted")));
  }

  private static void bindRecords(
      Parameters parameters, PurgeTarget target, List<StoredRecord> records) throws SQLException {
    switch (target.kind()) {
      case EVENT ->
          parameters.texts(
              "ids", records.stream().map(one -> ((OfEvent) one).event().id()).toList());
      case ERROR ->
          parameters.bigints("ids", records.stream().map(one -> ((OfError) one).id()).toList());
      default -> bindWorkflows(parameters, records.stream().map(OfWorkflow.class::cast).toList());
    }
  }

  private static void bindWorkflows(Parameters parameters, List<OfWorkflow> records)
      throws SQLException {
    List<String> revisions = new ArrayList<>();
    for (OfWorkflow one : records) {
      PostgresRevision revision = PostgresRevision.of(one.instance());
      revisions.add(revision == null ? "" : revision.text());
    }
    parameters
        .texts("ids", records.stream().map(one -> one.instance().id()).toList())
        .texts("revisions", revisions)
        .texts("subscriptions", each(records, OfWorkflow::subscriptions, EventSubscription::id))
        .texts("commands", each(records, OfWorkflow::commands, ScheduledCommand::data))
        .bigints("errors", each(records, OfWorkflow::errors, OfError::id));
  }

  private static <T, R> List<R> each(
      List<OfWorkflow> records, Function<OfWorkflow, List<T>> part, Function<T, R> key) {
    return records.stream().flatMap(one -> part.apply(one).stream()).map(key).toList();
  }

  @Override
  public int getPurgeableCount(PurgeTarget target, int limit) {
    String operation = "getPurgeableCount";
    RetentionChecks.check(operation, target);
    ValueLimits.checkLimit(operation, limit);
    return scope.run(
        Operation.reading(operation, List.of()),
        statements ->
            statements.one(
                sql.count(rows(target)),
                parameters -> {
                  bind(parameters, target);
                  parameters.bigint("limit", (long) limit);
                },
                row -> row.getInt(1)));
  }

  @Override
  public RecordPage getPurgeableRecords(
      PurgeTarget target, int limit, long maxBytes, @Nullable Position after) {
    String operation = "getPurgeableRecords";
    RetentionChecks.checkPage(operation, target, limit, maxBytes, after);
    return records(
        operation,
        rows(target),
        target.kind(),
        limit,
        maxBytes,
        after,
        parameters -> bind(parameters, target));
  }

  @Override
  public RecordPage getRecords(
      Subject subject, int limit, long maxBytes, @Nullable Position after) {
    String operation = "getRecords";
    RetentionChecks.checkPage(operation, subject, limit, maxBytes, after);
    return switch (subject) {
      case WORKFLOW ->
          records(
              operation,
              RetentionRows.ALL_WORKFLOWS,
              PurgeTarget.Kind.WORKFLOW,
              limit,
              maxBytes,
              after,
              none -> {});
      case EVENT ->
          records(
              operation,
              RetentionRows.ALL_EVENTS,
              PurgeTarget.Kind.EVENT,
              limit,
              maxBytes,
              after,
              none -> {});
      default ->
          records(
              operation,
              RetentionRows.ALL_ERRORS,
              PurgeTarget.Kind.ERROR,
              limit,
              maxBytes,
              after,
              none -> {});
    };
  }

  /** The ids of a page's records, and where the next page begins. */
  private record Ids(List<String> ids, @Nullable Position next) {}

  private RecordPage records(
      String operation,
      RetentionRows rows,
      PurgeTarget.Kind kind,
      int limit,
      long maxBytes,
      @Nullable Position after,
      NamedSql.Binder condition) {
    return scope.run(
        Operation.reading(operation, List.of()),
        statements -> {
          Ids page =
              statements.query(
                  sql.page(rows, limit),
                  parameters -> {
                    condition.bind(parameters);
                    bindPage(parameters, rows, limit, after);
                  },
                  result -> ids(rows, result, limit, maxBytes));
          return new RecordPage(
              page.ids().isEmpty()
                  ? List.of()
                  : switch (kind) {
                    case WORKFLOW -> workflowRecords(operation, statements, page.ids());
                    case EVENT -> eventRecords(operation, statements, page.ids());
                    default -> errorRecords(operation, statements, page.ids());
                  },
              page.next());
        });
  }

  private static Ids ids(RetentionRows rows, ResultSet result, int limit, long maxBytes)
      throws SQLException {
    List<String> ids = new ArrayList<>();
    int seen = 0;
    long bytes = 0;
    while (result.next()) {
      seen++;
      if (result.getBoolean("matches")) {
        ids.add(result.getString("id"));
        bytes += result.getLong("bytes");
      }
      if (seen == limit || bytes >= maxBytes) {
        return new Ids(ids, position(rows, result));
      }
    }
    return new Ids(ids, null);
  }

  private List<StoredRecord> workflowRecords(
      String operation, StatementExecutor statements, List<String> ids) throws SQLException {
    NamedSql.Binder binder = parameters -> parameters.texts("ids", ids);
    // The instances first: what belongs to them may be newer than they are, but not older.
    Map<String, WorkflowInstance> instances =
        statements
            .query(
                workflows.byIds,
                binder,
                rows ->
                    UnreadableRows.leaveOut(
                        operation,
                        InstanceRows.read(
                            rows, WorkflowSql.WORKFLOW_COLUMNS, WorkflowSql.POINTER_COLUMNS)))
            .stream()
            .map(PostgresRevision::withRevision)
            .collect(Collectors.toMap(WorkflowInstance::id, Function.identity()));
    Map<String, List<EventSubscription>> subscriptions =
        readable(
                operation,
                statements.query(
                    sql.subscriptionsOf,
                    binder,
                    rows ->
                        StoreFields.SUBSCRIPTION.readAll(rows, EventSubscription.Builder::build)))
            .collect(Collectors.groupingBy(EventSubscription::workflowId));
    Map<String, List<OfError>> errors =
        errors(operation, statements, sql.errorsOf, binder).stream()
            .collect(Collectors.groupingBy(one -> one.error().workflowId()));
    Map<String, List<ScheduledCommand>> commands =
        readable(
                operation,
                statements.query(
                    sql.commandsOf,
                    binder,
                    rows -> StoreFields.COMMAND.readAll(rows, ScheduledCommand.Builder::build)))
            .collect(Collectors.groupingBy(ScheduledCommand::data));
    return ids.stream()
        .filter(instances::containsKey)
        .<StoredRecord>map(
            id ->
                new OfWorkflow(
                    Objects.requireNonNull(instances.get(id)),
                    subscriptions.getOrDefault(id, List.of()),
                    errors.getOrDefault(id, List.of()),
                    commands.getOrDefault(id, List.of())))
        .toList();
  }

  private static <T> Stream<T> readable(String operation, ReadRows<T> rows) {
    return UnreadableRows.leaveOut(operation, rows).stream();
  }

  private List<StoredRecord> eventRecords(
      String operation, StatementExecutor statements, List<String> ids) throws SQLException {
    ReadRows<Event> found =
        statements.query(
            events.byIds,
            parameters -> parameters.texts("ids", ids),
            rows -> StoreFields.EVENT.readAll(rows, Event.Builder::build));
    return Arguments.inOrder(ids, UnreadableRows.leaveOut(operation, found), Event::id).stream()
        .<StoredRecord>map(OfEvent::new)
        .toList();
  }

  private List<StoredRecord> errorRecords(
      String operation, StatementExecutor statements, List<String> ids) throws SQLException {
    Map<Long, OfError> found = new HashMap<>();
    errors(
            operation,
            statements,
            sql.errorsById,
            parameters -> parameters.bigints("ids", ids.stream().map(Long::valueOf).toList()))
        .forEach(one -> found.put(one.id(), one));
    return ids.stream()
        .map(id -> found.get(Long.valueOf(id)))
        .filter(Objects::nonNull)
        .<StoredRecord>map(one -> one)
        .toList();
  }

  /** Reads errors with their ids. */
  private static List<OfError> errors(
      String operation, StatementExecutor statements, NamedSql query, NamedSql.Binder binder)
      throws SQLException {
    List<Long> ids = new ArrayList<>();
    ReadRows<ExecutionError> found =
        statements.query(
            query,
            binder,
            rows ->
                StoreFields.ERROR.readAll(
                    rows,
                    builder -> {
                      ids.add(idOf(rows));
                      return builder.build();
                    }));
    List<ExecutionError> readable = UnreadableRows.leaveOut(operation, found);
    List<OfError> errors = new ArrayList<>();
    for (int i = 0; i < readable.size(); i++) {
      errors.add(new OfError(ids.get(i), readable.get(i)));
    }
    return errors;
  }

  private static long idOf(ResultSet row) {
    try {
      return row.getLong("id");
    } catch (SQLException impossible) {
      throw new IllegalStateException("The column was just read", impossible);
    }
  }
}
