package dev.wfe.postgres.internal.transaction;

import dev.wfe.persistence.StoreException;
import dev.wfe.postgres.internal.connection.ConnectionSource;
import dev.wfe.postgres.internal.sql.Operation;
import dev.wfe.postgres.internal.sql.SqlErrors;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.postgresql.PGConnection;

/**
 * Runs each operation on a connection of its own, where each statement commits by itself. Transient
 * failures are retried. Thread-safe.
 */
final class IndependentTransactions implements TransactionScope {
  private static final String READ_ONLY_TRANSACTION = "25006";
  private static final String INSUFFICIENT_PRIVILEGE = "42501";
  private static final String READ_ONLY_SETTING = "default_transaction_read_only";
  private static final String ON = "on";

  private final ConnectionSource connections;
  private final StatementDeadlines deadlines;
  private final Retries retries;

  /**
   * On borrowed connections.
   *
   * @param retryTimeout after which an operation is not retried any more; zero for no retry
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
  public void requireIndependent(String operation) {
    // They are.
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

  /** Pools may lend connections with auto-commit off; it is off again when this is closed. */
  private record AutoCommit(Connection connection, boolean wasOff) implements AutoCloseable {
    static AutoCommit on(Connection connection) throws SQLException {
      boolean off = !connection.getAutoCommit();
      if (off) {
        connection.setAutoCommit(true);
      }
      return new AutoCommit(connection, off);
    }

    @Override
    public void close() throws SQLException {
      if (wasOff) {
        connection.setAutoCommit(false);
      }
    }
  }

  /**
   * A read-only transaction is a transient failure while a standby is being promoted. It is a
   * permanent one if the role or the database is read only, which the server reports when the
   * driver connects.
   */
  private static SQLException withReason(Connection connection, SQLException error) {
    try {
      if (READ_ONLY_TRANSACTION.equals(error.getSQLState())
          && connection.isWrapperFor(PGConnection.class)
          && ON.equals(
              connection.unwrap(PGConnection.class).getParameterStatus(READ_ONLY_SETTING))) {
        return new SQLException(
            error.getMessage() + "; " + READ_ONLY_SETTING + " is on for the role or the database",
            INSUFFICIENT_PRIVILEGE,
            error);
      }
    } catch (SQLException broken) {
      error.addSuppressed(broken);
    }
    return error;
  }
}
