package dev.wfe.postgres.internal.transaction;

import dev.wfe.persistence.CallerTransactionException;
import dev.wfe.postgres.internal.sql.Operation;

/**
 * The kind of transaction in which operations run: an independent one or the caller's. Translates
 * SQL errors to the exceptions of the persistence interfaces. Thread-safe, except for scopes of a
 * caller's transaction, which are as thread-safe as the transaction.
 */
public interface TransactionScope {
  /** Runs the operation and returns its result. */
  <T> T run(Operation operation, StatementCallback<T> work);

  /** Whether an operation of this thread would now run in a transaction of its own. */
  boolean isIndependent();

  /**
   * Rejects an operation that commits in between, and therefore cannot be part of the caller's
   * transaction.
   *
   * @throws CallerTransactionException if this scope is a caller's transaction
   */
  void requireIndependent(String operation);

  /**
   * Runs the callback after the commit of the operation that has just ended in this thread: at once
   * if it has committed by itself, in any thread after the caller's commit if that can be observed,
   * otherwise not at all.
   *
   * @param callback throws nothing
   */
  void afterCommit(Runnable callback);

  /** Whether the commit of an operation of this thread would be observed. */
  default boolean observesCommit() {
    return true;
  }
}
