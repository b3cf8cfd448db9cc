package dev.wfe.postgres.internal.store;

import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.PersistedWorkflow;
import dev.wfe.persistence.StaleRevisionException;
import dev.wfe.postgres.entity.InstantColumn;
import dev.wfe.postgres.internal.mapping.SubscriptionRows;
import dev.wfe.postgres.internal.mapping.WorkflowRows;
import dev.wfe.postgres.internal.sql.NamedSql;
import dev.wfe.postgres.internal.sql.Parameters;
import dev.wfe.postgres.internal.sql.PersistShape;
import dev.wfe.postgres.internal.sql.SqlErrors;
import dev.wfe.postgres.internal.sql.Statements;
import dev.wfe.postgres.internal.sql.SubscriptionSql;
import dev.wfe.postgres.internal.sql.WorkflowSql;
import dev.wfe.postgres.internal.sql.WorkflowWriteSql;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Writes workflows with their pointers and subscriptions, one statement each; only a refusal takes
 * a second one, to tell why. Thread-safe.
 */
final class WorkflowWriter {
  private final Database database;
  private final WorkflowWriteSql sql;
  private final Refusals refusals;

  WorkflowWriter(Database database, WorkflowWriteSql sql, Refusals refusals) {
    this.database = database;
    this.sql = sql;
    this.refusals = refusals;
  }

  /**
   * Creates the instance, whose id and name are set, and gives the id.
   *
   * @param safeToRepeat whether the caller chose the id or the name, so that a repetition is
   *     refused
   */
  String create(WorkflowInstance instance, boolean safeToRepeat) {
    PointerChanges changes = PointerChanges.all(instance.executionPointers());
    return database.write(
        "createNewWorkflow",
        safeToRepeat,
        List.of(instance.id()),
        statements ->
            ConflictingWrite.run(
                "createNewWorkflow",
                List.of(instance.id()),
                last ->
                    statements.attempt(
                        sql.create(changes.added().size(), last),
                        !changes.added().isEmpty(),
                        parameters -> {
                          WorkflowSql.WORKFLOW.bind(parameters, WorkflowRows.row(instance));
                          bindRows(parameters, WorkflowWriteSql.ADDED, changes.added());
                          bindCount(parameters, changes.added().size());
                        },
                        rows -> rows.getString("id")),
                () -> refusals.ofCreate(statements, instance)));
  }

  /** Replaces what is stored by the instance, and gives it with its new revision. */
  WorkflowInstance persist(WorkflowInstance instance) {
    Change change = new Change(instance);
    return database.write(
        "persistWorkflow",
        change.isGuarded(),
        List.of(instance.id()),
        statements -> written(statements, change, List.of(), change::bind, change::revised));
  }

  /** As {@link #persist(WorkflowInstance)}, with new subscriptions, whose ids are set. */
  PersistedWorkflow persist(WorkflowInstance instance, List<EventSubscription> subscriptions) {
    Change change = new Change(instance);
    List<String> ids = subscriptions.stream().map(EventSubscription::id).toList();
    List<Map<String, @Nullable Object>> rows =
        inOneOrder(subscriptions.stream().map(SubscriptionRows::row).toList());
    return database.write(
        "persistWorkflowWithSubscriptions",
        change.isGuarded(),
        Stream.concat(Stream.of(instance.id()), ids.stream()).toList(),
        statements ->
            written(
                statements,
                change,
                ids,
                parameters -> {
                  change.bind(parameters);
                  parameters.texts("subscribed", ids);
                  SubscriptionSql.SUBSCRIPTION.bindRows(parameters, SubscriptionSql.NEW, rows);
                },
                row -> persisted(change, ids, row)));
  }

  private static PersistedWorkflow persisted(
      Change change, List<String> subscriptionIds, ResultSet row) throws SQLException {
    List<String> eventIds = List.of((String[]) row.getArray("revived_ids").getArray());
    return new PersistedWorkflow(
        change.revised(row), subscriptionIds, eventIds, row.getBoolean("more_revived"));
  }

