package dev.wfe.postgres.internal.transaction;

import java.sql.SQLException;

/**
 * The statements of an operation, run on one connection. Called again when the operation is
 * retried.
 */
@FunctionalInterface
public interface StatementCallback<T> {
  /** Runs the statements and returns the operation's result. */
  T run(StatementExecutor statements) throws SQLException;
}
