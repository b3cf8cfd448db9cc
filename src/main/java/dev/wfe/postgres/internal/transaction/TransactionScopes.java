package dev.wfe.postgres.internal.transaction;

import dev.wfe.postgres.internal.connection.ConnectionSource;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/** The transaction scopes of one provider. Thread-safe. */
public final class TransactionScopes implements AutoCloseable {
  /**
   * The time limits of operations.
   *
   * @param statement the time after which a statement is cancelled; zero for no limit
   * @param retry the time after which an operation is no longer retried; zero for no retry
   */
  public record Timeouts(Duration statement, Duration retry) {}

  private final StatementDeadlines deadlines;
  private final TransactionScope independent;
  private final TransactionScope joining;
  private final Executor suspending;

  private TransactionScopes(
      StatementDeadlines deadlines,
      TransactionScope independent,
      TransactionScope joining,
      Executor suspending) {
    this.deadlines = deadlines;
    this.independent = independent;
    this.joining = joining;
    this.suspending = suspending;
  }

  /**
   * Creates scopes over connections that no container enlists in JTA transactions.
   *
   * @param callers returns the calling thread's transaction, if it is in one
   */
  public static TransactionScopes of(
      ConnectionSource connections,
      Supplier<Optional<CallerTransactionSource>> callers,
      Timeouts timeouts) {
    StatementDeadlines deadlines = new StatementDeadlines(timeouts.statement());
    TransactionScope independent =
        new IndependentTransactions(connections, deadlines, timeouts.retry());
    TransactionScope joining =
        new JoiningTransactions(
            () -> callers.get().map(caller -> caller.scope(deadlines)), independent);
    return new TransactionScopes(deadlines, independent, joining, Runnable::run);
  }

  /** Creates scopes over connections that a container enlists in the thread's JTA transaction. */
  public static TransactionScopes ofJta(
      ConnectionSource connections, JtaManager jta, Timeouts timeouts) {
    StatementDeadlines deadlines = new StatementDeadlines(timeouts.statement());
    TransactionScope independent =
        new IndependentTransactions(connections, deadlines, timeouts.retry());
    Optional<TransactionScope> currentJta =
        Optional.of(new JtaTransaction(jta, connections, deadlines));
    return new TransactionScopes(
        deadlines,
        new SuspendingTransactions(jta, independent),
        new JoiningTransactions(
            () -> jta.isInTransaction() ? currentJta : Optional.empty(), independent),
        jta::runSuspended);
  }

  /** Independent transactions, whether or not the caller is in a transaction. */
  public TransactionScope independent() {
    return independent;
  }

  /**
   * The caller's transaction if the provider can find one, and independent transactions otherwise.
   */
  public TransactionScope joining() {
    return joining;
  }

  /** The given transaction of the caller. */
  public TransactionScope in(CallerTransactionSource caller) {
    return caller.scope(deadlines);
  }

  /**
   * Runs the task immediately in the calling thread, while the thread's JTA transaction, if any, is
   * suspended.
   */
  public void suspended(Runnable task) {
    suspending.execute(task);
  }

  /** Stops the supervision of running statements. */
  @Override
  public void close() {
    deadlines.close();
  }
}
