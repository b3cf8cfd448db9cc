package dev.wfe.postgres.internal.transaction;

import dev.wfe.postgres.internal.sql.Operation;

/**
 * Runs operations in independent transactions while the thread's JTA transaction is suspended.
 * Thread-safe.
 */
final class SuspendingTransactions implements TransactionScope {
  private final JtaManager jta;
  private final TransactionScope independent;

  SuspendingTransactions(JtaManager jta, TransactionScope independent) {
    this.jta = jta;
    this.independent = independent;
  }

  @Override
  public <T> T run(Operation operation, StatementCallback<T> work) {
    return jta.suspended(() -> independent.run(operation, work));
  }

  @Override
  public boolean isIndependent() {
    return independent.isIndependent();
  }

  @Override
  public void requireIndependent(String operation) {
    independent.requireIndependent(operation);
  }

  @Override
  public void afterCommit(Runnable callback) {
    independent.afterCommit(callback);
  }
}
