package dev.wfe.postgres.internal.schema;

import dev.wfe.postgres.internal.sql.SqlErrors;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * The single connection on which a store is created or upgraded. Because the lock and the
 * migrations share it, the lock cannot be lost while a migration continues. The connection is
 * returned to its pool with its original settings. Not thread-safe.
 */
final class MigrationSession implements AutoCloseable {
  private final Connection borrowed;
  private final Connection connection;
  private final SessionSettings settings;

  /** The error that ended the session. Later errors only report that the connection is closed. */
  private @Nullable SQLException sessionFailure;

  private MigrationSession(Connection borrowed, SessionSettings settings) {
    this.borrowed = borrowed;
    this.settings = settings;
    connection =
        proxy(
            Connection.class,
            (proxy, method, arguments) ->
                method.getName().equals("close") ? null : monitored(borrowed, method, arguments));
  }

  static MigrationSession open(DataSource source) throws SQLException {
    Connection borrowed = source.getConnection();
    try {
      return new MigrationSession(borrowed, SessionSettings.prepare(borrowed));
    } catch (SQLException | RuntimeException e) {
      borrowed.close();
      throw e;
    }
  }

  /** Returns the connection; its {@code close} method does nothing. */
  Connection connection() {
    return connection;
  }

  /** Returns the error that ended the session; null while the session is usable. */
  @Nullable SQLException sessionFailure() {
    return sessionFailure;
  }

  /** Returns a data source that always supplies this connection. */
  DataSource dataSource() {
    return proxy(
        DataSource.class,
        (proxy, method, arguments) -> {
          return switch (method.getName()) {
            case "getConnection" -> connection;
            case "toString" -> "the connection of a migration";
            default -> throw new UnsupportedOperationException(method.getName());
          };
        });
  }

  private static <T> T proxy(Class<T> type, InvocationHandler handler) {
    return type.cast(
        Proxy.newProxyInstance(
            MigrationSession.class.getClassLoader(), new Class<?>[] {type}, handler));
  }

  private @Nullable Object monitored(
      Object target, Method method, @Nullable Object @Nullable [] arguments) throws Throwable {
    Object result;
    try {
      result = method.invoke(target, arguments);
    } catch (InvocationTargetException e) {
      if (sessionFailure == null
          && e.getTargetException() instanceof SQLException error
          && SqlErrors.isSessionGone(error)) {
        sessionFailure = error;
      }
      throw e.getTargetException();
    }
    return result instanceof Statement statement ? monitored(statement) : result;
  }

  private Statement monitored(Statement statement) {
    Class<? extends Statement> type =
        statement instanceof CallableStatement
            ? CallableStatement.class
            : statement instanceof PreparedStatement ? PreparedStatement.class : Statement.class;
    return proxy(type, (proxy, method, arguments) -> monitored(statement, method, arguments));
  }

  @Override
  public void close() throws SQLException {
    try {
      settings.restore(borrowed);
    } finally {
      borrowed.close();
    }
  }
}
