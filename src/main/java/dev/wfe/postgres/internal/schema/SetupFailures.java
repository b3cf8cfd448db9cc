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

/**
 * Translates failures of creating or upgrading a store to exceptions that say what to do.
 * Thread-safe.
 */
final class SetupFailures {
  static final String INSUFFICIENT_PRIVILEGE = "42501";

  private static final Set<String> IN_USE = Set.of("55P03", "40P01");

  /**
   * SQLStates of an object (schema, table, type, index, constraint, column) that already exists.
   */
  private static final Set<String> DUPLICATES = Set.of("42P06", "42P07", "42710", "42701");

  private static final String UNIQUE_VIOLATION = "23505";
  private static final String INTERNAL_ERROR = "XX000";

  /** The PostgreSQL routines that report that another session changed the same catalogue row. */
  private static final Set<String> CATALOGUE_UPDATES =
      Set.of("simple_heap_update", "simple_heap_delete");

  private static final List<String> UNKNOWN_TO_FLYWAY =
      List.of("Unknown prefix for location", "Unknown configuration property");

  private SetupFailures() {}

  /**
   * Whether the failure is transient. A failure without SQLState is one of a pool that timed out.
   */
  private static boolean isTransient(SQLException e) {
    return e.getSQLState() == null || SqlErrors.isTransient(e);
  }

  /**
   * Whether another program created the same object concurrently: a schema, table, index or type of
   * that name, or a catalogue row.
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

  /** Whether other sessions hold locks on the object to change. */
  static boolean isInUse(Throwable e) {
    SQLException failure = databaseFailure(e);
    return failure != null && IN_USE.contains(Objects.toString(failure.getSQLState()));
  }

  /** Returns the first SQLException in the chain of causes, or null. */
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

  /** Translates the failure that occurred first while the store was created or upgraded. */
  static StoreException duringSetup(Throwable e, MigrationSession session, StoreNames names) {
    SQLException sessionFailure = session.sessionFailure();
    SQLException failure = sessionFailure == null ? databaseFailure(e) : sessionFailure;
    if (failure != null && isTransient(failure)) {
      return new StoreUnavailableException(
          "Creating or upgrading the store in schema %s was interrupted by a transient failure; call again to continue: %s"
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

  /**
   * Explains failures of an incomplete Flyway. It finds its components through service files, some
   * of which may be missing in an uber-jar.
   */
  private static String incompleteFlyway(Throwable e) {
    String message = String.valueOf(e.getMessage());
    return UNKNOWN_TO_FLYWAY.stream().anyMatch(message::startsWith)
        ? "; components of Flyway were not found: when jars are combined into one, merge the files"
            + " under META-INF/services, for example with the ServicesResourceTransformer of"
            + " maven-shade-plugin"
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
