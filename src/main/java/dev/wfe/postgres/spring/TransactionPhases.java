package dev.wfe.postgres.spring;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.datasource.ConnectionHolder;
import org.springframework.jdbc.datasource.JdbcTransactionObjectSupport;
import org.springframework.transaction.TransactionExecution;
import org.springframework.transaction.TransactionExecutionListener;
import org.springframework.transaction.support.DefaultTransactionStatus;

/**
 * Records which transactions Spring's transaction managers have begun for the calling thread, and
 * whether each is still open. Spring keeps a connection bound to the thread until all callbacks
 * after the commit or rollback have run. A write on this connection in such a callback would be
 * lost. Thread-safe.
 */
final class TransactionPhases implements TransactionExecutionListener {
  /** Newest first; removed when empty, so that nothing stays in the threads of a pool. */
  private static final ThreadLocal<@Nullable Deque<Begun>> BEGUN = new ThreadLocal<>();

  /** A transaction that has begun and some of whose callbacks have not run yet. */
  private static final class Begun {
    final TransactionExecution execution;
    final @Nullable ConnectionHolder connection;
    boolean completed;

    Begun(TransactionExecution execution, @Nullable ConnectionHolder connection) {
      this.execution = execution;
      this.connection = connection;
    }
  }

  /** The state of the transaction for which a connection is bound. */
  enum Phase {
    /** It accepts statements. */
    OPEN,
    /** It is committed or rolled back, or was never begun on this connection. */
    OVER,
    /**
     * No transaction manager that reports to this listener has begun a transaction for this thread.
     */
    UNKNOWN
  }

  /** The phase of the transaction for which the connection is bound. */
  static Phase of(ConnectionHolder connection) {
    Deque<Begun> all = BEGUN.get();
    if (all == null) {
      return Phase.UNKNOWN;
    }
    return all.stream().anyMatch(begun -> begun.connection == connection && !begun.completed)
        ? Phase.OPEN
        : Phase.OVER;
  }

  @Override
  public void afterBegin(TransactionExecution execution, @Nullable Throwable failure) {
    if (failure == null && execution.isNewTransaction()) {
      Deque<Begun> all = BEGUN.get();
      if (all == null) {
        all = new ArrayDeque<>();
        BEGUN.set(all);
      }
      all.push(new Begun(execution, connection(execution)));
    }
  }

  private static @Nullable ConnectionHolder connection(TransactionExecution execution) {
    return execution instanceof DefaultTransactionStatus status
            && status.hasTransaction()
            && status.getTransaction() instanceof JdbcTransactionObjectSupport transaction
            && transaction.hasConnectionHolder()
        ? transaction.getConnectionHolder()
        : null;
  }

  @Override
  public void beforeCommit(TransactionExecution execution) {
    complete(execution);
  }

  @Override
  public void beforeRollback(TransactionExecution execution) {
    complete(execution);
  }

  private static void complete(TransactionExecution execution) {
    Deque<Begun> all = BEGUN.get();
    if (all != null) {
      all.stream()
          .filter(begun -> begun.execution == execution)
          .forEach(begun -> begun.completed = true);
    }
  }

  @Override
  public void afterCommit(TransactionExecution execution, @Nullable Throwable failure) {
    forget(execution);
  }

  @Override
  public void afterRollback(TransactionExecution execution, @Nullable Throwable failure) {
    forget(execution);
  }

  private static void forget(TransactionExecution execution) {
    Deque<Begun> all = BEGUN.get();
    if (all != null) {
      all.removeIf(begun -> begun.execution == execution);
      if (all.isEmpty()) {
        BEGUN.remove();
      }
    }
  }
}
