package dev.wfe.postgres.internal.sql;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

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
   * How long a statement may wait for a lock that is held for as long as somebody's transaction is
   * open, and before which others queue: in a transaction of its own only briefly, to be tried
   * again. Null in the caller's transaction, whose settings are the caller's: there it waits.
   */
  public abstract @Nullable String lockTimeout();

  /**
   * What became of a write that another transaction may get in the way of.
   *
   * @param row what the reader made of the first row; empty when there was none, or a conflict
   * @param conflict why nothing was done: a unique key that was taken, fewer rows written than
   *     sent, or under a stricter isolation a row that was written since; empty otherwise
   */
  public record Attempt<T>(Optional<T> row, Optional<SQLException> conflict) {}

  /**
   * As {@link #first}, of a write that another transaction may get in the way of. After a conflict
   * the next statement may ask why.
   *
   * @param claims whether it claims keys that another may claim at the same moment
   */
  public abstract <T> Attempt<T> attempt(
      NamedSql sql, boolean claims, NamedSql.Binder binder, Reader<T> reader) throws SQLException;

  private static boolean isConflict(SQLException error) {
    return SqlErrors.UNIQUE_VIOLATION.equals(error.getSQLState())
        || Signals.isRaised(error, Signals.INCOMPLETE);
  }

  private static final class Committed extends Statements {
    Committed(Connection connection, Deadlines deadlines) {
      super(connection, deadlines);
    }

    @Override
    public String lockTimeout() {
      return "200ms";
    }

    @Override
    public <T> Attempt<T> attempt(
        NamedSql sql, boolean claims, NamedSql.Binder binder, Reader<T> reader)
        throws SQLException {
      try {
        return new Attempt<>(first(sql, binder, reader), Optional.empty());
      } catch (SQLException error) {
        if (isConflict(error) || SqlErrors.isSerializationFailure(error)) {
          return new Attempt<>(Optional.empty(), Optional.of(error));
        }
        throw error;
      }
    }
  }

  /**
   * An error would end the transaction, so what may fail in a race runs under a savepoint. What
   * claims nothing does not, because savepoints use up the server's room for notes on open
   * transactions.
   */
  private static final class InTransaction extends Statements {
    InTransaction(Connection connection, Deadlines deadlines) {
      super(connection, deadlines);
    }

    @Override
    public @Nullable String lockTimeout() {
      return null;
    }

    @Override
    public <T> Attempt<T> attempt(
        NamedSql sql, boolean claims, NamedSql.Binder binder, Reader<T> reader)
        throws SQLException {
      if (!claims) {
        return new Attempt<>(first(sql, binder, reader), Optional.empty());
      }
      try {
        return new Attempt<>(
            sql.fencedQuery(connection, deadlines, binder, firstBy(reader)), Optional.empty());
      } catch (SQLException error) {
        if (!isConflict(error)) {
          throw error;
        }
        NamedSql.undo(connection, deadlines);
        return new Attempt<>(Optional.empty(), Optional.of(error));
      }
    }
  }
}
