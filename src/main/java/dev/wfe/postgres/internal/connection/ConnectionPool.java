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
 * A HikariCP pool that serves waiting threads in FIFO order. HikariCP itself is not fair: a thread
 * that has just released a connection may take it again before the threads that wait, so with many
 * threads a few of them wait until they time out. Thread-safe.
 */
public final class ConnectionPool extends HikariDataSource {
  private final Semaphore permits;

  /**
   * Why the last {@link #getConnection} failed although a permit was available; null if it
   * succeeded.
   */
  private volatile @Nullable SQLException lastFailure;

  private ConnectionPool(HikariConfig config) {
    super(config);
    permits = new Semaphore(config.getMaximumPoolSize(), true);
  }

  /**
   * Opens a pool of connections in auto-commit mode at READ COMMITTED isolation. Behind a pooling
   * proxy the isolation is not set: the session there is shared with other clients, so the setting
   * would reach them, and {@link ServerRequirements#requireIsolation} checks the default isolation
   * instead.
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

  /**
   * Resets every property, because HikariCP initializes a new configuration from the file that the
   * system property {@code hikaricp.configurationFile} names.
   */
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
    acquirePermit();
    try {
      Connection connection = super.getConnection();
      lastFailure = null;
      return releasingPermitOnClose(connection);
    } catch (SQLException | RuntimeException failure) {
      lastFailure = failure instanceof SQLException error ? error : null;
      permits.release();
      throw failure;
    }
  }

  private void acquirePermit() throws SQLException {
    try {
      if (permits.tryAcquire(getConnectionTimeout(), TimeUnit.MILLISECONDS)) {
        return;
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new SQLTransientConnectionException(
          "interrupted while waiting for a connection from the pool", interrupted);
    }
    SQLException cause = lastFailure;
    if (cause != null) {
      throw new SQLTransientConnectionException(cause.getMessage(), cause.getSQLState(), cause);
    }
    throw new SQLTransientConnectionException(
        "all %s connections of the pool were in use for %s ms while %s threads waited: increase poolSize, or call from fewer threads at a time"
            .formatted(getMaximumPoolSize(), getConnectionTimeout(), permits.getQueueLength() + 1));
  }

  private Connection releasingPermitOnClose(Connection connection) {
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
                  permits.release();
                }
              }
            });
  }
}
