package dev.wfe.postgres.internal.transaction;

import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import org.postgresql.util.PSQLWarning;

/**
 * A commit that waits for a synchronous standby, and is cancelled, is called a success by
 * PostgreSQL, with a warning: it is lost if the standby is promoted now.
 */
public final class SynchronousReplicationCheck {
  /** The class of SQLState 08 that says so. */
  private static final String RESOLUTION_UNKNOWN = "08007";

  /** The place in PostgreSQL that warns; its text is in the server's language. */
  private static final String WARNING_ROUTINE = "SyncRepWaitForLSN";

  private SynchronousReplicationCheck() {}

  /** Fails if what was just committed may be on this server alone, though it is not to be. */
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
