package dev.wfe.postgres.internal.transaction;

import dev.wfe.persistence.StoreException;
import dev.wfe.postgres.internal.sql.NamedSql;
import java.sql.SQLException;
import java.util.Optional;

/**
 * A write that returns no row if it conflicts with stored rows, for example because an id is taken.
 * As thread-safe as its functions.
 *
 * @param statement the statement of every attempt but the last
 * @param lastStatement the statement of the last attempt; it may fail where the other returns no
 *     row, so that the error names the violated constraint
 * @param claims whether it inserts or changes unique keys that a concurrent transaction may take
 * @param binder sets the parameters of both statements
 * @param reader reads the returned row
 * @param reason finds the reason if no row is returned
 */
public record ConflictingWrite<T>(
    NamedSql statement,
    NamedSql lastStatement,
    boolean claims,
    NamedSql.Binder binder,
    StatementExecutor.Reader<T> reader,
    Reason reason) {
  /** Finds out why a write returned no row. */
  @FunctionalInterface
  public interface Reason {
    /** Returns the exception for the caller; empty if there is no conflict any more. */
    Optional<StoreException> find() throws SQLException;
  }

  /** A write whose last attempt uses the same statement as the others. */
  public static <T> ConflictingWrite<T> of(
      NamedSql statement,
      boolean claims,
      NamedSql.Binder binder,
      StatementExecutor.Reader<T> reader,
      Reason reason) {
    return new ConflictingWrite<>(statement, statement, claims, binder, reader, reason);
  }

  /** A write of the row with the id. Its statement returns the id if the row was written. */
  public static ConflictingWrite<String> ofRow(NamedSql statement, String id, Reason reason) {
    return new ConflictingWrite<>(
        statement, statement, false, parameters -> parameters.text("id", id), row -> id, reason);
  }
}
