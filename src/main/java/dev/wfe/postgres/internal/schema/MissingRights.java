package dev.wfe.postgres.internal.schema;

import dev.wfe.persistence.StoreSetupException;
import dev.wfe.postgres.internal.sql.StoreNames;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Explains which privileges the current user lacks to create or upgrade a store, and who can grant
 * them. Not thread-safe.
 *
 * <ol>
 *   <li>Tables of another role should be upgraded by that role. A role that only uses the store
 *       needs fewer privileges.
 *   <li>Statements that transfer the store from its owner are shown only in two cases: the current
 *       user may create tables in the schema, or the tables were created by another program and
 *       have not been set up by this library.
 * </ol>
 */
final class MissingRights {
  private static final String TABLES =
      """
      select %s
      from pg_catalog.pg_class c
      join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where n.nspname = ? and c.relkind in ('r', 'p')
        and c.relname = any (pg_catalog.string_to_array(?, ','))
        and not pg_catalog.pg_has_role(c.relowner, 'usage')
      order by 1
      """;

  private final Connection connection;
  private final StoreNames names;
  private final String tables;

  MissingRights(Connection connection, StoreNames names) {
    this.connection = connection;
    this.names = names;
    tables =
        Stream.concat(
                SchemaManager.tables(names).stream(),
                Stream.of(names.object(SchemaManager.HISTORY)))
            .collect(Collectors.joining(","));
  }

  /** Returns the failure with advice, and with SQL statements for an administrator. */
  StoreSetupException explain(String message, Throwable cause) throws SQLException {
    String schema = names.schema();
    List<String> create =
        column(
            """
            select pg_catalog.format('create schema %I authorization %I;',
              wanted.name, current_user)
            from (select ?::text as name) wanted
            where not exists (select from pg_catalog.pg_namespace where nspname = wanted.name)
            """,
            schema);
    if (!create.isEmpty()) {
      return administrator(message, "Ask an administrator to run:", create, cause);
    }
    String belongs = belonging();
    if (belongs.isEmpty()) {
      return administrator(message, "Ask an administrator to run:", statements(), cause);
    }
    String others =
        ("%s\n%s: call ensureStoreExists() as that role, or a member of it; a role that only uses"
                + " the store needs the privileges listed in docs/security.md")
            .formatted(message, belongs);
    return mayOwn()
        ? administrator(
            others,
            "If %s is to own the store instead, ask an administrator to run:"
                .formatted(column("select pg_catalog.quote_ident(current_user)").get(0)),
            statements(),
            cause)
        : new StoreSetupException(others, cause);
  }

  private static StoreSetupException administrator(
      String message, String introduction, List<String> statements, Throwable cause) {
    return statements.isEmpty()
        ? new StoreSetupException(message, cause)
        : new StoreSetupException(message + "\n" + introduction, statements, cause);
  }

  /**
   * Says who owns the tables, or the schema if there are no tables; empty if it is the current
   * user.
   */
  private String belonging() throws SQLException {
    List<String> owners =
        column(
            TABLES.formatted(
                "distinct pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(c.relowner))"),
            names.schema(),
            tables);
    if (!owners.isEmpty()) {
      return "The store belongs to " + String.join(", ", owners);
    }
    List<String> owner =
        column(
            """
            select pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(n.nspowner))
            from pg_catalog.pg_namespace n
            where n.nspname = ? and not pg_catalog.pg_has_role(n.nspowner, 'usage')
              and not exists (
                select from pg_catalog.pg_class c
                where c.relnamespace = n.oid
                  and c.relname = any (pg_catalog.string_to_array(?, ',')))
            """,
            names.schema(),
            tables);
    return owner.isEmpty() ? "" : "The schema belongs to " + owner.get(0);
  }

  /**
   * Whether the current user may become the owner: it may create tables in the schema, or nobody
   * has set the store up with this library yet, because there is no migration history.
   */
  private boolean mayOwn() throws SQLException {
    return !column(
            """
            select n.nspname
            from pg_catalog.pg_namespace n
            where n.nspname = ?
              and (pg_catalog.has_schema_privilege(n.oid, 'create')
                or not exists (
                  select from pg_catalog.pg_class c
                  where c.relnamespace = n.oid and c.relname = ?))
            """,
            names.schema(),
            names.object(SchemaManager.HISTORY))
        .isEmpty();
  }

  /** Returns the statements that grant the current user what it lacks. */
  private List<String> statements() throws SQLException {
    List<String> statements =
        new ArrayList<>(
            column(
                """
                select pg_catalog.format('grant usage, create on schema %I to %I;',
                  nspname, current_user)
                from pg_catalog.pg_namespace
                where nspname = ?
                  and not (pg_catalog.has_schema_privilege(oid, 'usage')
                    and pg_catalog.has_schema_privilege(oid, 'create'))
                """,
                names.schema()));
    statements.addAll(
        column(
            TABLES.formatted(
                "pg_catalog.format('alter table %I.%I owner to %I;',"
                    + " n.nspname, c.relname, current_user)"),
            names.schema(),
            tables));
    return statements;
  }

  private List<String> column(String sql, String... parameters) throws SQLException {
    List<String> column = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < parameters.length; i++) {
        statement.setString(i + 1, parameters[i]);
      }
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          column.add(rows.getString(1));
        }
      }
    }
    return column;
  }
}
