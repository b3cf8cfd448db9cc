package dev.wfe.postgres.internal.transaction;

import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor.DiscardPolicy;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Cancels statements that exceed the statement timeout or whose thread was interrupted.
 *
 * <ol>
 *   <li>One thread checks all running statements once a second, as long as there are any. The
 *       driver's query timeout is not used: it schedules and removes a timer task per statement,
 *       which costs up to a fifth of the time of a short statement.
 *   <li>Overdue statements are cancelled in another thread. The cancel request needs a new
 *       connection, which may hang just as the first one does.
 *   <li>If a statement is still running {@value #GRACE_SECONDS} seconds later, its connection is
 *       aborted, which needs no answer from the server.
 * </ol>
 *
 * <p>Thread-safe.
 */
public final class StatementDeadlines implements AutoCloseable {
  /** How long a cancelled statement may take to end. */
  static final int GRACE_SECONDS = 3;

  private static final long CHECK_INTERVAL_MILLIS = 1_000;
  private static final long IDLE_THREAD_SECONDS = 10;
  private static final int MAX_CANCEL_THREADS = 4;

  private final long limitNanos;
  private final Set<Execution> running = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean checkScheduled = new AtomicBoolean();
  private final ScheduledThreadPoolExecutor checker;
  private final ThreadPoolExecutor cancellers;

  /** Supervises statements with the given timeout; zero for no limit. */
  public StatementDeadlines(Duration limit) {
    limitNanos = limit.isZero() ? Long.MAX_VALUE : limit.toNanos();
    checker =
        new ScheduledThreadPoolExecutor(
            1, task -> daemon(task, "wfe-postgres-deadlines"), new DiscardPolicy());
    checker.setKeepAliveTime(IDLE_THREAD_SECONDS, TimeUnit.SECONDS);
    checker.allowCoreThreadTimeOut(true);
    cancellers =
        new ThreadPoolExecutor(
            0,
            MAX_CANCEL_THREADS,
            IDLE_THREAD_SECONDS,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            task -> daemon(task, "wfe-postgres-cancels"),
            new DiscardPolicy());
  }

  private static Thread daemon(Runnable task, String name) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    return thread;
  }

  /** One running execution of a statement. */
  private static final class Execution {
    private final Statement statement;
    private final Thread thread = Thread.currentThread();
    private final long startNanos = System.nanoTime();

    /** How many checks found it overdue; used by the checking thread only. */
    private int overdueChecks;

    Execution(Statement statement) {
      this.statement = statement;
    }

    boolean isOverdue(long now, long limitNanos) {
      boolean overdue = now - startNanos > limitNanos || thread.isInterrupted();
      overdueChecks += overdue ? 1 : 0;
      return overdue;
    }

    boolean isUnresponsive() {
      return overdueChecks > GRACE_SECONDS;
    }
  }

  /** Supervises the statement until the returned object is closed. */
  Watch watch(Statement statement) {
    Execution started = new Execution(statement);
    running.add(started);
    scheduleCheck();
    return () -> running.remove(started);
  }

  /** Ends the supervision of a statement when it is closed. */
  interface Watch extends AutoCloseable {
    @Override
    void close();
  }

  private void scheduleCheck() {
    if (!checkScheduled.get() && checkScheduled.compareAndSet(false, true)) {
      var unused = checker.schedule(this::checkAll, CHECK_INTERVAL_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private void checkAll() {
    checkScheduled.set(false);
    long now = System.nanoTime();
    for (Execution execution : running) {
      if (!execution.isOverdue(now, limitNanos)) {
        continue;
      }
      if (execution.isUnresponsive()) {
        abort(execution.statement);
      } else {
        cancellers.execute(() -> cancel(execution));
      }
    }
    if (!running.isEmpty()) {
      scheduleCheck();
    }
  }

  /**
   * Skips an execution that has ended meanwhile, because the connection may already run another
   * statement.
   */
  private void cancel(Execution execution) {
    if (!running.contains(execution)) {
      return;
    }
    try {
      execution.statement.cancel();
    } catch (SQLException | RuntimeException failure) {
      // Ignored: the other statements still have to be checked; this one is retried next time.
    }
  }

  private static void abort(Statement statement) {
    try {
      statement.getConnection().abort(Runnable::run);
    } catch (SQLException | RuntimeException failure) {
      // Ignored, as in cancel().
    }
  }

  /** Stops the supervision; statements that are still running are no longer cancelled. */
  @Override
  public void close() {
    checker.shutdownNow();
    cancellers.shutdownNow();
  }
}
