package dev.wfe.postgres.internal.transaction;

import dev.wfe.postgres.internal.connection.WakeUpSessions;
import dev.wfe.postgres.internal.sql.WakeUpSql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells hosts of other processes that work is due: at once if none was told lately, otherwise once
 * for all that becomes due in a short time. Sends in a thread of its own, which ends with its
 * session when it is idle. If that fails, hosts notice the work when they poll. Thread-safe.
 */
final class WakeUpSender implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(WakeUpSender.class);
  private static final long INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
  private static final int IDLE_SECONDS = 60;
  private static final int CLOSE_SECONDS = 1;

  private final WakeUpSessions sessions;
  private final StatementDeadlines deadlines;
  private final WakeUpSql sql;
  private final String sender;
  private final AtomicBoolean waiting = new AtomicBoolean();
  private final ThreadPoolExecutor thread;

  /** When it sent last; for the thread. */
  private long sentNanos = System.nanoTime() - INTERVAL_NANOS;

  /** For the thread. */
  private @Nullable Connection session;

  /**
   * Sends in the name of a provider.
   *
   * @param sender identifies the provider
   */
  WakeUpSender(
      WakeUpSessions sessions, StatementDeadlines deadlines, WakeUpSql sql, String sender) {
    this.sessions = sessions;
    this.deadlines = deadlines;
    this.sql = sql;
    this.sender = sender;
    this.thread =
        new ThreadPoolExecutor(
            1, 1, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), this::newThread);
    this.thread.allowCoreThreadTimeOut(true);
  }

  private Thread newThread(Runnable tasks) {
    return LibraryThreads.create(
        () -> {
          tasks.run();
          closeSession();
        },
        "wfe-postgres-wake-ups-out");
  }

  /** Tells them soon, without waiting for it. To be called after the commit. */
  void send() {
    if (waiting.getAndSet(true)) {
      return;
    }
    try {
      thread.execute(this::sendInTurn);
    } catch (RuntimeException | Error noThread) {
      waiting.set(false);
      LOG.debug("Other processes are not told that work is due", noThread);
    }
  }

  private void sendInTurn() {
    try {
      TimeUnit.NANOSECONDS.sleep(sentNanos + INTERVAL_NANOS - System.nanoTime());
      while (!sessions.canSend()) {
        TimeUnit.NANOSECONDS.sleep(INTERVAL_NANOS);
      }
      // What becomes due from now on is announced by the next notification.
      waiting.set(false);
      sendNow();
    } catch (InterruptedException closing) {
      Thread.currentThread().interrupt();
    } catch (SQLException | RuntimeException | Error failure) {
      LOG.debug("Other processes were not told that work is due", failure);
    } finally {
      sentNanos = System.nanoTime();
    }
  }

  private void sendNow() throws SQLException {
    if (session != null) {
      try {
        sendOn(session);
        return;
      } catch (SQLException | RuntimeException broken) {
        LOG.debug("The session that tells other processes has ended", broken);
        closeSession();
      }
    }
    Connection opened = sessions.sending().getConnection();
    session = opened;
    try {
      sendOn(opened);
    } catch (SQLException | RuntimeException | Error failure) {
      closeSession();
      throw failure;
    }
    if (!sessions.areOwn()) {
      closeSession();
    }
  }

  private void sendOn(Connection connection) throws SQLException {
    try (AutoCommit on = AutoCommit.on(connection)) {
      boolean unused =
          StatementExecutor.committing(on.connection(), deadlines)
              .one(
                  sql.send,
                  parameters -> parameters.text("channel", sql.channel).text("sender", sender),
                  row -> true);
    }
  }

  private void closeSession() {
    if (session != null) {
      try {
        session.close();
      } catch (SQLException | RuntimeException broken) {
        LOG.debug("The session that tells other processes has ended", broken);
      }
      session = null;
    }
  }

  /** Sends what is waiting, unless that takes long. */
  @Override
  public void close() {
    thread.shutdown();
    try {
      if (thread.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
        return;
      }
    } catch (InterruptedException interrupt) {
      Thread.currentThread().interrupt();
    }
    thread.shutdownNow();
  }
}
