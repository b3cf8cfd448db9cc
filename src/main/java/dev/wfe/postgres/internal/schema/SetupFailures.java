package dev.wfe.postgres.internal.schema;

import dev.wfe.persistence.StoreException;
import dev.wfe.persistence.StoreSetupException;
import dev.wfe.persistence.StoreUnavailableException;
import dev.wfe.postgres.internal.sql.StoreNames;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Says what stands in the way of a store, and what an administrator can do about it. */
final class SetupFailures {
  static final String INSUFFICIENT_PRIVILEGE = "42501";
  static final String LOCK_NOT_AVAILABLE = "55P03";

  private static final int OLDEST_SERVER = 14;

  private SetupFailures() {}

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
    return hasState(e, INSUFFICIENT_PRIVILEGE)
        ? missingRights(message, e, connection, names)
        : new StoreSetupException(message, e);
  }

  private static StoreSetupException missingRights(
      String message, Throwable e, Connection connection, StoreNames names) {
    try {
      return new MissingRights(connection, names).explain(message, e);
    } catch (SQLException second) {
      e.addSuppressed(second);
      return new StoreSetupException(message, e);
    }
  }
}
