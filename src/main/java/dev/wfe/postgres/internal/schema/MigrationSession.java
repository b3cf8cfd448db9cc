package dev.wfe.postgres.internal.schema;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * The one connection over which a store is set up, so that the lock cannot be lost while the work
 * goes on; it is given back as it was. For one thread.
 */
final class MigrationSession implements AutoCloseable {
  private final Connection connection;
  private final SessionSettings settings;

  private MigrationSession(Connection connection, SessionSettings settings) {
    this.connection = connection;
    this.settings = settings;
  }

  static MigrationSession open(DataSource lender) throws SQLException {
    Connection connection = lender.getConnection();
    try {
      return new MigrationSession(connection, SessionSettings.prepare(connection));
    } catch (SQLException | RuntimeException e) {
      connection.close();
      throw e;
    }
  }

  Connection connection() {
    return connection;
  }

  /** Gives this connection again and again, and keeps it open when it is closed. */
  DataSource dataSource() {
    return proxy(
        DataSource.class,
        (proxy, method, arguments) -> {
          return switch (method.getName()) {
            case "getConnection" -> keptOpen();
            case "toString" -> "the connection of a migration";
            default -> throw new UnsupportedOperationException(method.getName());
          };
        });
  }

  private Connection keptOpen() {
    return proxy(
        Connection.class,
        (proxy, method, arguments) ->
            method.getName().equals("close") ? null : invoke(method, arguments));
  }

  private static <T> T proxy(Class<T> type, InvocationHandler handler) {
    return type.cast(
        Proxy.newProxyInstance(
            MigrationSession.class.getClassLoader(), new Class<?>[] {type}, handler));
  }

  private @Nullable Object invoke(Method method, @Nullable Object @Nullable [] arguments)
      throws Throwable {
    try {
      return method.invoke(connection, arguments);
    } catch (InvocationTargetException e) {
      throw e.getTargetException();
    }
  }

  @Override
  public void close() throws SQLException {
    try {
      settings.restore(connection);
    } finally {
      connection.close();
    }
  }
}
