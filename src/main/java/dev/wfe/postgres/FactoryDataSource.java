package dev.wfe.postgres;

import dev.wfe.persistence.StoreSetupException;
import dev.wfe.postgres.internal.store.Connections;
import java.io.PrintWriter;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.hibernate.engine.jdbc.connections.spi.ConnectionProvider;
import org.hibernate.engine.spi.SessionFactoryImplementor;
import org.jspecify.annotations.Nullable;

/**
 * The connections of a Hibernate factory, for what works on a data source. Closing one gives it
 * back to Hibernate's connection provider, whichever that is. Thread-safe.
 */
final class FactoryDataSource implements DataSource {
  private final SessionFactoryImplementor factory;
  private final ConnectionProvider provider;

  FactoryDataSource(SessionFactoryImplementor factory) {
    this.factory = factory;
    this.provider = factory.getServiceRegistry().requireService(ConnectionProvider.class);
  }

  /** Its connections without the wrapper. */
  Connections connections() {
    return new Connections() {
      @Override
      public Connection borrow() throws SQLException {
        return connection();
      }

      @Override
      public void giveBack(Connection connection) throws SQLException {
        provider.closeConnection(connection);
      }
    };
  }

  private Connection connection() throws SQLException {
    if (!factory.isOpen()) {
      throw new StoreSetupException("The EntityManagerFactory is closed", null);
    }
    return provider.getConnection();
  }

  @Override
  public Connection getConnection() throws SQLException {
    Connection connection = connection();
    AtomicBoolean open = new AtomicBoolean(true);
    return (Connection)
        Proxy.newProxyInstance(
            FactoryDataSource.class.getClassLoader(),
            new Class<?>[] {Connection.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("close")) {
                // Given back twice, it would be lent to two at a time.
                if (open.getAndSet(false)) {
                  provider.closeConnection(connection);
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
    throw new SQLFeatureNotSupportedException("Hibernate knows the user");
  }

  @Override
  public @Nullable PrintWriter getLogWriter() {
    return null;
  }

  @Override
  public void setLogWriter(@Nullable PrintWriter writer) throws SQLException {
    throw new SQLFeatureNotSupportedException("Hibernate logs");
  }

  @Override
  public void setLoginTimeout(int seconds) throws SQLException {
    throw new SQLFeatureNotSupportedException("Hibernate connects");
  }

  @Override
  public int getLoginTimeout() {
    return 0;
  }

  @Override
  public Logger getParentLogger() throws SQLFeatureNotSupportedException {
    throw new SQLFeatureNotSupportedException("Hibernate logs");
  }

  @Override
  public <T> T unwrap(Class<T> type) throws SQLException {
    throw new SQLException("Is no wrapper of a " + type.getName());
  }

  @Override
  public boolean isWrapperFor(Class<?> type) {
    return false;
  }
}
