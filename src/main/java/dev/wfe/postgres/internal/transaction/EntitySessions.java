package dev.wfe.postgres.internal.transaction;

import dev.wfe.postgres.internal.sql.SqlErrors;
import jakarta.persistence.EntityManagerFactory;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.function.Function;
import org.hibernate.SessionFactory;
import org.hibernate.StatelessSession;
import org.hibernate.StatelessSessionBuilder;
import org.postgresql.PGStatement;

/**
 * Hibernate sessions on a connection that a transaction scope supplies. Each statement is
 * supervised by {@link StatementDeadlines}, as the provider's own are. Thread-safe.
 */
final class EntitySessions {
  private static final String EXPLAIN = "explain (format json) ";

  private EntitySessions() {}

  /** Runs the work in a session that reads. */
  static <T> T reading(
      EntityManagerFactory factory,
      Connection connection,
      StatementDeadlines deadlines,
      Function<StatelessSession, T> work)
      throws SQLException {
    return run(sessions(factory, connection, deadlines), work);
  }

  /**
   * Runs the work in a session whose statements return the plan of the query in JSON, as the only
   * column of one row.
   */
  static <T> T explaining(
      EntityManagerFactory factory,
      Connection connection,
      StatementDeadlines deadlines,
      Function<StatelessSession, T> work)
      throws SQLException {
    return run(sessions(factory, connection, deadlines).statementInspector(EXPLAIN::concat), work);
  }

  private static StatelessSessionBuilder sessions(
      EntityManagerFactory factory, Connection connection, StatementDeadlines deadlines) {
    return factory
        .unwrap(SessionFactory.class)
        .withStatelessOptions()
        .connection(supervised(connection, deadlines));
  }

  private static <T> T run(StatelessSessionBuilder sessions, Function<StatelessSession, T> work)
      throws SQLException {
    try (StatelessSession session = sessions.openStatelessSession()) {
      return work.apply(session);
    } catch (RuntimeException failure) {
      throw SqlErrors.find(failure).orElseThrow(() -> failure);
    }
  }

  /** Carries an error through Hibernate, which would log an SQLException and convert it. */
  private static final class CarriedSqlError extends RuntimeException {
    private static final long serialVersionUID = 1L;

    CarriedSqlError(SQLException error) {
      super(error.getMessage(), error, false, false);
    }
  }

  private static Connection supervised(Connection connection, StatementDeadlines deadlines) {
    return proxy(
        Connection.class,
        (proxy, method, arguments) -> {
          Object result = call(connection, method, arguments);
          return result instanceof PreparedStatement statement
              ? supervised(unprepared(statement), deadlines)
              : result;
        });
  }

  /**
   * Keeps the driver from preparing the statement on the server, which would then plan it for any
   * parameters. What a filter matches depends on them.
   */
  private static PreparedStatement unprepared(PreparedStatement statement) throws SQLException {
    if (statement.isWrapperFor(PGStatement.class)) {
      statement.unwrap(PGStatement.class).setPrepareThreshold(0);
    }
    return statement;
  }

  private static PreparedStatement supervised(
      PreparedStatement statement, StatementDeadlines deadlines) {
    return proxy(
        PreparedStatement.class,
        (proxy, method, arguments) -> {
          if (!method.getName().startsWith("execute")) {
            return call(statement, method, arguments);
          }
          StatementDeadlines.Watch watch = deadlines.watch(statement);
          try {
            return call(statement, method, arguments);
          } finally {
            watch.close();
          }
        });
  }

  private static <T> T proxy(Class<T> type, InvocationHandler handler) {
    return type.cast(
        Proxy.newProxyInstance(
            EntitySessions.class.getClassLoader(), new Class<?>[] {type}, handler));
  }

  @SuppressWarnings("NullAway") // null is what the method returned
  private static Object call(Object target, Method method, Object[] arguments) throws Throwable {
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException failure) {
      Throwable cause = failure.getCause();
      throw cause instanceof SQLException error && target instanceof Statement
          ? new CarriedSqlError(error)
          : cause;
    }
  }
}
