package dev.wfe.postgres.internal.schema;

import dev.wfe.persistence.StoreException;
import dev.wfe.persistence.StoreSetupException;
import dev.wfe.persistence.StoreUnavailableException;
import dev.wfe.postgres.internal.sql.SqlErrors;
import dev.wfe.postgres.internal.sql.StoreNames;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** Says what stands in the way of a store, and what an administrator can do about it. */
final class SetupFailures {
  static final String INSUFFICIENT_PRIVILEGE = "42501";

  private static final Set<String> IN_USE = Set.of("55P03", "40P01");

  /** A schema, table, type, index, constraint or column of that name is there already. */
  private static final Set<String> DUPLICATES = Set.of("42P06", "42P07", "42710", "42701");

  private static final String UNIQUE_VIOLATION = "23505";
  private static final String INTERNAL_ERROR = "XX000";

  /** What in PostgreSQL says that another session changed the same row of the catalogue. */
  private static final Set<String> CATALOGUE_UPDATES =
      Set.of("simple_heap_update", "simple_heap_delete");

  private static final List<String> UNKNOWN_TO_FLYWAY =
      List.of("Unknown prefix for location", "Unknown configuration property");

  private SetupFailures() {}

  /** A pool that gives up waiting names no state. */
  private static boolean passes(SQLException e) {
    return e.getSQLState() == null || SqlErrors.isTransient(e);
  }

  /**
   * Whether another program created the same object at the same moment: a schema, a table, an index
   * or a type of that name, or a row of the catalogue.
   */
  static boolean isLostRace(Throwable e) {
    SQLException failure = databaseFailure(e);
    if (failure == null) {
      return false;
    }
    String state = Objects.toString(failure.getSQLState());
    return DUPLICATES.contains(state)
        || (state.equals(UNIQUE_VIOLATION)
            && "pg_catalog".equals(field(failure, ServerErrorMessage::getSchema)))
        || (state.equals(INTERNAL_ERROR)
            && CATALOGUE_UPDATES.contains(field(failure, ServerErrorMessage::getRoutine)));
  }

  private static String field(
      SQLException failure, Function<ServerErrorMessage, @Nullable String> field) {
    ServerErrorMessage server =
        failure instanceof PSQLException postgres ? postgres.getServerErrorMessage() : null;
    return server == null ? "" : Objects.toString(field.apply(server), "");
  }

  /** Whether others use what was to be changed. */
  static boolean isInUse(Throwable e) {
    SQLException failure = databaseFailure(e);
    return failure != null && IN_USE.contains(Objects.toString(failure.getSQLState()));
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

  /** What went wrong first while the store was being set up. */
  static StoreException duringSetup(Throwable e, MigrationSession session, StoreNames names) {
    SQLException end = session.end();
    SQLException failure = end == null ? databaseFailure(e) : end;
    if (failure != null && passes(failure)) {
      return new StoreUnavailableException(
          "The store in schema %s is not set up yet, calling again goes on from here: %s"
              .formatted(names.schema(), failure.getMessage()),
          List.of(),
          e);
    }
    String reason = failure == null ? e.getMessage() + incompleteFlyway(e) : failure.getMessage();
    String message =
        "The store in schema %s could not be created or upgraded: %s"
            .formatted(names.schema(), reason);
    return hasState(e, INSUFFICIENT_PRIVILEGE)
        ? missingRights(message, e, session.connection(), names)
        : new StoreSetupException(message, e);
  }

  /** Flyway finds its parts by service files, of which a jar made of jars may have lost some. */
  private static String incompleteFlyway(Throwable e) {
    String message = String.valueOf(e.getMessage());
    return UNKNOWN_TO_FLYWAY.stream().anyMatch(message::startsWith)
        ? "; parts of Flyway were not found: where jars are made into one, the files under"
            + " META-INF/services have to be merged, by maven-shade-plugin's"
            + " ServicesResourceTransformer for one"
        : "";
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
