package dev.wfe.postgres.internal.transaction;

import dev.wfe.postgres.internal.connection.ConnectionSource;
import dev.wfe.postgres.internal.connection.ExternalSessionFactory;
import jakarta.persistence.EntityManagerFactory;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Function;
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
  private final TransactionScope unrepeated;
  private final TransactionRunner runner;
  private final Executor suspending;

  private TransactionScopes(
      StatementDeadlines deadlines,
      TransactionScope independent,
      TransactionScope joining,
      TransactionScope unrepeated,
      TransactionRunner runner,
      Executor suspending) {
    this.deadlines = deadlines;
    this.independent = independent;
    this.joining = joining;
    this.unrepeated = unrepeated;
    this.runner = runner;
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
    return of(
        connections, callers, timeouts, deadlines -> new ConnectionRunner(connections, deadlines));
  }

  /** Creates scopes over the connections of an application's persistence unit without JTA. */
  public static TransactionScopes of(ExternalSessionFactory unit, Timeouts timeouts) {
    return of(
        unit,
        Optional::empty,
        timeouts,
        deadlines ->
            unit.withoutTenant()
                .<TransactionRunner>map(factory -> new EntityManagerRunner(factory, deadlines))
                .orElseGet(() -> new ConnectionRunner(unit, deadlines)));
  }

  private static TransactionScopes of(
      ConnectionSource connections,
      Supplier<Optional<CallerTransactionSource>> callers,
      Timeouts timeouts,
      Function<StatementDeadlines, TransactionRunner> runner) {
    StatementDeadlines deadlines = new StatementDeadlines(timeouts.statement());
    TransactionScope independent =
        new IndependentTransactions(connections, deadlines, timeouts.retry());
    TransactionScope joining =
        new JoiningTransactions(
            () -> callers.get().map(caller -> caller.scope(deadlines)), independent);
    return new TransactionScopes(
        deadlines,
        independent,
        joining,
        new IndependentTransactions(connections, deadlines, Duration.ZERO),
        runner.apply(deadlines),
        Runnable::run);
  }

  /**
   * Creates scopes over connections that a container enlists in the thread's JTA transaction.
   *
   * @param unit the application's persistence unit, if the provider was opened on one
   */
  public static TransactionScopes ofJta(
      ConnectionSource connections,
      JtaManager jta,
      Optional<EntityManagerFactory> unit,
      Timeouts timeouts) {
    StatementDeadlines deadlines = new StatementDeadlines(timeouts.statement());
    TransactionScope independent =
        new IndependentTransactions(connections, deadlines, timeouts.retry());
    TransactionScope current = new JtaTransaction(jta, connections, deadlines);
    Optional<TransactionScope> currentJta = Optional.of(current);
    return new TransactionScopes(
        deadlines,
        new SuspendingTransactions(jta, independent),
        new JoiningTransactions(
            () -> jta.isInTransaction() ? currentJta : Optional.empty(), independent),
        new IndependentTransactions(connections, deadlines, Duration.ZERO),
        new JtaRunner(jta, connections, unit, current),
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

  /** Independent transactions that are not retried, for threads that are in no transaction. */
  public TransactionScope unrepeated() {
    return unrepeated;
  }

  /** Supervises the statements of all scopes. */
  StatementDeadlines deadlines() {
    return deadlines;
  }

  /** Runs work in transactions that it begins and ends. */
  public TransactionRunner runner() {
    return runner;
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
