package dev.wfe.postgres.internal.store;

import dev.wfe.persistence.CallerTransactionException;
import dev.wfe.postgres.internal.sql.Deadlines;
import dev.wfe.postgres.internal.sql.SqlErrors;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** Work in the transaction of a connection. As thread-safe as the connection. */
final class ConnectionTransaction extends CallersTransaction {
  private final Connection connection;

  ConnectionTransaction(Connection connection, Deadlines deadlines) {
    super(deadlines);
    this.connection = connection;
  }

  @Override
  public <T> T read(String verb, List<String> ids, Work<T> work) {
    return run(verb, ids, work);
  }

  @Override
  public <T> T write(String verb, boolean safeToRepeat, List<String> ids, Work<T> work) {
    return run(
        verb,
        ids,
        statements -> {
          requireWritable(connection, verb, ids);
          return work.by(statements);
        });
  }

  private <T> T run(String verb, List<String> ids, Work<T> work) {
    try {
      if (connection.getAutoCommit()) {
        throw new CallerTransactionException(
            verb, "the connection commits each statement by itself", ids, null);
      }
      return work.by(statements(connection));
    } catch (SQLException error) {
      throw SqlErrors.inCallersTransaction(verb, ids, error);
    }
  }
}
