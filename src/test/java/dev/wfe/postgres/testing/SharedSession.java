package dev.wfe.postgres.testing;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Keeps one connection open for the statements of a test, because a new one for each is what costs
 * most. Another one is opened while that one is in use. Thread-safe.
 */
final class SharedSession implements AutoCloseable {
  private final DataSource dataSource;
  private final AtomicReference<@Nullable Connection> idle = new AtomicReference<>();

  SharedSession(DataSource dataSource) {
    this.dataSource = dataSource;
  }

  /** Runs statements. */
  void execute(String sql) {
    call(
        sql,
        statement -> {
          statement.execute(sql);
          return true;
        });
  }

  /** The first column of all rows as text. */
  List<@Nullable String> query(String sql) {
    return call(
        sql,
        statement -> {
          List<@Nullable String> column = new ArrayList<>();
          try (ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) {
              column.add(rows.getString(1));
            }
          }
          return column;
        });
  }

  @FunctionalInterface
  private interface Work<T> {
    T on(Statement statement) throws SQLException;
  }

  /** Does the work; a connection on which it failed is not used again. */
  private <T> T call(String sql, Work<T> work) {
    try {
      Connection connection = open();
      boolean isGood = false;
      try (Statement statement = connection.createStatement()) {
        T result = work.on(statement);
        isGood = true;
        return result;
      } finally {
        if (!isGood || !idle.compareAndSet(null, connection)) {
          connection.close();
        }
      }
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }

  private Connection open() throws SQLException {
    Connection kept = idle.getAndSet(null);
    if (kept != null) {
      try (Statement statement = kept.createStatement()) {
        statement.execute("discard all"); // as if it were new
        return kept;
      } catch (SQLException endedByTheServer) {
        kept.close();
      }
    }
    return dataSource.getConnection();
  }

  /** Closes what is kept. */
  @Override
  public void close() {
    Connection kept = idle.getAndSet(null);
    if (kept != null) {
      try {
        kept.close();
      } catch (SQLException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
