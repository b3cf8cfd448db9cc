package dev.wfe.postgres.internal.transaction;

import dev.wfe.persistence.Page;
import dev.wfe.persistence.Position;
import dev.wfe.persistence.StoreException;
import dev.wfe.postgres.internal.sql.NamedSql;
import dev.wfe.postgres.internal.sql.Operation;
import dev.wfe.postgres.internal.sql.SqlErrors;
import jakarta.persistence.EntityManagerFactory;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.hibernate.StatelessSession;
import org.jspecify.annotations.Nullable;

/**
 * Executes statements on one connection, each supervised by {@link StatementDeadlines}. Not
 * thread-safe.
 */
public final class StatementExecutor {
  /** The limit of a query that returns all rows. */
  public static final int NO_LIMIT = Integer.MAX_VALUE;

  /** How often a write is attempted if it returns no row and no reason for that is found. */
  public static final int MAX_ATTEMPTS = 3;

  private static final String SAVEPOINT = "savepoint wfe_claim;\n";
  private static final String RELEASE = ";\nrelease savepoint wfe_claim";
  private static final String COMMITTABLE = "select 1";
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

  /** For a connection in auto-commit mode. */
  static StatementExecutor committing(Connection connection, StatementDeadlines deadlines) {
    return new StatementExecutor(connection, deadlines, false);
  }

  /** For the open transaction of the connection. */
  static StatementExecutor inTransaction(Connection connection, StatementDeadlines deadlines) {
    return new StatementExecutor(connection, deadlines, true);
  }

  /** Reads one row or a whole result. */
  @FunctionalInterface
  public interface Reader<T> {
    /** Reads from the current position of the result set. */
    T read(ResultSet rows) throws SQLException;
  }

  /** Returns all rows, each read by the reader. */
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

  /** Returns the first row, read by the reader; empty if there is none. */
  public <T> Optional<T> first(NamedSql sql, NamedSql.Binder binder, Reader<T> reader)
      throws SQLException {
    return query(sql, binder, firstBy(reader));
  }

  private static <T> Reader<Optional<T>> firstBy(Reader<T> reader) {
    return rows -> rows.next() ? Optional.of(reader.read(rows)) : Optional.empty();
  }

  /** Returns the row of a statement that always returns exactly one. */
  public <T> T one(NamedSql sql, NamedSql.Binder binder, Reader<T> reader) throws SQLException {
    return first(sql, binder, reader)
        .orElseThrow(() -> new IllegalStateException("Gives no row: " + sql));
  }

  /** Returns the first column of all rows. The limit is bound as the parameter {@code limit}. */
  public List<String> ids(NamedSql sql, int limit, NamedSql.Binder binder) throws SQLException {
    return all(sql, limited(limit, binder), rows -> rows.getString(1));
  }

  /**
   * Returns a page of ids. The limit is bound as the parameter {@code limit}.
   *
   * @param time reads the time part of a row's position
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

  /** Returns the whole result. The reader receives it positioned before the first row. */
  public <T> T query(NamedSql sql, NamedSql.Binder binder, Reader<T> reader) throws SQLException {
    return execute(sql, sql.text(), binder, lastResult(reader));
  }

  /** Runs queries over the entities in a session of Hibernate on the connection. */
  public <T> T entities(EntityManagerFactory factory, Function<StatelessSession, T> work)
      throws SQLException {
    return EntitySessions.reading(factory, connection, deadlines, work);
  }

  /**
   * As {@link #entities}, but each query is only planned: it returns the plan in JSON, as the only
   * column of one row.
   */
  public <T> T explaining(EntityManagerFactory factory, Function<StatelessSession, T> work)
      throws SQLException {
    return EntitySessions.explaining(factory, connection, deadlines, work);
  }

  /** Executes a statement and returns the number of rows that it wrote. */
  public int update(NamedSql sql, NamedSql.Binder binder) throws SQLException {
    return execute(sql, sql.text(), binder, Statement::getUpdateCount);
  }

