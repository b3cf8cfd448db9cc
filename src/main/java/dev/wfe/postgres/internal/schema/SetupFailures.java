package dev.wfe.postgres.internal.schema;

import dev.wfe.persistence.StoreException;
import dev.wfe.persistence.StoreSetupException;
import dev.wfe.persistence.StoreUnavailableException;
import dev.wfe.postgres.internal.sql.ConnectionErrors;
import dev.wfe.postgres.internal.sql.SqlErrors;
import dev.wfe.postgres.internal.sql.StoreNames;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Says what stands in the way of a store, and what an administrator can do about it. */
final class SetupFailures {
  static final String INSUFFICIENT_PRIVILEGE = "42501";
  static final String LOCK_NOT_AVAILABLE = "55P03";

  private static final int OLDEST_SERVER = 14;

  private SetupFailures() {}

  /** No connection: refused for good, or gone for the moment. */
  static StoreException notConnected(SQLException e) {
    String words = SqlErrors.connectionMessage(e);
    return passes(e) && !ConnectionErrors.isRefusal(e)
        ? new StoreUnavailableException(
            "The database could not be reached: " + words, List.of(), e)
        : new StoreSetupException("The database refused the connection: " + words, e);
  }

  /** No connection, no resources, or shut down; a pool that gives up waiting names no state. */
  private static boolean passes(SQLException e) {
    String state = e.getSQLState();
    return state == null
        || state.startsWith("08")
        || state.startsWith("53")
        || state.startsWith("57P");
  }

  static void requireSupportedServer(Connection connection) throws SQLException {
    DatabaseMetaData server = connection.getMetaData();
    String problem =
        serverProblem(server.getDatabaseProductName(), server.getDatabaseMajorVersion());
    if (problem != null) {
      throw new StoreSetupException(problem, null);
    }
  }

  static @Nullable String serverProblem(String product, int majorVersion) {
    if (!product.equals("PostgreSQL")) {
      return "The database is %s; the store needs PostgreSQL %d or newer"
          .formatted(product, OLDEST_SERVER);
    }
    return majorVersion < OLDEST_SERVER
        ? "The database is PostgreSQL %d; the store needs %d or newer"
            .formatted(majorVersion, OLDEST_SERVER)
        : null;
  }

  /** The first failure of the database among the causes, or null. */
  static @Nullable SQLException databaseFailure(Throwable e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLException failure) {
        return failure;
      }
    }
    return null;
  }

  static boolean hasState(Throwable e, String sqlState) {
    SQLException failure = databaseFailure(e);
    return failure != null && sqlState.equals(failure.getSQLState());
  }

  /** What went wrong while the store was being set up. */
  static StoreException duringSetup(Throwable e, Connection connection, StoreNames names) {
    SQLException failure = databaseFailure(e);
    if (failure != null && passes(failure)) {
      return new StoreUnavailableException(
          "The store in schema %s is not set up yet, calling again goes on from here: %s"
              .formatted(names.schema(), failure.getMessage()),
          List.of(),
          e);
    }
    String reason = failure == null ? e.getMessage() : failure.getMessage();
    String message =
        "The store in schema %s could not be created or upgraded: %s"
            .formatted(names.schema(), reason);
    if (hasState(e, INSUFFICIENT_PRIVILEGE)) {
      List<String> advice = adviceOrNone(e, connection, names);
      return advice.isEmpty()
          ? new StoreSetupException(message, e)
          : new StoreSetupException(message + "\nLet an administrator run:", advice, e);
    }
    return new StoreSetupException(message, e);
  }

  private static List<String> adviceOrNone(Throwable e, Connection connection, StoreNames names) {
    try {
      return advice(connection, names);
    } catch (SQLException second) {
      e.addSuppressed(second);
      return List.of();
    }
  }

  /** The statements that give the current user what it lacks. */
  private static List<String> advice(Connection connection, StoreNames names) throws SQLException {
    String schema = names.schema();
    List<String> create =
        column(
            connection,
            """
            select pg_catalog.format('create schema "%s" authorization %%I;', current_user)
            where not exists (select from pg_catalog.pg_namespace where nspname = ?)
            """
                .formatted(schema),
            schema);
    if (!create.isEmpty()) {
      return create;
    }
    List<String> advice =
        new ArrayList<>(
            column(
                connection,
                """
                select pg_catalog.format('grant usage, create on schema %I to %I;',
                  nspname, current_user)
                from pg_catalog.pg_namespace
                where nspname = ?
                  and not (pg_catalog.has_schema_privilege(oid, 'usage')
                    and pg_catalog.has_schema_privilege(oid, 'create'))
                """,
                schema));
    advice.addAll(
        column(
            connection,
            """
            select pg_catalog.format('alter table %I.%I owner to %I;',
              n.nspname, c.relname, current_user)
            from pg_catalog.pg_class c
            join pg_catalog.pg_namespace n on n.oid = c.relnamespace
            where n.nspname = ? and c.relkind in ('r', 'p')
              and pg_catalog.starts_with(c.relname, ?)
              and not pg_catalog.pg_has_role(c.relowner, 'usage')
            order by c.relname
            """,
            schema,
            names.prefix()));
    return advice;
  }

  private static List<String> column(Connection connection, String sql, String... parameters)
      throws SQLException {
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
