package dev.wfe.postgres.internal.transaction;

import java.sql.Connection;
import java.sql.SQLException;

/**
 * Switches auto-commit on, because pools may supply connections with auto-commit off. Closing
 * switches it off again if it was off.
 */
record AutoCommit(Connection connection, boolean wasOff) implements AutoCloseable {
  static AutoCommit on(Connection connection) throws SQLException {
    boolean off = !connection.getAutoCommit();
    if (off) {
      connection.setAutoCommit(true);
    }
    return new AutoCommit(connection, off);
  }

  @Override
  public void close() throws SQLException {
    if (wasOff) {
      connection.setAutoCommit(false);
    }
  }
}
