package dev.wfe.postgres.internal.transaction;

import dev.wfe.persistence.StoreUnavailableException;
import dev.wfe.postgres.internal.connection.ConnectionSource;
import dev.wfe.postgres.internal.sql.SqlErrors;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Begins transactions on borrowed connections, whose settings it restores. Thread-safe. */
final class ConnectionRunner implements TransactionRunner {
  private final ConnectionSource connections;
  private final StatementDeadlines deadlines;

  ConnectionRunner(ConnectionSource connections, StatementDeadlines deadlines) {
    this.connections = connections;
    this.deadlines = deadlines;
  }

  @Override
  public <T extends @Nullable Object> T run(Work<T> work) throws Exception {
    RunningTransaction transaction;
    T result;
    try (ConnectionSource.Borrowed borrowed = borrow()) {
      Connection connection = borrowed.connection();
      Settings settings = begin(connection);
      transaction =
          new RunningTransaction(
              new ConnectionTransaction(connection, null, deadlines),
              type -> type == Connection.class ? connection : null);
      try {
        result = transaction.during(work);
        commit(connection);
      } catch (Throwable failure) {
        rollBack(connection, failure);
        throw failure;
      } finally {
        settings.restore(connection);
      }
    }
    transaction.committed();
    return result;
  }

  private ConnectionSource.Borrowed borrow() {
    try {
      return connections.borrow();
    } catch (SQLException error) {
      throw SqlErrors.connecting(OPERATION, error);
    }
  }

  /** The settings of a connection that the work may change. Those are known to the driver. */
  private record Settings(boolean autoCommit, boolean readOnly) {
    /** Ignores a failure: the transaction has ended, and a pool discards a broken connection. */
    void restore(Connection connection) {
      try {
        if (connection.getAutoCommit() != autoCommit) {
          connection.setAutoCommit(autoCommit);
        }
        if (connection.isReadOnly() != readOnly) {
          connection.setReadOnly(readOnly);
        }
      } catch (SQLException broken) {
        // Ignored: see the method's comment.
      }
    }
  }

  private static Settings begin(Connection connection) {
    try {
      Settings settings = new Settings(connection.getAutoCommit(), connection.isReadOnly());
      connection.setAutoCommit(false);
      return settings;
    } catch (SQLException error) {
      throw SqlErrors.connecting(OPERATION, error);
    }
  }

  private void commit(Connection connection) {
    try {
      if (connection.isClosed()) {
        throw new StoreUnavailableException(
            NAME + ": the connection broke or was closed before the commit, so nothing is stored",
            List.of(),
            null);
      }
      StatementExecutor.inTransaction(connection, deadlines).commit();
    } catch (SQLException error) {
      throw SqlErrors.committing(OPERATION, error);
    }
  }

  private static void rollBack(Connection connection, Throwable failure) {
    try {
      if (!connection.isClosed()) {
        connection.rollback();
      }
    } catch (SQLException broken) {
      failure.addSuppressed(broken);
    }
  }
}
