package dev.wfe.postgres.internal.transaction;

import dev.wfe.persistence.CallerTransactionException;
import dev.wfe.persistence.StoreException;
import dev.wfe.postgres.internal.sql.Operation;
import dev.wfe.postgres.internal.sql.SqlErrors;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Runs operations in a transaction that the caller commits or rolls back. Nothing is retried,
 * because after most errors PostgreSQL rejects every further statement of the transaction. As
 * thread-safe as the transaction.
 */
abstract class CallerTransaction implements TransactionScope {
  private final StatementDeadlines deadlines;

  CallerTransaction(StatementDeadlines deadlines) {
    this.deadlines = deadlines;
  }

  @Override
  public final boolean isIndependent() {
    return false;
  }

  @Override
  public final void requireIndependent(String operation) {
    throw new CallerTransactionException(
        operation,
        "cannot be part of the caller's transaction, because it commits in between; call it"
            + " outside a transaction or through inOwnTransactions()",
        List.of(),
        null);
  }

  /** Runs the operation on the connection of the transaction. */
  final <T> T runOn(Connection connection, Operation operation, StatementCallback<T> work)
      throws SQLException {
    return work.run(
        StatementExecutor.inTransaction(requireWritable(connection, operation), deadlines));
  }

  /** Rejects a write in a read-only transaction before any statement is sent. */
  static Connection requireWritable(Connection connection, Operation operation)
      throws SQLException {
    if (operation.writes() && connection.isReadOnly()) {
      throw refusal(operation, "the transaction is read only", null);
    }
    return connection;
  }

  static CallerTransactionException refusal(
      Operation operation, String problem, @Nullable Throwable cause) {
    return new CallerTransactionException(operation.name(), problem, operation.ids(), cause);
  }

  /** Translates a failure to get the transaction's connection. */
  static StoreException connecting(Operation operation, SQLException error) {
    for (Throwable cause = error; cause != null; cause = cause.getCause()) {
      String message = cause.getMessage();
      if (message != null && message.contains("enlist")) {
        return refusal(
            operation,
            "the container cannot enlist the data source in the transaction: a transaction with"
                + " several data sources allows only one that is not XA; another possible reason is"
                + " that the transaction has timed out",
            error);
      }
    }
    return SqlErrors.connecting(operation, error);
  }
}
