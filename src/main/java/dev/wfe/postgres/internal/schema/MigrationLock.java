package dev.wfe.postgres.internal.schema;

import dev.wfe.persistence.StoreSetupException;
import dev.wfe.postgres.internal.sql.StoreNames;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A lock under which one process at a time creates or upgrades the stores of a schema. Not
 * thread-safe.
 *
 * <ol>
 *   <li>It is a session-level advisory lock, so PostgreSQL releases it when the connection ends for
 *       any reason.
 *   <li>It is polled, and no statement waits for it inside the database. Building an index
 *       concurrently waits for all running statements; if one of these waited for this lock, the
 *       two would deadlock.
 *   <li>A process that does not get the lock within the timeout fails and changes nothing.
 * </ol>
 */
final class MigrationLock implements AutoCloseable {
  /**
   * The first half of the lock's key, the same for every store. The second half is the hash of the
   * schema's name.
   */
  private static final int LOCK_CLASS = 0x77666501;

  private static final long MAX_PAUSE_MILLIS = 250;

  private final Connection connection;
  private final int key;

  private MigrationLock(Connection connection, int key) {
    this.connection = connection;
    this.key = key;
  }

  /**
   * Takes the lock on a connection in auto-commit mode. The connection has to stay open until the
   * lock is closed.
   *
   * @throws StoreSetupException if another process holds the lock until the timeout
   */
  static MigrationLock acquire(Connection connection, StoreNames names, Duration timeout)
      throws SQLException {
    int key = names.schema().hashCode();
    long deadline = System.nanoTime() + timeout.toNanos();
    while (!call(connection, "select pg_catalog.pg_try_advisory_lock(?, ?)", key)) {
      if (System.nanoTime() - deadline >= 0 || Thread.currentThread().isInterrupted()) {
        throw new StoreSetupException(
            "Another process has been creating or upgrading the store in schema %s for longer than %s: this call changed nothing; try again when the other process has finished"
                .formatted(names.schema(), timeout),
            null);
      }
      long pauseMillis = ThreadLocalRandom.current().nextLong(20, MAX_PAUSE_MILLIS);
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(pauseMillis));
    }
    return new MigrationLock(connection, key);
  }

  private static boolean call(Connection connection, String sql, int key) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setInt(1, LOCK_CLASS);
      statement.setInt(2, key);
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next() && rows.getBoolean(1);
      }
    }
  }

  /**
   * Returns the connection that holds the lock. It may run other statements in auto-commit mode.
   */
  Connection connection() {
    return connection;
  }

  /** Releases the lock; a broken connection has already released it. */
  @Override
  public void close() throws SQLException {
    if (!connection.isClosed()) {
      call(connection, "select pg_catalog.pg_advisory_unlock(?, ?)", key);
    }
  }
}
