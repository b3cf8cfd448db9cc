package dev.wfe.postgres.internal.sql;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.postgresql.PGConnection;
import org.postgresql.PGStatement;

/** Proxies that give a connection one session after another. */
public final class PoolingProxies {
  private PoolingProxies() {}

  /** Whether the session is not the one that the driver was told of when it connected. */
  public static boolean isBefore(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.unwrap(PGStatement.class).setPrepareThreshold(0);
      try (ResultSet row = statement.executeQuery("select pg_catalog.pg_backend_pid()")) {
        return row.next() && row.getInt(1) != connection.unwrap(PGConnection.class).getBackendPID();
      }
    } finally {
      if (!connection.getAutoCommit()) {
        connection.rollback();
      }
    }
  }
}
