package dev.wfe.postgres.internal.connection;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool.PoolInitializationException;
import dev.wfe.postgres.internal.sql.Operation;
import dev.wfe.postgres.internal.sql.SqlErrors;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * A pool that lends its connections in the order in which they were asked for. HikariCP alone lets
 * a thread that has just given a connection back take it again before those that wait, so among
 * many threads a few wait until they give up. Thread-safe.
 */
public final class ConnectionPool extends HikariDataSource {
  private final Semaphore free;

  /** The failure of the last attempt to get a connection that was to be free. */
  private volatile @Nullable SQLException lastFailure;

  private ConnectionPool(HikariConfig config) {
    super(config);
    free = new Semaphore(config.getMaximumPoolSize(), true);
  }

  /**
   * A pool whose connections commit by themselves and read what is committed. To make them do so is
   * to set it on the session, so behind a pooling proxy, where that would be anybody's, they have
   * to do it of themselves.
   */
  public static ConnectionPool of(DataSource connections, ProviderSettings settings) {
    HikariConfig config = withDefaults();
    config.setPoolName(settings.applicationName());
    config.setDataSource(connections);
    config.setMaximumPoolSize(settings.poolSize());
    config.setMinimumIdle(settings.poolSize());
    config.setConnectionTimeout(settings.connectTimeout().toMillis());
    config.setValidationTimeout(
        Math.min(config.getValidationTimeout(), settings.connectTimeout().toMillis()));
    config.setAutoCommit(true);
    if (!settings.poolingProxy()) {
      config.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
    }
    try {
      return new ConnectionPool(config);
    } catch (PoolInitializationException failure) {
      throw SqlErrors.connecting(Operation.reading("connect", List.of()), cause(failure));
    }
  }

  /** HikariCP fills a new configuration from a file that a system property names. */
  private static HikariConfig withDefaults() {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(null);
    config.setUsername(null);
    config.setPassword(null);
    config.setDataSourceClassName(null);
    config.setDataSourceJNDI(null);
    config.setDataSourceProperties(new Properties());
    config.setHealthCheckProperties(new Properties());
    config.setCatalog(null);
    config.setSchema(null);
    config.setConnectionInitSql(null);
    config.setConnectionTestQuery(null);
    config.setReadOnly(false);
    config.setIsolateInternalQueries(false);
    config.setAllowPoolSuspension(false);
    config.setRegisterMbeans(false);
    config.setTransactionIsolation(null);
    config.setInitializationFailTimeout(1);
    config.setValidationTimeout(Duration.ofSeconds(5).toMillis());
    config.setIdleTimeout(Duration.ofMinutes(10).toMillis());
    config.setKeepaliveTime(Duration.ofMinutes(2).toMillis());
    config.setMaxLifetime(Duration.ofMinutes(30).toMillis());
    config.setLeakDetectionThreshold(0);
    return config;
  }

  private static SQLException cause(PoolInitializationException failure) {
    return failure.getCause() instanceof SQLException error
        ? error
        : new SQLException(failure.getMessage(), failure);
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
            ConnectionPool.class.getClassLoader(),
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
