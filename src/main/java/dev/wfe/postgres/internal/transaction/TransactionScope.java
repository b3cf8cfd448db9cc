package dev.wfe.postgres.internal.transaction;

import dev.wfe.persistence.CallerTransactionException;
import dev.wfe.postgres.internal.sql.Operation;

/**
 * Where operations run: in transactions of their own, or in the caller's. Translates SQL errors to
 * the exceptions of the persistence interfaces. Thread-safe.
 */
public interface TransactionScope {
  /** Runs the operation. */
  <T> T run(Operation operation, StatementCallback<T> work);

  /**
   * Refuses an operation that commits in between and so cannot be part of the caller's transaction.
   *
   * @throws CallerTransactionException if it would be
   */
  void requireIndependent(String operation);
}
