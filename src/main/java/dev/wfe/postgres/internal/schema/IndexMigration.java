package dev.wfe.postgres.internal.schema;

import dev.wfe.postgres.internal.sql.StoreNames;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Builds the indexes while others write. They have the names of the origin's, so that its {@code
 * create index if not exists} adds no second ones, but answer the queries of this library, and what
 * is finished costs what runs as little as may be.
 *
 * <ol>
 *   <li>An index that is as it should be stays.
 *   <li>What an interrupted build left behind is dropped.
 *   <li>An index with another definition stays in use until the new one is there.
 * </ol>
 */
final class IndexMigration extends OnlineMigration {
  /**
   * The columns of an entry take 2,704 bytes at most together, which is why an event's id does not
   * follow its name, key and time. Each index on workflows is written by nearly every persist, so
   * the one by status leaves out what the one by time holds already.
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

  private static final String BEING_BUILT = "idx_being_built";

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
    execute(
        connection,
        "create index %s %s on %s using %s"
            .formatted(
                empty ? "" : "concurrently",
                StoreNames.quote(names.object(BEING_BUILT)),
                table,
                index.method()));
    drop(connection, index.name());
    execute(
        connection,
        "alter index %s rename to %s"
            .formatted(names.table(BEING_BUILT), StoreNames.quote(names.object(index.name()))));
  }

  private void drop(Connection connection, String name) throws SQLException {
    execute(connection, "drop index concurrently if exists " + names.table(name));
  }
}
