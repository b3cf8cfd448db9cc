package dev.wfe.postgres.internal.store;

import dev.wfe.persistence.CallerTransactionException;
import dev.wfe.postgres.internal.sql.Deadlines;
import dev.wfe.postgres.internal.sql.SqlErrors;
import java.sql.Connection;
import java.util.List;
import org.hibernate.StatelessSession;

/**
 * Work in the thread's JTA transaction, on the connection that the data source has for it.
 * Thread-safe.
 */
final class JtaTransaction extends CallersTransaction {
  private final Jta jta;
  private final Sessions sessions;

  JtaTransaction(Jta jta, Sessions sessions, Deadlines deadlines) {
    super(deadlines);
    this.jta = jta;
    this.sessions = sessions;
  }

  @Override
  public <T> T read(String verb, List<String> ids, Work<T> work) {
    return run(verb, ids, work);
  }

  @Override
  public <T> T write(String verb, boolean safeToRepeat, List<String> ids, Work<T> work) {
    return run(verb, ids, work);
  }

  private <T> T run(String verb, List<String> ids, Work<T> work) {
    requireActive(verb, ids);
    try (StatelessSession session = sessions.open()) {
      requireEnlisted(session, verb, ids);
      return run(session, verb, ids, work);
    }
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
  private static void requireEnlisted(StatelessSession session, String verb, List<String> ids) {
    boolean committing =
        SessionWork.run(
            session,
            verb,
            ids,
            Connection::getAutoCommit,
            error -> SqlErrors.inCallersTransaction(verb, ids, error));
    if (committing) {
      throw new CallerTransactionException(
          verb,
          "the data source gives a connection that is not part of the transaction",
          ids,
          null);
    }
  }
}
