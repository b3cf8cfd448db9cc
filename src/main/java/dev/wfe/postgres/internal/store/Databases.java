package dev.wfe.postgres.internal.store;

import dev.wfe.postgres.internal.sql.Deadlines;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/** The ways in which the verbs of one store may run. Thread-safe. */
public final class Databases implements AutoCloseable {
  /**
   * How long work may take.
   *
   * @param statement after which a statement is cancelled; zero for never
   * @param retry after which nothing is tried again; zero for no second try
   */
  public record Timeouts(Duration statement, Duration retry) {}

  private final Deadlines deadlines;
  private final Database own;
  private final Database joined;
  private final Executor apart;

  private Databases(Deadlines deadlines, Database own, Database joined, Executor apart) {
    this.deadlines = deadlines;
    this.own = own;
    this.joined = joined;
    this.apart = apart;
  }

  /**
   * On the connections.
   *
   * @param jta the container's transactions, if it enlists the connections in them; then the
   *     thread's transaction is joined
   * @param callers gives whose transaction is to be joined, where there is one, without JTA
   */
  public static Databases of(
      Connections connections,
      Optional<Jta> jta,
      Supplier<Optional<Caller>> callers,
      Timeouts timeouts) {
    Deadlines deadlines = new Deadlines(timeouts.statement());
    Database own = new OwnTransactions(connections, deadlines, timeouts.retry());
    if (jta.isEmpty()) {
      return new Databases(
          deadlines,
          own,
          new JoinedTransactions(
              () -> callers.get().map(caller -> caller.database(deadlines)), own),
          Runnable::run);
    }
    Optional<Database> threads = Optional.of(new JtaTransaction(jta.get(), connections, deadlines));
    return new Databases(
        deadlines,
        new SuspendingTransactions(jta.get(), own),
        new JoinedTransactions(() -> jta.get().isInTransaction() ? threads : Optional.empty(), own),
        jta.get()::runSuspended);
  }

  /** In transactions of their own, whatever transaction the caller is in. */
  public Database own() {
    return own;
  }

  /** In the caller's transaction where there is one that they can know, else in their own. */
  public Database joined() {
    return joined;
  }

  /** In the caller's transaction. */
  public Database in(Caller caller) {
    return caller.database(deadlines);
  }

  /** Runs, at once and in this thread, what is to be in no transaction of the caller's. */
  public void apart(Runnable work) {
    apart.execute(work);
  }

  /** Limits no statement any more. */
  @Override
  public void close() {
    deadlines.close();
  }
}
