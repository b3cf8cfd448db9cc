package dev.wfe.postgres.external;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import javax.sql.DataSource;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.TransactionState;

/** Hands out the same connections repeatedly and checks that they come back unchanged. */
final class WatchedDataSource implements AutoCloseable {
  private static final String SESSION =
      """
      select concat_ws(E'\\n',
        (select string_agg(name || '=' || setting, E'\\n' order by name) from pg_settings),
        (select count(*) || ' locks' from pg_locks
          where pid = pg_backend_pid() and locktype = 'advisory'),
        (select count(*) || ' channels' from pg_listening_channels()),
        (select count(*) || ' cursors' from pg_cursors where is_holdable),
        (select count(*) || ' tables' from pg_class where relnamespace = pg_my_temp_schema()))
      """;

  private final DataSource connections;
  private final boolean autoCommit;
  private final Deque<Connection> free = new ArrayDeque<>();
  private final List<String> differences = new ArrayList<>();
  private int handedOut;

  WatchedDataSource(DataSource connections, boolean autoCommit) {
    this.connections = connections;
    this.autoCommit = autoCommit;
  }

  /** As the store sees it. */
  DataSource dataSource() {
    return proxy(
        DataSource.class,
        (self, method, arguments) -> {
          return method.getName().equals("getConnection")
              ? handOut()
              : method.invoke(connections, arguments);
        });
  }

  private static <T> T proxy(Class<T> type, InvocationHandler handler) {
    return type.cast(
        Proxy.newProxyInstance(
            WatchedDataSource.class.getClassLoader(), new Class<?>[] {type}, handler));
  }

  private synchronized Connection handOut() throws SQLException {
    Connection connection = free.isEmpty() ? opened() : free.pop();
    String before = state(connection);
    handedOut++;
    return proxy(
        Connection.class,
        (self, method, arguments) -> {
          if (method.getName().equals("close")) {
            takeBack(connection, before);
            return null;
          }
          try {
            return method.invoke(connection, arguments);
          } catch (InvocationTargetException failure) {
            throw failure.getTargetException();
          }
        });
  }

  private Connection opened() throws SQLException {
    Connection connection = connections.getConnection();
    connection.setAutoCommit(autoCommit);
    return connection;
  }

  private synchronized void takeBack(Connection connection, String before) throws SQLException {
    if (free.contains(connection)) {
      return;
    }
    String after = state(connection);
    if (!after.equals(before)) {
      List<String> difference = new ArrayList<>(List.of(after.split("\n")));
      difference.removeAll(List.of(before.split("\n")));
      differences.add("Became: " + difference);
    }
    free.push(connection);
  }

  private static String state(Connection connection) throws SQLException {
    TransactionState transaction = connection.unwrap(BaseConnection.class).getTransactionState();
    boolean commits = connection.getAutoCommit();
    connection.setAutoCommit(true);
    try (Statement statement = connection.createStatement();
        ResultSet session = statement.executeQuery(SESSION)) {
      session.next();
      return "%s\nautoCommit=%s\nreadOnly=%s\nholdability=%s\ntimeout=%s\ntransaction=%s"
          .formatted(
              session.getString(1),
              commits,
              connection.isReadOnly(),
              connection.getHoldability(),
              connection.getNetworkTimeout(),
              transaction);
    } finally {
      connection.setAutoCommit(commits);
    }
  }

  /** Checks that a connection was handed out since the last time and all came back unchanged. */
  synchronized void requireUntouched(String operation) {
    assertThat(handedOut).as(operation).isPositive();
    assertThat(differences).as(operation).isEmpty();
    handedOut = 0;
  }

  @Override
  public synchronized void close() throws SQLException {
    for (Connection connection : free) {
      connection.close();
    }
  }
}