  /**
   * Executes a write that may conflict with stored rows, and returns its row.
   *
   * @throws StoreException the reason that was found. If no reason is found in {@value
   *     #MAX_ATTEMPTS} attempts, a trigger, rule or policy that others added to the tables
   *     suppresses the write; this exception is not retryable
   */
  public <T> T write(Operation operation, ConflictingWrite<T> write) throws SQLException {
    SQLException conflict = null;
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
        conflict = error;
      }
      Optional<StoreException> found = write.reason().find();
      if (found.isPresent()) {
        throw found.get();
      }
    }
    throw SqlErrors.suppressed(operation, conflict);
  }

  /**
   * Executes the statement once. An error would abort the caller's transaction, so a write that can
   * lose a race for a key runs under a savepoint, in the same round trip. Other writes run without
   * one, because savepoints occupy shared memory of the server.
   */
  private <T> Optional<T> attempt(NamedSql sql, ConflictingWrite<T> write) throws SQLException {
    return execute(
        sql,
        inTransaction && write.claims() ? SAVEPOINT + sql.text() + RELEASE : sql.text(),
        write.binder(),
        lastResult(firstBy(write.reader())));
  }

  /**
   * Whether the error is a conflict after which the connection can still run the statement that
   * finds the reason. Rolls back to the savepoint if there is one.
   */
  private boolean leavesTransactionUsable(ConflictingWrite<?> write, SQLException error)
      throws SQLException {
    if (!inTransaction) {
      return SqlErrors.isConflict(error) || SqlErrors.isSerializationFailure(error);
    }
    if (!write.claims() || !SqlErrors.isConflict(error)) {
      return false;
    }
    rollBackToSavepoint();
    return true;
  }

  private void rollBackToSavepoint() throws SQLException {
    execute(ROLLBACK);
  }

  /**
   * Executes a write of many rows, and returns the whole result. Empty, with nothing written, if it
   * failed because of one of its rows: for example because a concurrent transaction took a key.
   */
  public <T> Optional<T> writeMany(NamedSql sql, NamedSql.Binder binder, Reader<T> reader)
      throws SQLException {
    try {
      String text = inTransaction ? SAVEPOINT + sql.text() + RELEASE : sql.text();
      return Optional.of(execute(sql, text, binder, lastResult(reader)));
    } catch (SQLException error) {
      boolean undone = !inTransaction && SqlErrors.isSerializationFailure(error);
      if (!undone && !SqlErrors.isAboutRows(error)) {
        throw error;
      }
      if (inTransaction) {
        rollBackToSavepoint();
      }
      return Optional.empty();
    }
  }

  /** Whether each statement is committed when it returns. */
  public boolean commits() {
    return !inTransaction;
  }

  @FunctionalInterface
  private interface ResultOf<T> {
    T read(Statement executed) throws SQLException;
  }

  /** Reads the result of the last statement of a batch. */
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

  /**
   * Fails if an earlier statement of the transaction failed. PostgreSQL answers the commit of such
   * a transaction with a rollback, which the driver does not report as a failure.
   */
  void requireCommittable() throws SQLException {
    execute(COMMITTABLE);
  }

  /** Commits the transaction if it is committable, in one round trip. */
  void commit() throws SQLException {
    execute(COMMITTABLE + ";\ncommit");
  }

  /** Executes a statement without parameters, whose result does not matter. */
  void execute(String text) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(text)) {
      StatementDeadlines.Watch watch = deadlines.watch(statement);
      try {
        statement.execute();
      } finally {
        watch.close();
      }
      SynchronousReplicationCheck.requireConfirmation(statement);
    }
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
   * Returns how long a statement may wait for a lock that other sessions queue behind. Independent
   * transactions wait only briefly and are then retried. Null in the caller's transaction: its
   * settings belong to the caller, so the statement waits as long as they allow.
   */
  public @Nullable String lockTimeout() {
    return inTransaction ? null : "200ms";
  }
}
