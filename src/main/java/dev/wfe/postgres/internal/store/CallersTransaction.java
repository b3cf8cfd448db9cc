package dev.wfe.postgres.internal.store;

import dev.wfe.persistence.CallerTransactionException;
import dev.wfe.persistence.StoreException;
import dev.wfe.postgres.internal.sql.Deadlines;
import dev.wfe.postgres.internal.sql.SqlErrors;
import dev.wfe.postgres.internal.sql.Statements;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.hibernate.SharedSessionContract;

/**
 * Work in a transaction that the caller ends. Nothing is tried again: after most errors PostgreSQL
 * does nothing more in the transaction. Thread-safe, as far as what it stands on is.
 */
abstract class CallersTransaction implements Database {
  private final Deadlines deadlines;

  CallersTransaction(Deadlines deadlines) {
    this.deadlines = deadlines;
  }

  @Override
  public final void requireOwnTransactions(String verb) {
    throw new CallerTransactionException(
        verb,
        "cannot be part of the caller's transaction, for it commits as it goes; call it outside",
        List.of(),
        null);
  }

  /** Refuses a write before anything is sent. */
  static void requireWritable(Connection connection, String verb, List<String> ids)
      throws SQLException {
    if (connection.isReadOnly()) {
      throw new CallerTransactionException(verb, "the transaction is read only", ids, null);
    }
  }

  final void requireWritable(SharedSessionContract session, String verb, List<String> ids) {
    var unused =
        SessionWork.run(
            session,
            verb,
            ids,
            connection -> {
              requireWritable(connection, verb, ids);
              return connection;
            },
            error -> SqlErrors.inCallersTransaction(verb, ids, error));
  }

  /** A failure to get the connection of the transaction. */
  static StoreException connecting(String verb, List<String> ids, SQLException error) {
    for (Throwable cause = error; cause != null; cause = cause.getCause()) {
      String message = cause.getMessage();
      if (message != null && message.contains("enlist")) {
        return new CallerTransactionException(
            verb,
            "the container cannot make the store's data source part of the transaction: two data"
                + " sources in one transaction have to be XA, all but one of them; or it has timed"
                + " out",
            ids,
            error);
      }
    }
    return SqlErrors.connecting(verb, ids, error);
  }

  final Statements statements(Connection connection) {
    return Statements.inTransaction(connection, deadlines);
  }

  final <T> T run(SharedSessionContract session, String verb, List<String> ids, Work<T> work) {
    return SessionWork.run(
        session,
        verb,
        ids,
        connection -> work.by(statements(connection)),
        error -> SqlErrors.inCallersTransaction(verb, ids, error));
  }
}
