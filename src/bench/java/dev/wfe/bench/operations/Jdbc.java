package dev.wfe.bench.operations;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;

/** Executes statements on pooled connections with auto-commit. Thread-safe. */
final class Jdbc {
  private final DataSource dataSource;

  Jdbc(DataSource dataSource) {
    this.dataSource = dataSource;
  }

  /** Sets parameters. */
  @FunctionalInterface
  interface Binder {
    void bind(PreparedStatement statement) throws SQLException;
  }

  /** Reads a result, which is positioned before its first row. */
  @FunctionalInterface
  interface Reader<T> {
    T read(ResultSet rows) throws SQLException;
  }

  /** Work in one transaction. */
  @FunctionalInterface
  interface Work<T> {
    T on(Connection connection) throws SQLException;
  }

  <T> T query(String sql, Binder binder, Reader<T> reader) throws SQLException {
    try (Connection connection = dataSource.getConnection()) {
      return query(connection, sql, binder, reader);
    }
  }

  static <T> T query(Connection connection, String sql, Binder binder, Reader<T> reader)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      binder.bind(statement);
      try (ResultSet rows = statement.executeQuery()) {
        return reader.read(rows);
      }
    }
  }

  /**
   * Executes two statements in one round trip and one transaction; the second returns the result.
   */
  <T> T querySecond(String sql, Binder binder, Reader<T> reader) throws SQLException {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      binder.bind(statement);
      statement.execute();
      statement.getMoreResults(Statement.CLOSE_CURRENT_RESULT);
      try (ResultSet rows = statement.getResultSet()) {
        return reader.read(rows);
      }
    }
  }

  int update(String sql, Binder binder) throws SQLException {
    try (Connection connection = dataSource.getConnection()) {
      return update(connection, sql, binder);
    }
  }

  static int update(Connection connection, String sql, Binder binder) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      binder.bind(statement);
      return statement.executeUpdate();
    }
  }

  <T> T transaction(Work<T> work) throws SQLException {
    try (Connection connection = dataSource.getConnection()) {
      connection.setAutoCommit(false);
      T result = work.on(connection);
      connection.commit();
      connection.setAutoCommit(true);
      return result;
    }
  }

  /** Moves to the first row, which has to exist. */
  static ResultSet first(ResultSet rows) throws SQLException {
    if (!rows.next()) {
      throw new IllegalStateException("No row");
    }
    return rows;
  }

  static void require(boolean fact, String otherwise) {
    if (!fact) {
      throw new IllegalStateException(otherwise);
    }
  }
}
