package dev.wfe.postgres.internal.sql;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** Runs statements on one connection, each for a limited time. Not thread-safe. */
public abstract sealed class Statements {
  final Connection connection;
  final Deadlines deadlines;

  private Statements(Connection connection, Deadlines deadlines) {
    this.connection = connection;
    this.deadlines = deadlines;
  }

  /** On a connection that commits each of them by itself. */
  public static Statements committed(Connection connection, Deadlines deadlines) {
    return new Committed(connection, deadlines);
  }

  /** In the transaction that is open on the connection. */
  public static Statements inTransaction(Connection connection, Deadlines deadlines) {
    return new InTransaction(connection, deadlines);
  }

  /** Reads one row, or the result as a whole. */
  @FunctionalInterface
  public interface Reader<T> {
    /** Reads what the rows stand on. */
    T read(ResultSet rows) throws SQLException;
  }

  /** All rows, each read by the reader. */
  public final <T> List<T> all(NamedSql sql, NamedSql.Binder binder, Reader<T> reader)
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
  public final <T> Optional<T> first(NamedSql sql, NamedSql.Binder binder, Reader<T> reader)
      throws SQLException {
    return whole(sql, binder, firstBy(reader));
  }

  private static <T> Reader<Optional<T>> firstBy(Reader<T> reader) {
    return rows -> rows.next() ? Optional.of(reader.read(rows)) : Optional.empty();
  }

  /** The one row that the statement always gives. */
  public final <T> T one(NamedSql sql, NamedSql.Binder binder, Reader<T> reader)
      throws SQLException {
    return first(sql, binder, reader)
        .orElseThrow(() -> new IllegalStateException("Gives no row: " + sql));
  }

  /** The result, which the reader finds before its first row. */
  public final <T> T whole(NamedSql sql, NamedSql.Binder binder, Reader<T> reader)
      throws SQLException {
    return sql.query(connection, deadlines, binder, reader);
  }

  /** The number of rows written. */
  public final int update(NamedSql sql, NamedSql.Binder binder) throws SQLException {
    return sql.update(connection, deadlines, binder);
  }

  /**
   * As {@link #first}, of a write that another transaction may get in the way of; empty as well
   * when one did. Then nothing was done, and the next statement may ask why.
   *
   * @param claims whether it claims keys that another may claim at the same moment
   */
  public abstract <T> Optional<T> unlessLost(
      NamedSql sql, boolean claims, NamedSql.Binder binder, Reader<T> reader) throws SQLException;

  private static final class Committed extends Statements {
    private static final Set<String> LOST =
        Set.of(
            SqlErrors.UNIQUE_VIOLATION,
            SqlErrors.DIVISION_BY_ZERO,
            SqlErrors.SERIALIZATION_FAILURE);

    Committed(Connection connection, Deadlines deadlines) {
      super(connection, deadlines);
    }

    @Override
    public <T> Optional<T> unlessLost(
        NamedSql sql, boolean claims, NamedSql.Binder binder, Reader<T> reader)
        throws SQLException {
      try {
        return first(sql, binder, reader);
      } catch (SQLException error) {
        if (LOST.contains(Objects.toString(error.getSQLState()))) {
          return Optional.empty();
        }
        throw error;
      }
    }
  }

  /**
   * An error would end the transaction, so what may fail in a race stands between two marks. What
   * claims nothing does not, for marks use up the server's room for notes on open transactions.
   */
  private static final class InTransaction extends Statements {
    private static final Set<String> LOST =
        Set.of(SqlErrors.UNIQUE_VIOLATION, SqlErrors.DIVISION_BY_ZERO);

    InTransaction(Connection connection, Deadlines deadlines) {
      super(connection, deadlines);
    }

    @Override
    public <T> Optional<T> unlessLost(
        NamedSql sql, boolean claims, NamedSql.Binder binder, Reader<T> reader)
        throws SQLException {
      if (!claims) {
        return first(sql, binder, reader);
      }
      try {
        return sql.fencedQuery(connection, deadlines, binder, firstBy(reader));
      } catch (SQLException error) {
        if (!LOST.contains(Objects.toString(error.getSQLState()))) {
          throw error;
        }
        NamedSql.undo(connection, deadlines);
        return Optional.empty();
      }
    }
  }
}
