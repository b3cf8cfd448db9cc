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
 * Ends statements that have run for too long, or whose thread was interrupted.
 *
 * <ol>
 *   <li>One thread looks at all running statements once a second while there are any: the driver's
 *       own timer, set and taken back for each statement, costs a short one up to a fifth of its
 *       time.
 *   <li>What is overdue is cancelled, in another thread: the request travels over a connection of
 *       its own, which may hang as the first one does.
 *   <li>What has not ended {@value #GRACE_SECONDS} seconds later will not: its connection is
 *       aborted, which needs no answer.
 * </ol>
 *
 * <p>Thread-safe.
 */
public final class StatementDeadlines implements AutoCloseable {
  /** How long a cancelled statement may take to end. */
  static final int GRACE_SECONDS = 3;

  private static final long LOOK_EVERY_MILLIS = 1_000;
  private static final long IDLE_THREAD_SECONDS = 10;
  private static final int MAX_CANCELLING = 4;

  private final long limitNanos;
  private final Set<Running> running = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean willLook = new AtomicBoolean();
  private final ScheduledThreadPoolExecutor watch;
  private final ThreadPoolExecutor cancelling;

  /** For statements that may take the time; zero for no limit. */
  public StatementDeadlines(Duration limit) {
    limitNanos = limit.isZero() ? Long.MAX_VALUE : limit.toNanos();
    watch =
        new ScheduledThreadPoolExecutor(
            1, task -> daemon(task, "wfe-postgres-deadlines"), new DiscardPolicy());
    watch.setKeepAliveTime(IDLE_THREAD_SECONDS, TimeUnit.SECONDS);
    watch.allowCoreThreadTimeOut(true);
    cancelling =
        new ThreadPoolExecutor(
            0,
            MAX_CANCELLING,
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

  /** One execution of a statement. */
  private static final class Running {
    private final Statement statement;
    private final Thread thread = Thread.currentThread();
    private final long startNanos = System.nanoTime();

    /** How often it was found overdue; for the thread that looks. */
    private int overdueLooks;

    Running(Statement statement) {
      this.statement = statement;
    }

    boolean isOverdue(long now, long limitNanos) {
      boolean overdue = now - startNanos > limitNanos || thread.isInterrupted();
      overdueLooks += overdue ? 1 : 0;
      return overdue;
    }

    boolean isHopeless() {
      return overdueLooks > GRACE_SECONDS;
    }
  }

  /** Watches the statement until what it gives is closed; it fails when it takes too long. */
  Watch watch(Statement statement) {
    Running started = new Running(statement);
    running.add(started);
    lookSoon();
    return () -> running.remove(started);
  }

  /** A statement that is being watched. */
  interface Watch extends AutoCloseable {
    @Override
    void close();
  }

  private void lookSoon() {
    if (!willLook.get() && willLook.compareAndSet(false, true)) {
      var unused = watch.schedule(this::look, LOOK_EVERY_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private void look() {
    willLook.set(false);
    long now = System.nanoTime();
    for (Running one : running) {
      if (!one.isOverdue(now, limitNanos)) {
        continue;
      }
      if (one.isHopeless()) {
        abort(one.statement);
      } else {
        cancelling.execute(() -> cancel(one));
      }
    }
    if (!running.isEmpty()) {
      lookSoon();
    }
  }

  /** Not when it has ended meanwhile: the connection may be at somebody else's statement. */
  private void cancel(Running one) {
    if (!running.contains(one)) {
      return;
    }
    try {
      one.statement.cancel();
    } catch (SQLException | RuntimeException failure) {
      // Whatever the pool's wrapper does, the others are looked at, and this one again.
    }
  }

  private static void abort(Statement statement) {
    try {
      statement.getConnection().abort(Runnable::run);
    } catch (SQLException | RuntimeException failure) {
      // As above.
    }
  }

  /** Stops looking: what runs still is not ended any more. */
  @Override
  public void close() {
    watch.shutdownNow();
    cancelling.shutdownNow();
  }
}
