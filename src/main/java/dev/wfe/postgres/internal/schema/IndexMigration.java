package dev.wfe.postgres.internal.schema;

import dev.wfe.postgres.internal.sql.IndexDefinition;
import dev.wfe.postgres.internal.sql.StoreNames;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Builds indexes concurrently with other writers. An index that the Rust provider also has keeps
 * the provider's name, so that its {@code create index if not exists} does not add a second one;
 * the definition fits the queries of this library. Not thread-safe.
 *
 * <ol>
 *   <li>An index with the expected definition is kept.
 *   <li>An invalid index that an interrupted build left behind is dropped.
 *   <li>An index with another definition stays in use until its replacement is complete.
 *   <li>If values are too long for an index entry, the failure names their rows.
 * </ol>
 */
final class IndexMigration extends OnlineMigration {
  /**
   * Indexes for the operations. All columns of an index entry together may have at most 2,704
   * bytes; therefore the index on an event's name, key and time does not also contain its id.
   * Nearly every persist writes to each index on workflows; therefore the index by status leaves
   * out the runnable workflows, which the index by time contains.
   */
  private static final List<IndexDefinition> OF_OPERATIONS =
      List.of(
          new IndexDefinition(
              "idx_workflows_next_execution",
              "workflows",
              "btree (next_execution, id) WHERE (status = 'Runnable'::text)"),
          new IndexDefinition(
              "idx_workflows_status",
              "workflows",
              "btree (status, id)"
                  + " WHERE (status <> ALL"
                  + " (ARRAY['Runnable'::text, 'Complete'::text, 'Terminated'::text]))"),
          new IndexDefinition(
              "idx_execution_pointers_workflow",
              "execution_pointers",
              "btree (workflow_id, \"position\")"),
          new IndexDefinition(
              "idx_events_name_key", "events", "btree (event_name, event_key, event_time)"),
          new IndexDefinition(
              "idx_events_is_processed",
              "events",
              "btree (event_time, id) WHERE (is_processed IS NOT TRUE)"),
          new IndexDefinition("idx_events_event_time", "events", "btree (event_time, id)"),
          new IndexDefinition(
              "idx_subscriptions_name_key",
              "event_subscriptions",
              "btree (event_name, event_key, subscribe_as_of)"),
          new IndexDefinition(
              "idx_subscriptions_workflow", "event_subscriptions", "btree (workflow_id)"),
          new IndexDefinition(
              "idx_scheduled_commands_execute_time",
              "scheduled_commands",
              "btree (execute_time, id)"));

  /** Indexes for replays: processed events, and subscriptions that may cover more of them. */
  private static final List<IndexDefinition> OF_REPLAYS =
      List.of(
          new IndexDefinition(
              "idx_events_processed",
              "events",
              "btree (event_name, event_key, event_time) WHERE is_processed"),
          new IndexDefinition(
              "idx_subscriptions_replay",
              "event_subscriptions",
              "btree (event_name, event_key) WHERE (replay_time IS NOT NULL)"));

  /** The pointers that a live part contains. */
  private static final List<IndexDefinition> OF_CLAIMS =
      List.of(
          new IndexDefinition(
              "idx_execution_pointers_live",
              "execution_pointers",
              "btree (workflow_id)"
                  + " WHERE (status <> ALL"
                  + " (ARRAY['Complete'::text, 'Skipped'::text, 'Compensated'::text,"
                  + " 'Cancelled'::text, 'Failed'::text]))"));

  /**
   * The due workflows of a version of a definition by priority, and the leases that limits count.
   * Earlier versions had an index of the same name without the priority.
   */
  private static final List<IndexDefinition> OF_LIMITS =
      List.of(
          new IndexDefinition(
              "idx_workflows_claim",
              "workflows",
              "btree (definition_id, version, priority, next_execution, id)"
                  + " WHERE ((status = 'Runnable'::text) AND (next_execution IS NOT NULL))"),
          new IndexDefinition(
              "idx_workflow_leases_limit",
              "workflow_leases",
              "btree (limit_definition) WHERE (limit_definition IS NOT NULL)"));