  /** What the row of the statement says. */
  private <T> T written(
      Statements statements,
      Change change,
      List<String> subscriptionIds,
      NamedSql.Binder binder,
      Statements.Reader<T> reader)
      throws SQLException {
    PersistShape shape = change.shape(subscriptionIds.size());
    try {
      return ConflictingWrite.run(
          "persistWorkflow",
          List.of(change.instance().id()),
          last -> statements.attempt(sql.persist(shape), shape.claims(), binder, reader),
          () -> refusals.ofPersist(statements, change, subscriptionIds));
    } catch (SQLException error) {
      // In such a transaction nobody can look at what is there now.
      if (change.isGuarded() && SqlErrors.isSerializationFailure(error)) {
        throw new StaleRevisionException(change.instance().id());
      }
      throw error;
    }
  }

  private static void bindRows(
      Parameters parameters, String alias, List<Map<String, @Nullable Object>> rows)
      throws SQLException {
    if (!rows.isEmpty()) {
      WorkflowSql.POINTER.bindRows(parameters, alias, inOneOrder(rows));
    }
  }

  /** How many rows of pointers have to be written. */
  private static void bindCount(Parameters parameters, int rows) throws SQLException {
    if (rows > 0) {
      parameters.bigint("written", (long) rows);
    }
  }

  /**
   * Rows are inserted as they are bound: all writers meet the keys that they share in one order.
   */
  private static List<Map<String, @Nullable Object>> inOneOrder(
      List<Map<String, @Nullable Object>> rows) {
    if (rows.size() < 2) {
      return rows;
    }
    List<Map<String, @Nullable Object>> sorted = new ArrayList<>(rows);
    sorted.sort(Comparator.comparing(row -> String.valueOf(row.get("id"))));
    return sorted;
  }

  private static List<String> ids(List<Map<String, @Nullable Object>> rows) {
    return rows.stream().map(row -> String.valueOf(row.get("id"))).toList();
  }

  /** What one persist sends. */
  static final class Change {
    private final WorkflowInstance instance;
    private final @Nullable PostgresRevision revision;
    private final PointerChanges pointers;
    private final boolean sendsData;

    Change(WorkflowInstance instance) {
      this.instance = instance;
      this.revision = PostgresRevision.of(instance);
      this.pointers =
          revision == null
              ? PointerChanges.all(instance.executionPointers())
              : PointerChanges.since(revision, instance.executionPointers());
      this.sendsData =
          revision == null || !Objects.equals(revision.stored().data(), instance.data());
    }

    WorkflowInstance instance() {
      return instance;
    }

    boolean isStaleAt(String stored) {
      return revision != null && !stored.equals(revision.text());
    }

    boolean isGuarded() {
      return revision != null;
    }

    List<String> pointerIds() {
      return instance.executionPointers().stream().map(ExecutionPointer::id).toList();
    }

    PersistShape shape(int subscriptions) {
      return new PersistShape(
          revision != null,
          revision == null || !revision.stored().name().equals(instance.name()),
          sendsData,
          pointers.changed().size(),
          pointers.added().size(),
          revision == null || !pointers.removed().isEmpty(),
          !instance.status().isEnded()
              && (revision == null || revision.stored().status().isEnded()),
          subscriptions);
    }

    /** Sets what the statement of the shape takes. */
    void bind(Parameters parameters) throws SQLException {
      if (sendsData) {
        WorkflowSql.WORKFLOW.bind(parameters, WorkflowRows.row(instance));
      } else {
        WorkflowSql.WORKFLOW_WITHOUT_DATA.bind(parameters, WorkflowRows.rowWithoutData(instance));
      }
      bindRows(parameters, WorkflowWriteSql.CHANGED, pointers.changed());
      bindRows(parameters, WorkflowWriteSql.ADDED, pointers.added());
      bindCount(parameters, pointers.changed().size() + pointers.added().size());
      if (!pointers.added().isEmpty()) {
        parameters.texts("added", ids(pointers.added()));
      }
      if (revision == null) {
        parameters.texts("kept", pointerIds());
        return;
      }
      parameters.text("revision", revision.text());
      if (!pointers.removed().isEmpty()) {
        parameters.texts("removed", pointers.removed());
      }
    }

    WorkflowInstance revised(ResultSet row) throws SQLException {
      WorkflowInstance written =
          instance.createTime() == null
              ? instance.toBuilder()
                  .createTime(InstantColumn.read(row, row.findColumn("create_time")))
                  .build()
              : instance;
      return PostgresRevision.revised(written, row.getString("revision"), pointers.positions());
    }
  }
}
