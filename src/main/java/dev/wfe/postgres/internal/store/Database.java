package dev.wfe.postgres.internal.store;

import dev.wfe.persistence.CallerTransactionException;
import dev.wfe.persistence.Page;
import dev.wfe.persistence.Position;
import dev.wfe.postgres.internal.sql.NamedSql;
import dev.wfe.postgres.internal.sql.Statements;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;

/**
 * Where work runs: in transactions of its own, or in the caller's. Turns what goes wrong into the
 * failures that callers know. Thread-safe.
 */
public interface Database {
  /** No limit to the number of ids. */
  int ALL = Integer.MAX_VALUE;

  /** Work by statements on one connection. */
  @FunctionalInterface
  interface Work<T> {
    /** Does it. */
    T by(Statements statements) throws SQLException;
  }

  /** Work that only reads. */
  <T> T read(String verb, List<String> ids, Work<T> work);

  /**
   * Work that writes.
   *
   * @param safeToRepeat whether the verb may be called again when it is unknown whether it is
   *     stored
   */
  <T> T write(String verb, boolean safeToRepeat, List<String> ids, Work<T> work);

  /**
   * Refuses a verb whose work cannot be part of a transaction of the caller's.
   *
   * @throws CallerTransactionException if it would be
   */
  void requireOwnTransactions(String verb);

  /** The ids that the statement gives, the first {@code limit} of them. */
  default List<String> ids(String verb, NamedSql sql, int limit, NamedSql.Binder binder) {
    return read(
        verb,
        List.of(),
        statements ->
            statements.all(
                sql,
                parameters -> {
                  binder.bind(parameters);
                  parameters.bigint("limit", (long) limit);
                },
                rows -> rows.getString(1)));
  }

  /**
   * The page that the statement gives.
   *
   * @param time reads the time of a row
   */
  default Page page(
      String operation,
      NamedSql sql,
      int limit,
      NamedSql.Binder binder,
      Statements.Reader<Instant> time) {
    List<Position> found =
        read(
            operation,
            List.of(),
            statements ->
                statements.all(
                    sql,
                    parameters -> {
                      binder.bind(parameters);
                      parameters.bigint("limit", (long) limit);
                    },
                    rows -> new Position(time.read(rows), rows.getString(1))));
    return new Page(
        found.stream().map(Position::id).toList(),
        found.size() < limit ? null : found.get(found.size() - 1));
  }
}
