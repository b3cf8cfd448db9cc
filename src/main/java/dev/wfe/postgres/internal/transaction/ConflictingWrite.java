package dev.wfe.postgres.internal.transaction;

import dev.wfe.persistence.StoreException;
import dev.wfe.postgres.internal.sql.NamedSql;
import java.sql.SQLException;
import java.util.Optional;

/**
 * A write that gives no row when something is in its way, such as an id that is taken.
 *
 * @param statement the statement
 * @param lastStatement the statement of the last attempt; it may fail where the other gives no row,
 *     so that the error names what is in the way
 * @param claims whether it claims keys that another transaction may claim at the same moment
 * @param binder sets the parameters of both
 * @param reader reads the row
 * @param reason looks for what is in the way
 */
public record ConflictingWrite<T>(
    NamedSql statement,
    NamedSql lastStatement,
    boolean claims,
    NamedSql.Binder binder,
    StatementExecutor.Reader<T> reader,
    Reason reason) {
  /** Looks for what is in the way of a write. */
  @FunctionalInterface
  public interface Reason {
    /** The exception that says it; empty when nothing is in the way now. */
    Optional<StoreException> find() throws SQLException;
  }

  /** A write of the row with the id, whose statement gives the id if it was written. */
  public static ConflictingWrite<String> ofRow(NamedSql statement, String id, Reason reason) {
    return new ConflictingWrite<>(
        statement, statement, false, parameters -> parameters.text("id", id), row -> id, reason);
  }
}
