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
 * Lets one process at a time create or upgrade the stores of a schema.
 *
 * <ol>
 *   <li>It is an advisory lock of a session, so it ends with its connection, however that ends.
 *   <li>It is asked for again and again, never waited for inside the database: building an index
 *       concurrently waits for every statement that runs, so a waiting one would wait for itself.
 *   <li>Who does not get it in time fails and changes nothing.
 * </ol>
 */
final class MigrationLock implements AutoCloseable {
  /**
   * The first half of the lock's number, the same for every store; the other half is the schema.
   */
  private static final int FAMILY = 0x77666501;

  private static final long MAX_PAUSE_MILLIS = 250;

  private final Connection connection;
  private final int key;

  private MigrationLock(Connection connection, int key) {
    this.connection = connection;
    this.key = key;
  }

  /**
   * Takes the lock on a connection in auto-commit mode, which the lock then needs until it is
   * closed.
   *
   * @throws StoreSetupException when somebody else had it all the time
   */
  static MigrationLock acquire(Connection connection, StoreNames names, Duration patience)
      throws SQLException {
    int key = names.schema().hashCode();
    long deadline = System.nanoTime() + patience.toNanos();
    while (!call(connection, "select pg_catalog.pg_try_advisory_lock(?, ?)", key)) {
      if (System.nanoTime() - deadline >= 0 || Thread.currentThread().isInterrupted()) {
        throw new StoreSetupException(
            "Schema %s is being created or upgraded by another process, which did not finish in %s: nothing was changed here"
                .formatted(names.schema(), patience),
            null);
      }
      long pauseMillis = ThreadLocalRandom.current().nextLong(20, MAX_PAUSE_MILLIS);
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(pauseMillis));
    }
    return new MigrationLock(connection, key);
  }

  private static boolean call(Connection connection, String sql, int key) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setInt(1, FAMILY);
      statement.setInt(2, key);
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next() && rows.getBoolean(1);
      }
    }
  }

  /** The connection that holds the lock, free for other statements in auto-commit mode. */
  Connection connection() {
    return connection;
  }

  /** Gives the lock back; a connection that broke has given it back already. */
  @Override
  public void close() throws SQLException {
    if (!connection.isClosed()) {
      call(connection, "select pg_catalog.pg_advisory_unlock(?, ?)", key);
    }
  }
}
