package dev.wfe.postgres.internal.sql;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Runs statements on one connection, each for a limited time. Not thread-safe. */
public final class Statements {
  private final Connection connection;
  private final Deadlines deadlines;

  /** On the connection. */
  public Statements(Connection connection, Deadlines deadlines) {
    this.connection = connection;
    this.deadlines = deadlines;
  }

  /** Reads one row, or the result as a whole. */
  @FunctionalInterface
  public interface Reader<T> {
    /** Reads what the rows stand on. */
    T read(ResultSet rows) throws SQLException;
  }

  /** All rows, each read by the reader. */
  public <T> List<T> all(NamedSql sql, NamedSql.Binder binder, Reader<T> reader)
      throws SQLException {
    return whole(
        sql,
        binder,
        rows -> {
          List<T> read = new ArrayList<>();
          while (rows.next()) {
            read.add(reader.read(rows));
          }
          return read;
        });
  }

  /** The first row, read by the reader; empty when there is none. */
  public <T> Optional<T> first(NamedSql sql, NamedSql.Binder binder, Reader<T> reader)
      throws SQLException {
    return whole(
        sql, binder, rows -> rows.next() ? Optional.of(reader.read(rows)) : Optional.empty());
  }

  /** The one row that the statement always gives. */
  public <T> T one(NamedSql sql, NamedSql.Binder binder, Reader<T> reader) throws SQLException {
    return first(sql, binder, reader)
        .orElseThrow(() -> new IllegalStateException("Gives no row: " + sql));
  }

  /** The result, which the reader finds before its first row. */
  public <T> T whole(NamedSql sql, NamedSql.Binder binder, Reader<T> reader) throws SQLException {
    return sql.query(connection, deadlines, binder, reader);
  }

  /** The number of rows written. */
  public int update(NamedSql sql, NamedSql.Binder binder) throws SQLException {
    return sql.update(connection, deadlines, binder);
  }
}
