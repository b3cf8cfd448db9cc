package dev.wfe.postgres.internal.schema;

import dev.wfe.postgres.internal.sql.StoreNames;
import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * Gives every workflow a unique name, concurrently with other writers. Not thread-safe.
 *
 * <ol>
 *   <li>Missing names are set to the id, in batches along the primary key, one transaction per
 *       batch.
 *   <li>A unique index is built concurrently, and then becomes the constraint.
 *   <li>A check constraint is validated, which does not block writers. Afterwards the column is set
 *       to not null, which PostgreSQL can do without scanning the table.
 * </ol>
 */
final class NameMigration extends OnlineMigration {
  private static final String CONSTRAINT = "workflows_name_key";
  private static final String CHECK = "workflows_name_is_there";

  private final int batchSize;

  NameMigration(StoreNames names, int batchSize) {
    super("5", "names", names);
    this.batchSize = batchSize;
  }

  @Override
  void migrate(Connection connection) throws SQLException {
    boolean mandatory = isMandatory(connection);
    if (!mandatory) {
      fill(connection);
    }
    if (!isUnique(connection)) {
      makeUnique(connection);
    }
    if (!mandatory) {
      makeMandatory(connection);
    }
  }

  private String workflows() {
    return names.table("workflows");
  }

  private boolean isMandatory(Connection connection) throws SQLException {
    return exists(
        connection,
        """
        select 1 from pg_catalog.pg_attribute
        where attrelid = ?::pg_catalog.regclass and attname = 'name' and attnotnull
        """,
        workflows());
  }

  private void fill(Connection connection) throws SQLException {
    String sql =
        """
        with batch as (
          select id from %1$s where id > ? and name is null order by id limit %2$s
        ), filled as (
          update %1$s w set name = w.id from batch where w.id = batch.id and w.name is null
        )
        select max(id) from batch
        """
            .formatted(workflows(), batchSize);
    @Nullable String last = "";
    while (last != null) {
      last = query(connection, sql, last);
    }
    // Rows that were inserted meanwhile, after the last batch.
    execute(connection, "update %s set name = id where name is null".formatted(workflows()));
  }

  /** Whether a constraint or, as in some older stores, only an index makes the name unique. */
  private boolean isUnique(Connection connection) throws SQLException {
    return exists(
        connection,
        """
        select 1
        from pg_catalog.pg_index i
        join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attname = 'name'
        where i.indrelid = ?::pg_catalog.regclass and i.indisunique and i.indisvalid
          and i.indimmediate and i.indpred is null and i.indnkeyatts = 1
          and i.indkey[0] = a.attnum
        """,
        workflows());
  }

  private void makeUnique(Connection connection) throws SQLException {
    String index = StoreNames.quote(names.object(CONSTRAINT));
    String qualified = names.table(CONSTRAINT);
    execute(connection, "drop index concurrently if exists " + qualified);
    execute(
        connection,
        "create unique index concurrently %s on %s (name)".formatted(index, workflows()));
    alter(connection, "add constraint %1$s unique using index %1$s".formatted(index));
  }

  private void makeMandatory(Connection connection) throws SQLException {
    String check = StoreNames.quote(names.object(CHECK));
    alter(connection, "drop constraint if exists " + check);
    alter(connection, "add constraint %s check (name is not null) not valid".formatted(check));
    execute(connection, "alter table %s validate constraint %s".formatted(workflows(), check));
    alter(connection, "alter column name set not null, drop constraint " + check);
  }

  /**
   * Alters the table with a short lock timeout, because all readers queue behind a statement that
   * waits for the table's exclusive lock.
   */
  private void alter(Connection connection, String change) throws SQLException {
    execute(connection, "set lock_timeout to '2s'");
    try {
      execute(connection, "alter table %s %s".formatted(workflows(), change));
    } finally {
      execute(connection, "set lock_timeout to 0");
    }
  }
}
