package dev.wfe.postgres.wakeups;

import dev.wfe.postgres.faults.Eventually;
import dev.wfe.postgres.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/** A session of the test that receives what providers send on the default store's channel. */
public final class Notifications implements AutoCloseable {
  static final String CHANNEL = "wfe.wfc.";

  /** A channel that no provider listens to. Notifications of all channels come in one order. */
  private static final String MARKS = "marks";

  private final Connection connection;
  private final List<String> payloads = new ArrayList<>();
  private int marks;

  public Notifications(TestDatabase database) throws SQLException {
    connection = database.dataSource().getConnection();
    execute("listen \"%s\"; listen %s".formatted(CHANNEL, MARKS));
  }

  private void execute(String sql) {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException failure) {
      throw new AssertionError(failure);
    }
  }

  private void receive() {
    execute("select 1");
    try {
      PGNotification[] received = connection.unwrap(PGConnection.class).getNotifications();
      for (PGNotification notification : received == null ? new PGNotification[0] : received) {
        if (notification.getName().equals(MARKS)) {
          marks++;
        } else {
          payloads.add(notification.getParameter());
        }
      }
    } catch (SQLException failure) {
      throw new AssertionError(failure);
    }
  }

  /** Returns the payloads since the last call, of all transactions that were committed before. */
  public List<String> all() {
    int before = marks;
    execute("notify " + MARKS);
    Eventually.isTrue(
        "all notifications",
        () -> {
          receive();
          return marks > before;
        });
    List<String> received = List.copyOf(payloads);
    payloads.clear();
    return received;
  }

  /** Waits for a number of notifications since the last call, and returns them. */
  List<String> await(int count) {
    Eventually.isTrue(
        count + " notifications",
        () -> {
          receive();
          return payloads.size() >= count;
        });
    return all();
  }

  /** The sessions of providers that listen to the default store. */
  static List<String> listeningSessions(TestDatabase database) {
    return sessions(database, "query = 'listen \"%s\"'".formatted(CHANNEL));
  }

  /** The sessions of providers that have sent something. */
  static List<String> sendingSessions(TestDatabase database) {
    return sessions(database, "query like '%pg_notify%'");
  }

  /** The sessions of providers for which the condition holds. */
  static List<String> sessions(TestDatabase database, String condition) {
    return database.queryForStrings(
        """
        select pid::text from pg_stat_activity
        where datname = current_database() and application_name = 'wfe-postgres' and\s"""
            + condition);
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
