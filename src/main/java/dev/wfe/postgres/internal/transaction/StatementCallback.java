package dev.wfe.postgres.internal.transaction;

import java.sql.SQLException;

/** What an operation does on one connection. */
@FunctionalInterface
public interface StatementCallback<T> {
  /** Does it. */
  T run(StatementExecutor statements) throws SQLException;
}
