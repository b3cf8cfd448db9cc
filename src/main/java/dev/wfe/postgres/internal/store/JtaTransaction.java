package dev.wfe.postgres.internal.store;

import dev.wfe.persistence.CallerTransactionException;
import dev.wfe.postgres.internal.sql.Deadlines;
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
    if (!jta.isActive()) {
      throw new CallerTransactionException(
          verb, "the transaction is marked for rollback, or about to end", ids, null);
    }
    try (StatelessSession session = sessions.open()) {
      return run(session, verb, ids, work);
    }
  }

  @Override
  public <T> T write(String verb, boolean safeToRepeat, List<String> ids, Work<T> work) {
    return read(verb, ids, work);
  }
}
