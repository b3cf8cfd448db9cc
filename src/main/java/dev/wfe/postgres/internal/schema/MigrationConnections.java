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
 * Lends out the connections of a data source fit for a migration, and gives them back as they were.
 */
final class MigrationConnections {
  private MigrationConnections() {}

  static DataSource of(DataSource lender) {
    return proxy(
        DataSource.class,
        (proxy, method, arguments) -> {
          Object result = invoke(lender, method, arguments);
          return result instanceof Connection connection ? fit(connection) : result;
        });
  }

  private static Connection fit(Connection connection) throws SQLException {
    try {
      SessionSettings settings = SessionSettings.prepare(connection);
      return proxy(
          Connection.class,
          (proxy, method, arguments) ->
              method.getName().equals("close")
                  ? giveBack(connection, settings)
                  : invoke(connection, method, arguments));
    } catch (SQLException | RuntimeException e) {
      connection.close();
      throw e;
    }
  }

  private static @Nullable Object giveBack(Connection connection, SessionSettings settings)
      throws SQLException {
    try {
      settings.restore(connection);
    } finally {
      connection.close();
    }
    return null;
  }

  private static <T> T proxy(Class<T> type, InvocationHandler handler) {
    return type.cast(
        Proxy.newProxyInstance(
            MigrationConnections.class.getClassLoader(), new Class<?>[] {type}, handler));
  }

  private static @Nullable Object invoke(
      Object target, Method method, @Nullable Object @Nullable [] arguments) throws Throwable {
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException e) {
      throw e.getTargetException();
    }
  }
}
