package dev.wfe.postgres.internal.transaction;

import dev.wfe.postgres.internal.sql.Operation;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Runs operations in the caller's transaction if there is one, and in independent transactions
 * otherwise. Thread-safe.
 */
final class JoiningTransactions implements TransactionScope {
  private final Supplier<Optional<TransactionScope>> callers;
  private final TransactionScope independent;

  JoiningTransactions(Supplier<Optional<TransactionScope>> callers, TransactionScope independent) {
    this.callers = callers;
    this.independent = independent;
  }

  private TransactionScope current() {
    return callers.get().orElse(independent);
  }

  @Override
  public <T> T run(Operation operation, StatementCallback<T> work) {
    return current().run(operation, work);
  }

  @Override
  public boolean isIndependent() {
    return current().isIndependent();
  }

  @Override
  public void requireIndependent(String operation) {
    current().requireIndependent(operation);
  }

  @Override
  public void afterCommit(Runnable callback) {
    current().afterCommit(callback);
  }

  @Override
  public boolean observesCommit() {
    return current().observesCommit();
  }
}
