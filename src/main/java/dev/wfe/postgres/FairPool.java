package dev.wfe.postgres;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A pool that lends its connections in the order in which they were asked for. HikariCP alone lets
 * a thread that has just given a connection back take it again before those that wait, so among
 * many threads a few wait until they give up. Thread-safe.
 */
final class FairPool extends HikariDataSource {
  private final Semaphore free;

  /** The failure of the last attempt to get a connection that was to be free. */
  private volatile @Nullable SQLException lastFailure;

  FairPool(HikariConfig config) {
    super(config);
    free = new Semaphore(config.getMaximumPoolSize(), true);
  }

  @Override
  public Connection getConnection() throws SQLException {
    awaitFree();
    try {
      Connection connection = super.getConnection();
      lastFailure = null;
      return givingBack(connection);
    } catch (SQLException | RuntimeException failure) {
      lastFailure = failure instanceof SQLException error ? error : null;
      free.release();
      throw failure;
    }
  }

  private void awaitFree() throws SQLException {
    try {
      if (free.tryAcquire(getConnectionTimeout(), TimeUnit.MILLISECONDS)) {
        return;
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new SQLTransientConnectionException(
          "interrupted while waiting for a connection of the pool", interrupted);
    }
    SQLException cause = lastFailure;
    if (cause != null) {
      throw new SQLTransientConnectionException(cause.getMessage(), cause.getSQLState(), cause);
    }
    throw new SQLTransientConnectionException(
        "all %s connections of the pool were in use for %s ms, while %s threads waited: raise the pool size, or call from fewer threads at a time"
            .formatted(getMaximumPoolSize(), getConnectionTimeout(), free.getQueueLength() + 1));
  }

  private Connection givingBack(Connection connection) {
    AtomicBoolean open = new AtomicBoolean(true);
    return (Connection)
        Proxy.newProxyInstance(
            FairPool.class.getClassLoader(),
            new Class<?>[] {Connection.class},
            (proxy, method, arguments) -> {
              try {
                return method.invoke(connection, arguments);
              } catch (InvocationTargetException failure) {
                throw failure.getCause() == null ? failure : failure.getCause();
              } finally {
                if (method.getName().equals("close") && open.getAndSet(false)) {
                  free.release();
                }
              }
            });
  }
}
