package dev.wfe.postgres.histories.hosts;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Runs statements on a database, on a new connection each time. Thread-safe.
 *
 * @param url of JDBC
 */
record Sql(String url) {
  private static final long PAUSE_MILLIS = 50;

  /** Runs statements, in one transaction unless they say otherwise. */
  void execute(String sql) {
    try {
      tryToExecute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }

  private void tryToExecute(String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** Runs statements, again and again until the database answers. */
  void executePersistently(String sql) throws InterruptedException {
    while (true) {
      try {
        tryToExecute(sql);
        return;
      } catch (SQLException failure) {
        pauseAfter(sql, failure);
      }
    }
  }

  /** Returns the rows of a query, each as the texts of its columns. */
  List<List<@Nullable String>> rows(String sql) {
    try {
      return tryToQuery(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }

  /** As {@link #rows}, again and again until the database answers. */
  List<List<@Nullable String>> rowsPersistently(String sql) throws InterruptedException {
    while (true) {
      try {
        return tryToQuery(sql);
      } catch (SQLException failure) {
        pauseAfter(sql, failure);
      }
    }
  }

  /** Fails if the statement itself is wrong. */
  private static void pauseAfter(String sql, SQLException failure) throws InterruptedException {
    if (String.valueOf(failure.getSQLState()).startsWith("42")) {
      throw new IllegalStateException(sql, failure);
    }
    TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
  }

  private List<List<@Nullable String>> tryToQuery(String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      List<List<@Nullable String>> rows = new ArrayList<>();
      int columns = result.getMetaData().getColumnCount();
      while (result.next()) {
        List<@Nullable String> row = new ArrayList<>();
        for (int column = 1; column <= columns; column++) {
          row.add(result.getString(column));
        }
        rows.add(row);
      }
      return rows;
    }
  }
}
