package dev.wfe.postgres.internal.schema;

import dev.wfe.postgres.internal.sql.StoreNames;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Builds indexes while others write. Those that the Rust provider has too keep its names, so that
 * its {@code create index if not exists} adds no second ones, but answer the queries of this
 * library.
 *
 * <ol>
 *   <li>An index that is as it should be stays.
 *   <li>What an interrupted build left behind is dropped.
 *   <li>An index with another definition stays in use until the new one is there.
 *   <li>Rows whose values are too long for an index entry are named.
 * </ol>
 */
final class IndexMigration extends OnlineMigration {
  /**
   * Those of the operations. The columns of an entry take 2,704 bytes at most together, which is
   * why an event's id does not follow its name, key and time. Each index on workflows is written by
   * nearly every persist, so the one by status leaves out what the one by time holds already.
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

  /** Those of replays: of processed events, and of subscriptions that may cover more of them. */
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

  /** Those of queries that the documentation advises. */
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

  private static final String BEING_BUILT = "idx_being_built";

  private static final String PROGRAM_LIMIT_EXCEEDED = "54000";
  private static final int MAX_ENTRY_BYTES = 2_704;

  /** Of the entry's head, and at most of the room before each column. */
  private static final int HEAD_BYTES = 8;

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

  static IndexMigration ofLookups(StoreNames names) {
    return new IndexMigration("10", "indexes for lookups", names, OF_LOOKUPS);
  }

  @Override
  void migrate(Connection connection) throws SQLException {
    drop(connection, BEING_BUILT);
    for (IndexDefinition index : indexes) {
      @Nullable String method = methodOfValid(connection, index);
      if (!index.method().equals(method)) {
        replace(connection, index);
      }
    }
  }

  /** What follows {@code using}; null if there is no such index or its build was interrupted. */
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
    // With nothing in the table there is nobody to keep out, and nothing to wait for.
    boolean empty = !exists(connection, "select 1 from " + table + " limit 1");
    String create =
        "create index %s %s on %s using %s"
            .formatted(
                empty ? "" : "concurrently",
                StoreNames.quote(names.object(BEING_BUILT)),
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
            .formatted(names.table(BEING_BUILT), StoreNames.quote(names.object(index.name()))));
  }

  /** The failure with the rows that caused it, the longest ten of them. */
  private SQLException tooLong(Connection connection, IndexDefinition index, SQLException failure)
      throws SQLException {
    drop(connection, BEING_BUILT);
    String method = index.method();
    String columns = method.substring(method.indexOf('(') + 1, method.indexOf(')'));
    String[] each = columns.split(", ", -1);
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
            Integer.toString(MAX_ENTRY_BYTES - HEAD_BYTES * (each.length + 1)));
    return new SQLException(
        "table %s, columns %s: too long together for an index entry of 2,704 bytes in the rows with id %s; shorten them or delete the rows"
            .formatted(names.object(index.table()), columns, rows),
        PROGRAM_LIMIT_EXCEEDED,
        failure);
  }

  private void drop(Connection connection, String name) throws SQLException {
    execute(connection, "drop index concurrently if exists " + names.table(name));
  }
}
