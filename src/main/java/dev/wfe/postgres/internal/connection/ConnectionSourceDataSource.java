package dev.wfe.postgres.internal.connection;

import java.io.PrintWriter;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Adapts a {@link ConnectionSource} to a {@link DataSource}. Closing a connection releases it to
 * the source. Thread-safe.
 */
final class ConnectionSourceDataSource implements DataSource {
  private final ConnectionSource source;
  private final Optional<DataSource> pool;

  /**
   * Adapts the source.
   *
   * @param pool the data source from which the source gets connections, if it has one
   */
  ConnectionSourceDataSource(ConnectionSource source, Optional<DataSource> pool) {
    this.source = source;
    this.pool = pool;
  }

  @Override
  public Connection getConnection() throws SQLException {
    Connection connection = source.open();
    AtomicBoolean open = new AtomicBoolean(true);
    return (Connection)
        Proxy.newProxyInstance(
            ConnectionSourceDataSource.class.getClassLoader(),
            new Class<?>[] {Connection.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("close")) {
                // Only the first close releases: a connection released twice could be given to two
                // threads.
                if (open.getAndSet(false)) {
                  source.release(connection);
                }
                return null;
              }
              try {
                return method.invoke(connection, arguments);
              } catch (InvocationTargetException failure) {
                throw failure.getCause() == null ? failure : failure.getCause();
              }
            });
  }

  @Override
  public Connection getConnection(String user, String password) throws SQLException {
    throw new SQLFeatureNotSupportedException(
        "The user cannot be chosen here: Hibernate's connection provider opens the connections");
  }

  @Override
  public @Nullable PrintWriter getLogWriter() {
    return null;
  }

  @Override
  public void setLogWriter(@Nullable PrintWriter writer) throws SQLException {
    throw new SQLFeatureNotSupportedException(
        "The log writer cannot be set: Hibernate logs by itself");
  }

  @Override
  public void setLoginTimeout(int seconds) throws SQLException {
    throw new SQLFeatureNotSupportedException(
        "The login timeout cannot be set: Hibernate's connection provider opens the connections");
  }

  @Override
  public int getLoginTimeout() {
    return 0;
  }

  @Override
  public Logger getParentLogger() throws SQLFeatureNotSupportedException {
    throw new SQLFeatureNotSupportedException(
        "There is no parent logger: Hibernate logs by itself");
  }

  @Override
  public <T> T unwrap(Class<T> type) throws SQLException {
    if (!isWrapperFor(type)) {
      throw new SQLException("Not a wrapper for " + type.getName());
    }
    return pool.orElseThrow().unwrap(type);
  }

  @Override
  public boolean isWrapperFor(Class<?> type) throws SQLException {
    return pool.isPresent() && pool.get().isWrapperFor(type);
  }
}
