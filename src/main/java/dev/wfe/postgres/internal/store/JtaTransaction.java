package dev.wfe.postgres.internal.store;

import dev.wfe.persistence.CallerTransactionException;
import dev.wfe.postgres.internal.sql.Deadlines;
import dev.wfe.postgres.internal.sql.SqlErrors;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * Work in the thread's JTA transaction, on the connection that the data source has for it.
 * Thread-safe.
 */
final class JtaTransaction extends CallersTransaction {
  private final Jta jta;
  private final Connections connections;

  JtaTransaction(Jta jta, Connections connections, Deadlines deadlines) {
    super(deadlines);
    this.jta = jta;
    this.connections = connections;
  }

  @Override
  public <T> T read(String verb, List<String> ids, Work<T> work) {
    return run(verb, ids, connection -> work.by(statements(connection)));
  }

  @Override
  public <T> T write(String verb, boolean safeToRepeat, List<String> ids, Work<T> work) {
    return run(
        verb,
        ids,
        connection -> {
          requireWritable(connection, verb, ids);
          return work.by(statements(connection));
        });
  }

  private <T> T run(String verb, List<String> ids, Connections.OnConnection<T> work) {
    requireActive(verb, ids);
    return connections.run(
        connection -> {
          requireEnlisted(connection, verb, ids);
          return work.run(connection);
        },
        error -> connecting(verb, ids, error),
        error -> SqlErrors.inCallersTransaction(verb, ids, error));
  }

  private void requireActive(String verb, List<String> ids) {
    if (!jta.isActive()) {
      throw new CallerTransactionException(
          verb,
          "the transaction has timed out, is marked for rollback, or about to end; after it, or by"
              + " inOwnTransactions(), the operation is possible",
          ids,
          null);
    }
  }

  /** The transaction may have ended since it was looked at; then the connection is nobody's. */
  private static void requireEnlisted(Connection connection, String verb, List<String> ids)
      throws SQLException {
    if (connection.getAutoCommit()) {
      throw new CallerTransactionException(
          verb,
          "the data source gives a connection that is not part of the transaction",
          ids,
          null);
    }
  }
}
