package dev.wfe.postgres.internal.schema;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** What a migration changes on a connection, and how it was before. */
final class SessionSettings {
  private static final List<String> NAMES =
      List.of(
          "statement_timeout",
          "lock_timeout",
          "idle_session_timeout",
          "idle_in_transaction_session_timeout",
          "client_min_messages",
          "search_path",
          "role");

  /** A migration takes as long as it takes. */
  private static final String NO_TIMEOUTS =
      "set statement_timeout to 0; set lock_timeout to 0; set idle_session_timeout to 0;"
          + " set idle_in_transaction_session_timeout to 0";

  private final boolean autoCommit;
  private final List<String> values;

  private SessionSettings(boolean autoCommit, List<String> values) {
    this.autoCommit = autoCommit;
    this.values = values;
  }

  /** Makes a borrowed connection fit for a migration, in auto-commit mode. */
  static SessionSettings prepare(Connection connection) throws SQLException {
    boolean autoCommit = connection.getAutoCommit();
    connection.setAutoCommit(true);
    List<String> values = new ArrayList<>();
    String sql =
        "select pg_catalog.current_setting(name)"
            + " from unnest(?) with ordinality as n (name, i) order by i";
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setArray(1, array(connection, NAMES));
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          values.add(rows.getString(1));
        }
      }
    }
    OnlineMigration.execute(connection, NO_TIMEOUTS);
    return new SessionSettings(autoCommit, values);
  }

  /** Leaves nothing behind; a connection that broke has nothing to be restored. */
  void restore(Connection connection) throws SQLException {
    if (connection.isClosed()) {
      return;
    }
    if (!connection.getAutoCommit()) {
      connection.rollback();
      connection.setAutoCommit(true);
    }
    String sql =
        "select pg_catalog.set_config(name, value, false)"
            + " from unnest(?, ?) as s (name, value)";
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setArray(1, array(connection, NAMES));
      statement.setArray(2, array(connection, values));
      statement.execute();
    }
    connection.setAutoCommit(autoCommit);
  }

  private static Array array(Connection connection, List<String> texts) throws SQLException {
    return connection.createArrayOf("text", texts.toArray());
  }
}
