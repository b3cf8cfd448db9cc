package dev.wfe.postgres.internal.sql;

import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor.DiscardPolicy;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Cancels statements that have run for too long, up to a second later. One thread looks at all of
 * them once a second while there are any: the driver's own timer, set and taken back for each
 * statement, costs a short one up to a fifth of its time. Thread-safe.
 */
public final class Deadlines implements AutoCloseable {
  private static final long LOOK_EVERY_MILLIS = 1_000;
  private static final long IDLE_THREAD_SECONDS = 10;

  private final long limitNanos;
  private final Set<Running> running = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean willLook = new AtomicBoolean();
  private final ScheduledThreadPoolExecutor watch;

  /** For statements that may take the time; zero for no limit. */
  public Deadlines(Duration limit) {
    limitNanos = limit.toNanos();
    watch =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(task, "wfe-postgres-deadlines");
              thread.setDaemon(true);
              return thread;
            },
            new DiscardPolicy());
    watch.setKeepAliveTime(IDLE_THREAD_SECONDS, TimeUnit.SECONDS);
    watch.allowCoreThreadTimeOut(true);
  }

  /** One execution of a statement. */
  private static final class Running {
    private final Statement statement;
    private final long startNanos = System.nanoTime();

    Running(Statement statement) {
      this.statement = statement;
    }
  }

  /** What may take long. */
  @FunctionalInterface
  interface Execution<T> {
    T run() throws SQLException;
  }

  /** Runs the execution of the statement, which fails as cancelled when it takes too long. */
  <T> T within(Statement statement, Execution<T> execution) throws SQLException {
    if (limitNanos == 0) {
      return execution.run();
    }
    Running one = new Running(statement);
    running.add(one);
    lookSoon();
    try {
      return execution.run();
    } finally {
      running.remove(one);
    }
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
      if (now - one.startNanos > limitNanos) {
        cancel(one.statement);
      }
    }
    if (!running.isEmpty()) {
      lookSoon();
    }
  }

  private static void cancel(Statement statement) {
    try {
      statement.cancel();
    } catch (SQLException | RuntimeException failure) {
      // Whatever the pool's wrapper does, the others are looked at, and this one again.
    }
  }

  /** Stops looking: what runs still is not cancelled any more. */
  @Override
  public void close() {
    watch.shutdownNow();
  }
}
