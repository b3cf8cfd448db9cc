package dev.wfe.postgres.internal.transaction;

import dev.wfe.persistence.Page;
import dev.wfe.persistence.Position;
import dev.wfe.persistence.StoreException;
import dev.wfe.postgres.internal.sql.NamedSql;
import dev.wfe.postgres.internal.sql.Operation;
import dev.wfe.postgres.internal.sql.SqlErrors;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Executes statements on one connection, each within its deadline. Not thread-safe. */
public final class StatementExecutor {
  /** No limit to the number of rows. */
  public static final int NO_LIMIT = Integer.MAX_VALUE;

  /** A write is attempted so often while nothing is found that is in its way. */
  public static final int MAX_ATTEMPTS = 3;

  private static final String SAVEPOINT = "savepoint wfe_claim;\n";
  private static final String RELEASE = ";\nrelease savepoint wfe_claim";
  private static final String ROLLBACK =
      "rollback to savepoint wfe_claim; release savepoint wfe_claim";

  private final Connection connection;
  private final StatementDeadlines deadlines;
  private final boolean inTransaction;

  private StatementExecutor(
      Connection connection, StatementDeadlines deadlines, boolean inTransaction) {
    this.connection = connection;
    this.deadlines = deadlines;
    this.inTransaction = inTransaction;
  }

  /** On a connection that commits each statement by itself. */
  static StatementExecutor committing(Connection connection, StatementDeadlines deadlines) {
    return new StatementExecutor(connection, deadlines, false);
  }

  /** In the transaction that is open on the connection. */
  static StatementExecutor inTransaction(Connection connection, StatementDeadlines deadlines) {
    return new StatementExecutor(connection, deadlines, true);
  }

  /** Reads a row, or a result as a whole. */
  @FunctionalInterface
  public interface Reader<T> {
    /** Reads from the current position. */
    T read(ResultSet rows) throws SQLException;
  }

  /** All rows, each read by the reader. */
  public <T> List<T> all(NamedSql sql, NamedSql.Binder binder, Reader<T> reader)
      throws SQLException {
    return query(
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
    return query(sql, binder, firstBy(reader));
  }

  private static <T> Reader<Optional<T>> firstBy(Reader<T> reader) {
    return rows -> rows.next() ? Optional.of(reader.read(rows)) : Optional.empty();
  }

  /** The one row that the statement always gives. */
  public <T> T one(NamedSql sql, NamedSql.Binder binder, Reader<T> reader) throws SQLException {
    return first(sql, binder, reader)
        .orElseThrow(() -> new IllegalStateException("Gives no row: " + sql));
  }

  /** The first column of all rows, up to the limit, which the statement takes as a parameter. */
  public List<String> ids(NamedSql sql, int limit, NamedSql.Binder binder) throws SQLException {
    return all(sql, limited(limit, binder), rows -> rows.getString(1));
  }

  /**
   * A page of ids, up to the limit, which the statement takes as a parameter.
   *
   * @param time reads the time of a row
   */
  public Page page(NamedSql sql, int limit, NamedSql.Binder binder, Reader<Instant> time)
      throws SQLException {
    List<Position> found =
        all(sql, limited(limit, binder), rows -> new Position(time.read(rows), rows.getString(1)));
    return new Page(
        found.stream().map(Position::id).toList(),
        found.size() < limit ? null : found.get(found.size() - 1));
  }

  private static NamedSql.Binder limited(int limit, NamedSql.Binder binder) {
    return parameters -> {
      binder.bind(parameters);
      parameters.bigint("limit", (long) limit);
    };
  }

  /** The result as a whole, which the reader gets before its first row. */
  public <T> T query(NamedSql sql, NamedSql.Binder binder, Reader<T> reader) throws SQLException {
    return execute(sql, sql.text(), binder, lastResult(reader));
  }

  /** The number of rows written. */
  public int update(NamedSql sql, NamedSql.Binder binder) throws SQLException {
    return execute(sql, sql.text(), binder, Statement::getUpdateCount);
  }

  /**
   * Gives the row of a write that something may be in the way of.
   *
   * @throws StoreException what was found to be in the way. If nothing is found again and again,
   *     something that others added to the tables withholds the write; that is not retryable
   */
  public <T> T write(Operation operation, ConflictingWrite<T> write) throws SQLException {
    Optional<SQLException> conflict = Optional.empty();
    for (int attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
      try {
        NamedSql sql = attempt < MAX_ATTEMPTS ? write.statement() : write.lastStatement();
        Optional<T> row = attempt(sql, write);
        if (row.isPresent()) {
          return row.get();
        }
      } catch (SQLException error) {
        if (!leavesTransactionUsable(write, error)) {
          throw error;
        }
        conflict = Optional.of(error);
      }
      Optional<StoreException> found = write.reason().find();
      if (found.isPresent()) {
        throw found.get();
      }
    }
    throw SqlErrors.withheld(operation, conflict);
  }

  /**
   * In the caller's transaction an error would end the transaction, so what may fail in a race runs
   * under a savepoint, in one round trip. What claims nothing does not, because savepoints cost the
   * server room in shared memory.
   */
  private <T> Optional<T> attempt(NamedSql sql, ConflictingWrite<T> write) throws SQLException {
    return execute(
        sql,
        inTransaction && write.claims() ? SAVEPOINT + sql.text() + RELEASE : sql.text(),
        write.binder(),
        lastResult(firstBy(write.reader())));
  }

  /** Whether the error is a conflict after which the next statement can ask for the reason. */
  private boolean leavesTransactionUsable(ConflictingWrite<?> write, SQLException error)
      throws SQLException {
    if (!inTransaction) {
      return SqlErrors.isConflict(error) || SqlErrors.isSerializationFailure(error);
    }
    if (!write.claims() || !SqlErrors.isConflict(error)) {
      return false;
    }
    try (PreparedStatement statement = connection.prepareStatement(ROLLBACK)) {
      StatementDeadlines.Watch watch = deadlines.watch(statement);
      try {
        statement.execute();
      } finally {
        watch.close();
      }
    }
    return true;
  }

  @FunctionalInterface
  private interface ResultOf<T> {
    T read(Statement executed) throws SQLException;
  }

  /** The result of the last of several statements. */
  private static <T> ResultOf<T> lastResult(Reader<T> reader) {
    return executed -> {
      ResultSet last = executed.getResultSet();
      while (executed.getMoreResults(Statement.KEEP_CURRENT_RESULT)
          || executed.getUpdateCount() >= 0) {
        ResultSet next = executed.getResultSet();
        last = next == null ? last : next;
      }
      if (last == null) {
        throw new IllegalStateException("Gives no rows: " + executed);
      }
      try (ResultSet result = last) {
        return reader.read(result);
      }
    };
  }

  private <T> T execute(NamedSql sql, String text, NamedSql.Binder binder, ResultOf<T> result)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(text)) {
      binder.bind(sql.parameters(connection, statement));
      StatementDeadlines.Watch watch = deadlines.watch(statement);
      try {
        statement.execute();
      } finally {
        watch.close();
      }
      SynchronousReplicationCheck.requireConfirmation(statement);
      return result.read(statement);
    }
  }

  /**
   * How long a statement may wait for a lock that others queue behind: in a transaction of its own
   * only briefly, after which it is retried. Null in the caller's transaction, whose settings are
   * the caller's: there it waits.
   */
  public @Nullable String lockTimeout() {
    return inTransaction ? null : "200ms";
  }
}