  /** Indexes for the queries that the documentation recommends. */
  private static final List<IndexDefinition> OF_LOOKUPS =
      List.of(
          new IndexDefinition(
              "idx_workflows_reference",
              "workflows",
              "btree (reference) WHERE (reference IS NOT NULL)"),
          new IndexDefinition(
              "idx_workflows_root",
              "workflows",
              "btree (root_workflow_id) WHERE (root_workflow_id IS NOT NULL)"),
          new IndexDefinition(
              "idx_execution_errors_workflow",
              "execution_errors",
              "btree (workflow_id, error_time)"));

  /**
   * Indexes for finding: workflows by the times that do not change while they run, workflows with a
   * failed pointer, and errors by time.
   */
  private static final List<IndexDefinition> OF_QUERIES =
      List.of(
          new IndexDefinition("idx_workflows_create_time", "workflows", "btree (create_time, id)"),
          new IndexDefinition(
              "idx_workflows_complete_time",
              "workflows",
              "btree (complete_time, id) WHERE (complete_time IS NOT NULL)"),
          new IndexDefinition(
              "idx_execution_pointers_failed",
              "execution_pointers",
              "btree (workflow_id) WHERE (status = 'Failed'::text)"),
          new IndexDefinition(
              "idx_execution_errors_time", "execution_errors", "btree (error_time, id)"));

  /**
   * Indexes for purges: the ended workflows by age, and the errors. A workflow is added to the
   * first one by the write that ends it, and by no other.
   */
  private static final List<IndexDefinition> OF_PURGES =
      List.of(
          new IndexDefinition(
              "idx_workflows_ended",
              "workflows",
              "btree (status, COALESCE(complete_time, create_time), id)"
                  + " WHERE (status = ANY (ARRAY['Complete'::text, 'Terminated'::text]))"),
          new IndexDefinition(
              "idx_execution_errors_time", "execution_errors", "btree (error_time, id)"));

  /** Indexes that the migrations in SQL create with their tables. */
  static final List<IndexDefinition> OF_NEW_TABLES =
      List.of(
          new IndexDefinition(
              "idx_workflow_hosts_expiry", "workflow_hosts", "btree (expires_at, id)"));

  private static final String TEMPORARY_NAME = "idx_being_built";

  private static final String PROGRAM_LIMIT_EXCEEDED = "54000";
  private static final int MAX_ENTRY_BYTES = 2_704;

  /** The size of an entry's header, and the maximum alignment padding before each column. */
  private static final int HEADER_BYTES = 8;

  private final List<IndexDefinition> indexes;

  private IndexMigration(
      String version, String description, StoreNames names, List<IndexDefinition> indexes) {
    super(version, description, names);
    this.indexes = indexes;
  }

  static IndexMigration ofOperations(StoreNames names) {
    return new IndexMigration("6", "indexes", names, OF_OPERATIONS);
  }

  static IndexMigration ofReplays(StoreNames names) {
    return new IndexMigration("12", "indexes for replays", names, OF_REPLAYS);
  }

  static IndexMigration ofClaims(StoreNames names) {
    return new IndexMigration("15", "indexes for claims", names, OF_CLAIMS);
  }

  static IndexMigration ofLimits(StoreNames names) {
    return new IndexMigration("19", "indexes for limits", names, OF_LIMITS);
  }

  static IndexMigration ofLookups(StoreNames names) {
    return new IndexMigration("10", "indexes for lookups", names, OF_LOOKUPS);
  }

  static IndexMigration ofQueries(StoreNames names) {
    return new IndexMigration("21", "indexes for queries", names, OF_QUERIES);
  }

