package dev.wfe.postgres.internal.transaction;

import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import org.postgresql.util.PSQLWarning;

/**
 * Detects commits that no synchronous standby has confirmed. If such a wait is cancelled,
 * PostgreSQL reports the commit as successful and only adds a warning; the commit is lost if the
 * standby is promoted. Thread-safe.
 */
public final class SynchronousReplicationCheck {
  /** SQLState {@code transaction_resolution_unknown}. */
  private static final String RESOLUTION_UNKNOWN = "08007";

  /**
   * The PostgreSQL routine that raises the warning. The text cannot be compared, because it is in
   * the server's language.
   */
  private static final String WARNING_ROUTINE = "SyncRepWaitForLSN";

  private SynchronousReplicationCheck() {}

  /**
   * Throws if the statement was committed on this server but not confirmed by a synchronous
   * standby.
   */
  public static void requireConfirmation(Statement statement) throws SQLException {
    for (SQLWarning warning = statement.getWarnings();
        warning != null;
        warning = warning.getNextWarning()) {
      if (warning instanceof PSQLWarning postgres
          && WARNING_ROUTINE.equals(postgres.getServerErrorMessage().getRoutine())) {
        throw new SQLException(warning.getMessage(), RESOLUTION_UNKNOWN, warning);
      }
    }
  }
}
