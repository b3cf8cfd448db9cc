package dev.wfe.postgres.internal.transaction;

import dev.wfe.postgres.internal.connection.WakeUpSessions;
import dev.wfe.postgres.internal.connection.WakeUpSessions.Unavailable;
import dev.wfe.postgres.internal.sql.WakeUpSql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens to other processes that say that work is due, on one session and in one thread, as long
 * as somebody wants to know. Opens another session when it ends. Thread-safe.
 */
final class WakeUpReceiver implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(WakeUpReceiver.class);

  /** How long it takes at most to notice that nobody wants to know any more. */
  private static final int WAIT_MILLIS = 200;

  /** After this time without a notification, the session is asked whether it still answers. */
  private static final long CHECK_NANOS = TimeUnit.MINUTES.toNanos(1);

  private static final int CHECK_SECONDS = 5;
  private static final long FIRST_PAUSE_MILLIS = 100;
  private static final int MAX_DOUBLINGS = 8;
  private static final long CLOSE_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final WakeUpSessions sessions;
  private final StatementDeadlines deadlines;
  private final WakeUpSql sql;
  private final String self;
  private final BooleanSupplier wanted;
  private final Runnable wakeUp;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  /** Runs while somebody wants to know. Guarded by the lock. */
  private @Nullable Thread thread;

  private volatile boolean closed;

  /** Whether no session can listen, which was logged. */
  private volatile boolean unavailable;

  /** The failures since it listened last; for the thread. */
  private int failures;

  /**
   * Listens for a provider.
   *
   * @param self identifies the provider, whose own notifications are ignored
   * @param wanted whether somebody wants to know
   * @param wakeUp is called when work is due, and whenever notifications may have been missed;
   *     throws nothing
   */
  WakeUpReceiver(
      WakeUpSessions sessions,
      StatementDeadlines deadlines,
      WakeUpSql sql,
      String self,
      BooleanSupplier wanted,
      Runnable wakeUp) {
    this.sessions = sessions;
    this.deadlines = deadlines;
    this.sql = sql;
    this.self = self;
    this.wanted = wanted;
    this.wakeUp = wakeUp;
  }

  /** To be called when it may have changed whether somebody wants to know. Does not wait. */
  void wantedChanged() {
    lock.lock();
    try {
      changed.signalAll();
      if (thread == null && isWanted()) {
        Thread started = LibraryThreads.create(this::run, "wfe-postgres-wake-ups-in");
        started.start();
        thread = started;
      }
    } finally {
      lock.unlock();
    }
  }

  private boolean isWanted() {
    return !closed && !unavailable && wanted.getAsBoolean();
  }

  private void run() {
    while (!isOver()) {
      try {
        listen();
      } catch (Unavailable none) {
        LOG.info(
            "No notifications that work is due are received from other processes, because {};"
                + " hosts notice that work when they poll",
            none.getMessage());
        unavailable = true;
      } catch (SQLException | RuntimeException | Error failure) {
        failures++;
        if (failures == 1) {
          LOG.info("The session that listens for due work has ended: {}", failure.getMessage());
        }
        LOG.debug("The session that listens for due work has ended", failure);
        pause();
      }
    }
  }

  /** Whether nobody wants to know any more. If so, the thread is about to end. */
  private boolean isOver() {
    lock.lock();
    try {
      if (isWanted()) {
        return false;
      }
      thread = null;
      changed.signalAll();
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Waits twice as long after each failure in a row, with jitter. */
  private void pause() {
    long millis = FIRST_PAUSE_MILLIS << Math.min(failures - 1, MAX_DOUBLINGS);
    long nanos =
        TimeUnit.MILLISECONDS.toNanos(ThreadLocalRandom.current().nextLong(millis / 2, millis + 1));
    lock.lock();
    try {
      while (nanos > 0 && isWanted()) {
        nanos = changed.awaitNanos(nanos);
      }
    } catch (InterruptedException notByUs) {
      LOG.debug("Interrupted", notByUs);
    } finally {
      lock.unlock();
    }
  }

  /** Listens on one session until nobody wants to know any more. */
  private void listen() throws SQLException, Unavailable {
    try (Connection connection = sessions.openReceiving()) {
      try (AutoCommit on = AutoCommit.on(connection)) {
        execute(on.connection(), sql.listen);
        LOG.debug("Listening for due work on the channel {}", sql.channel);
        failures = 0;
        if (isWanted()) {
          // What was sent before was missed.
          wakeUp.run();
        }
        receive(connection);
        execute(connection, sql.unlisten);
      } catch (SQLException | RuntimeException | Error failure) {
        discard(connection, failure);
        throw failure;
      }
    }
  }

  private void receive(Connection connection) throws SQLException {
    PGConnection driver = connection.unwrap(PGConnection.class);
    long heardNanos = System.nanoTime();
    while (isWanted()) {
      PGNotification[] received = driver.getNotifications(WAIT_MILLIS);
      if (received != null && received.length > 0) {
        heardNanos = System.nanoTime();
        if (isFromOthers(received)) {
          wakeUp.run();
        }
      } else if (System.nanoTime() - heardNanos > CHECK_NANOS) {
        if (!connection.isValid(CHECK_SECONDS)) {
          throw new SQLException("The session does not answer");
        }
        heardNanos = System.nanoTime();
      }
    }
  }

  private boolean isFromOthers(PGNotification[] received) {
    for (PGNotification notification : received) {
      if (notification.getName().equals(sql.channel) && !notification.getParameter().equals(self)) {
        return true;
      }
    }
    return false;
  }

  private void execute(Connection connection, String text) throws SQLException {
    StatementExecutor.committing(connection, deadlines).execute(text);
  }

  /** Ends the session, and lets a pool notice by a statement that fails. */
  private void discard(Connection connection, Throwable failure) {
    try {
      connection.abort(Runnable::run);
      execute(connection, "select 1");
    } catch (SQLException | RuntimeException ended) {
      failure.addSuppressed(ended);
    }
  }

  /** Stops listening, and waits a moment until the session is released. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
      long nanos = CLOSE_NANOS;
      while (thread != null && thread != Thread.currentThread() && nanos > 0) {
        nanos = changed.awaitNanos(nanos);
      }
    } catch (InterruptedException interrupt) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }
}