  static IndexMigration ofPurges(StoreNames names) {
    return new IndexMigration("25", "indexes for purges", names, OF_PURGES);
  }

  /** Returns the indexes that this step creates. */
  List<IndexDefinition> indexes() {
    return indexes;
  }

  /** Returns the statements that build the indexes where no index has their name. */
  String sql() {
    return indexes.stream()
        .map(
            index ->
                "create index concurrently if not exists %s on %s using %s;"
                    .formatted(
                        StoreNames.quote(names.object(index.name())),
                        names.table(index.table()),
                        index.method()))
        .collect(Collectors.joining("\n"));
  }

  @Override
  void migrate(Connection connection) throws SQLException {
    drop(connection, TEMPORARY_NAME);
    for (IndexDefinition index : indexes) {
      @Nullable String method = methodOfValid(connection, index);
      if (!index.method().equals(method)) {
        replace(connection, index);
      }
    }
  }

  /**
   * Returns the text that follows {@code using}; null if there is no such index or its build was
   * interrupted.
   */
  private @Nullable String methodOfValid(Connection connection, IndexDefinition index)
      throws SQLException {
    return query(
        connection,
        """
        select split_part(pg_catalog.pg_get_indexdef(indexrelid), ' USING ', 2)
        from pg_catalog.pg_index
        where indexrelid = pg_catalog.to_regclass(?) and indrelid = ?::pg_catalog.regclass
          and indisvalid
        """,
        names.table(index.name()),
        names.table(index.table()));
  }

  private void replace(Connection connection, IndexDefinition index) throws SQLException {
    String table = names.table(index.table());
    // An empty table is indexed at once, so the build need not be concurrent: a concurrent one
    // waits for other transactions.
    boolean empty = !exists(connection, "select 1 from " + table + " limit 1");
    String create =
        "create index %s %s on %s using %s"
            .formatted(
                empty ? "" : "concurrently",
                StoreNames.quote(names.object(TEMPORARY_NAME)),
                table,
                index.method());
    try {
      execute(connection, create);
    } catch (SQLException e) {
      throw PROGRAM_LIMIT_EXCEEDED.equals(e.getSQLState()) ? tooLong(connection, index, e) : e;
    }
    drop(connection, index.name());
    execute(
        connection,
        "alter index %s rename to %s"
            .formatted(names.table(TEMPORARY_NAME), StoreNames.quote(names.object(index.name()))));
  }

  /** Returns the failure with the ids of the rows that caused it, at most the ten longest. */
  private SQLException tooLong(Connection connection, IndexDefinition index, SQLException failure)
      throws SQLException {
    drop(connection, TEMPORARY_NAME);
    String method = index.method();
    String columns =
        method.substring(method.indexOf('(') + 1, (method + " WHERE").indexOf(") WHERE"));
    String[] each = columns.split(", (?![^(]*\\))", -1);
    String bytes =
        Stream.of(each)
            .map(column -> "coalesce(pg_catalog.pg_column_size(%s), 0)".formatted(column))
            .collect(Collectors.joining(" + "));
    String rows =
        query(
            connection,
            """
            select pg_catalog.string_agg(id || ' (' || bytes || ' bytes)', ', ')
            from (
              select pg_catalog.left(id::text, 100) as id, %s as bytes
              from %s where %s > ?::int order by 2 desc limit 10) long
            """
                .formatted(bytes, names.table(index.table()), bytes),
            Integer.toString(MAX_ENTRY_BYTES - HEADER_BYTES * (each.length + 1)));
    return new SQLException(
        "table %s, columns %s: together longer than the 2,704 bytes of an index entry in the rows with id %s; shorten the values or delete the rows"
            .formatted(names.object(index.table()), columns, rows),
        PROGRAM_LIMIT_EXCEEDED,
        failure);
  }

  private void drop(Connection connection, String name) throws SQLException {
    execute(connection, "drop index concurrently if exists " + names.table(name));
  }
}
