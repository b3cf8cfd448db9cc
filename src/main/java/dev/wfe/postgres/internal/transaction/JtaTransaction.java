package dev.wfe.postgres.internal.transaction;

import dev.wfe.postgres.internal.connection.ConnectionSource;
import dev.wfe.postgres.internal.sql.Operation;
import dev.wfe.postgres.internal.sql.SqlErrors;
import java.sql.Connection;
import java.sql.SQLException;

/**
 * Runs operations in the thread's JTA transaction, on the connection that the data source enlists
 * in it. Thread-safe.
 */
final class JtaTransaction extends CallerTransaction {
  private final JtaManager jta;
  private final ConnectionSource connections;

  JtaTransaction(JtaManager jta, ConnectionSource connections, StatementDeadlines deadlines) {
    super(deadlines);
    this.jta = jta;
    this.connections = connections;
  }

  @Override
  public <T> T run(Operation operation, StatementCallback<T> work) {
    requireActive(operation);
    try (ConnectionSource.Borrowed borrowed = borrow(operation)) {
      Connection connection = borrowed.connection();
      try {
        requireEnlisted(connection, operation);
        return runOn(connection, operation, work);
      } catch (SQLException error) {
        throw SqlErrors.inCallersTransaction(operation, error);
      }
    }
  }

  @Override
  public void afterCommit(Runnable callback) {
    jta.afterCommit(callback);
  }

  private ConnectionSource.Borrowed borrow(Operation operation) {
    try {
      return connections.borrow();
    } catch (SQLException error) {
      throw connecting(operation, error);
    }
  }

  private void requireActive(Operation operation) {
    if (!jta.isActive()) {
      throw refusal(
          operation,
          "the transaction has timed out, is marked for rollback or is about to end; call the"
              + " operation after it, or through inOwnTransactions()",
          null);
    }
  }

  /**
   * Rejects a connection in auto-commit mode. The transaction may have ended since it was checked;
   * the data source then supplies a connection outside it.
   */
  private static void requireEnlisted(Connection connection, Operation operation)
      throws SQLException {
    if (connection.getAutoCommit()) {
      throw refusal(
          operation,
          "the data source supplied a connection that is not part of the transaction",
          null);
    }
  }
}
