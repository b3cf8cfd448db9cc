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
 * The one connection over which a store is set up, so that the lock cannot be lost while the work
 * goes on; it is given back as it was. For one thread.
 */
final class MigrationSession implements AutoCloseable {
  private final Connection lent;
  private final Connection connection;
  private final SessionSettings settings;

  /** What ended the session; the calls after it only say that the connection is closed. */
  private @Nullable SQLException end;

  private MigrationSession(Connection lent, SessionSettings settings) {
    this.lent = lent;
    this.settings = settings;
    connection =
        proxy(
            Connection.class,
            (proxy, method, arguments) ->
                method.getName().equals("close") ? null : watched(lent, method, arguments));
  }

  static MigrationSession open(DataSource lender) throws SQLException {
    Connection lent = lender.getConnection();
    try {
      return new MigrationSession(lent, SessionSettings.prepare(lent));
    } catch (SQLException | RuntimeException e) {
      lent.close();
      throw e;
    }
  }

  /** Stays open when it is closed. */
  Connection connection() {
    return connection;
  }

  /** The error that ended the session; null while it lives. */
  @Nullable SQLException end() {
    return end;
  }

  /** Gives the connection again and again. */
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

  private @Nullable Object watched(
      Object target, Method method, @Nullable Object @Nullable [] arguments) throws Throwable {
    Object result;
    try {
      result = method.invoke(target, arguments);
    } catch (InvocationTargetException e) {
      if (end == null
          && e.getTargetException() instanceof SQLException error
          && SqlErrors.isSessionGone(error)) {
        end = error;
      }
      throw e.getTargetException();
    }
    return result instanceof Statement statement ? watched(statement) : result;
  }

  private Statement watched(Statement statement) {
    Class<? extends Statement> type =
        statement instanceof CallableStatement
            ? CallableStatement.class
            : statement instanceof PreparedStatement ? PreparedStatement.class : Statement.class;
    return proxy(type, (proxy, method, arguments) -> watched(statement, method, arguments));
  }

  @Override
  public void close() throws SQLException {
    try {
      settings.restore(lent);
    } finally {
      lent.close();
    }
  }
}
