package dev.wfe.postgres.internal.transaction;

import dev.wfe.persistence.StoreException;
import dev.wfe.postgres.internal.connection.ConnectionSource;
import dev.wfe.postgres.internal.connection.ServerRequirements;
import dev.wfe.postgres.internal.sql.Operation;
import dev.wfe.postgres.internal.sql.SqlErrors;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.postgresql.PGConnection;

/**
 * Runs each operation on a borrowed connection in auto-commit mode, and retries transient failures.
 * Thread-safe.
 */
final class IndependentTransactions implements TransactionScope {
  private static final String READ_ONLY_TRANSACTION = "25006";
  private static final String INSUFFICIENT_PRIVILEGE = "42501";
  private static final String MISSING_STATEMENT = "26000";
  private static final String OTHER_STATEMENT = "42P05";
  private static final String READ_ONLY_SETTING = "default_transaction_read_only";
  private static final String ON = "on";

  private final ConnectionSource connections;
  private final StatementDeadlines deadlines;
  private final Retries retries;

  /**
   * Uses the given connections.
   *
   * @param retryTimeout the time after which an operation is no longer retried; zero for no retry
   */
  IndependentTransactions(
      ConnectionSource connections, StatementDeadlines deadlines, Duration retryTimeout) {
    this.connections = connections;
    this.deadlines = deadlines;
    this.retries = new Retries(retryTimeout);
  }

  @Override
  public <T> T run(Operation operation, StatementCallback<T> work) {
    return retries.call(() -> runOnce(operation, work));
  }

  @Override
  public boolean isIndependent() {
    return true;
  }

  @Override
  public void requireIndependent(String operation) {
    // Nothing to check: these transactions are independent.
  }

  @Override
  public void afterCommit(Runnable callback) {
    callback.run();
  }

  private <T> T runOnce(Operation operation, StatementCallback<T> work) {
    try (ConnectionSource.Borrowed borrowed = borrow(operation)) {
      Connection connection = borrowed.connection();
      try (AutoCommit on = AutoCommit.on(connection)) {
        return work.run(StatementExecutor.committing(on.connection(), deadlines));
      } catch (SQLException error) {
        throw translate(operation, withReason(connection, error));
      }
    }
  }

  private ConnectionSource.Borrowed borrow(Operation operation) {
    try {
      return connections.borrow();
    } catch (SQLException error) {
      throw SqlErrors.connecting(operation, error);
    }
  }

  private static StoreException translate(Operation operation, SQLException error) {
    return operation.writes()
        ? SqlErrors.writing(operation, error)
        : SqlErrors.reading(operation, error);
  }

  /**
   * Returns the error, or a permanent one if the connection shows that the reason is permanent.
   *
   * <ul>
   *   <li>A read-only transaction is a transient failure while a standby is being promoted. It is
   *       permanent if the role or the database is configured as read only; the server reports this
   *       setting to the driver at connect time.
   *   <li>A missing prepared statement is transient on a direct connection, because the next
   *       attempt prepares it again. It is permanent behind a proxy that changes the session of the
   *       connection.
   * </ul>
   */
  private static SQLException withReason(Connection connection, SQLException error) {
    try {
      if (!connection.isWrapperFor(PGConnection.class)) {
        return error;
      }
      PGConnection driver = connection.unwrap(PGConnection.class);
      if (READ_ONLY_TRANSACTION.equals(error.getSQLState())
          && ON.equals(driver.getParameterStatus(READ_ONLY_SETTING))) {
        return new SQLException(
            error.getMessage() + "; " + READ_ONLY_SETTING + " is on for the role or the database",
            INSUFFICIENT_PRIVILEGE,
            error);
      }
      if (MISSING_STATEMENT.equals(error.getSQLState())
          && ServerRequirements.isBehindProxy(connection)) {
        return new SQLException(
            "%s (%s) in another session".formatted(error.getMessage(), MISSING_STATEMENT),
            OTHER_STATEMENT,
            error);
      }
    } catch (SQLException broken) {
      error.addSuppressed(broken);
    }
    return error;
  }
}
