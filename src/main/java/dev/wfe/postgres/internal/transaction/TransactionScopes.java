package dev.wfe.postgres.internal.transaction;

import dev.wfe.postgres.internal.connection.ConnectionSource;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/** The transactions in which the operations of one provider may run. Thread-safe. */
public final class TransactionScopes implements AutoCloseable {
  /**
   * How long an operation may take.
   *
   * @param statement after which a statement is cancelled; zero for no limit
   * @param retry after which an operation is not retried any more; zero for no retry
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
   * On connections that no container enlists.
   *
   * @param callers gives the calling thread's transaction, where it is in one
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

  /** On connections that a container enlists in the thread's JTA transaction. */
  public static TransactionScopes ofJta(
      ConnectionSource connections, JtaManager jta, Timeouts timeouts) {
    StatementDeadlines deadlines = new StatementDeadlines(timeouts.statement());
    TransactionScope independent =
        new IndependentTransactions(connections, deadlines, timeouts.retry());
    Optional<TransactionScope> threads =
        Optional.of(new JtaTransaction(jta, connections, deadlines));
    return new TransactionScopes(
        deadlines,
        new SuspendingTransactions(jta, independent),
        new JoiningTransactions(
            () -> jta.isInTransaction() ? threads : Optional.empty(), independent),
        jta::runSuspended);
  }

  /** Transactions of their own, whatever transaction the caller is in. */
  public TransactionScope independent() {
    return independent;
  }

  /** The caller's transaction where the provider can find one, else transactions of their own. */
  public TransactionScope joining() {
    return joining;
  }

  /** The given transaction of the caller's. */
  public TransactionScope in(CallerTransactionSource caller) {
    return caller.scope(deadlines);
  }

  /** Runs the task at once, in this thread, while the thread's JTA transaction is suspended. */
  public void suspended(Runnable task) {
    suspending.execute(task);
  }

  /** Ends no statement any more. */
  @Override
  public void close() {
    deadlines.close();
  }
}
