package dev.wfe.postgres.internal.schema;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Sets the session settings that a migration needs, independently of role, database and URL, and
 * restores the previous values afterwards. {@code default_tablespace} is not changed: the operator
 * chooses where new tables are stored. Not thread-safe.
 */
final class SessionSettings {
  /** Settings that could abort a migration or change its effect, with safe values. */
  private static final Map<String, String> PINNED =
      Map.ofEntries(
          Map.entry("statement_timeout", "0"),
          Map.entry("lock_timeout", "0"),
          Map.entry("transaction_timeout", "0"),
          Map.entry("idle_in_transaction_session_timeout", "0"),
          Map.entry("idle_session_timeout", "0"),
          Map.entry("exit_on_error", "off"),
          Map.entry("default_transaction_isolation", "read committed"),
          Map.entry("default_transaction_read_only", "off"),
          Map.entry("default_transaction_deferrable", "off"),
          // If a policy hides rows from the owner, a migration fails instead of skipping these
          // rows.
          Map.entry("row_security", "off"),
          // Functions, operators and types are taken from pg_catalog; tables are always qualified.
          Map.entry("search_path", ""),
          Map.entry("client_min_messages", "warning"),
          Map.entry("default_table_access_method", "heap"),
          // Existing indexes are compared by their printed definition.
          Map.entry("quote_all_identifiers", "off"),
          Map.entry("standard_conforming_strings", "on"),
          Map.entry("array_nulls", "on"));

  /**
   * Flyway sets the role back to the one it found, so the original role has to be restored here.
   */
  private static final String ROLE = "role";

  private final boolean autoCommit;
  private final boolean readOnly;
  private final int networkTimeoutMillis;
  private final Map<String, String> values;

  private SessionSettings(Connection connection, Map<String, String> values) throws SQLException {
    autoCommit = connection.getAutoCommit();
    readOnly = connection.isReadOnly();
    networkTimeoutMillis = connection.getNetworkTimeout();
    this.values = values;
  }

  /** Prepares a borrowed connection for a migration: auto-commit on, and the safe settings. */
  static SessionSettings prepare(Connection connection) throws SQLException {
    Map<String, String> values = new TreeMap<>();
    SessionSettings before = new SessionSettings(connection, values);
    connection.setAutoCommit(true);
    connection.setReadOnly(false);
    connection.setNetworkTimeout(Runnable::run, 0);
    values.putAll(current(connection));
    set(connection, PINNED);
    return before;
  }

  /** Restores the connection's original state; a broken connection is ignored. */
  void restore(Connection connection) throws SQLException {
    if (connection.isClosed()) {
      return;
    }
    if (!connection.getAutoCommit()) {
      connection.rollback();
      connection.setAutoCommit(true);
    }
    set(connection, values);
    connection.setNetworkTimeout(Runnable::run, networkTimeoutMillis);
    connection.setReadOnly(readOnly);
    connection.setAutoCommit(autoCommit);
  }

  /**
   * Reads the current values of the settings; settings that this server does not have are omitted.
   */
  private static Map<String, String> current(Connection connection) throws SQLException {
    List<String> names = new ArrayList<>(PINNED.keySet());
    names.add(ROLE);
    Map<String, String> current = new TreeMap<>();
    String sql =
        """
        select name, pg_catalog.current_setting(name, true)
        from pg_catalog.unnest(?::pg_catalog.text[]) as n (name)
        where pg_catalog.current_setting(name, true) is not null
        """;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setArray(1, array(connection, names));
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          current.put(rows.getString(1), rows.getString(2));
        }
      }
    }
    return current;
  }

  /** Sets the values in one statement; settings that this server does not have are ignored. */
  private static void set(Connection connection, Map<String, String> settings) throws SQLException {
    List<String> names = new ArrayList<>(settings.keySet());
    String sql =
        """
        select pg_catalog.set_config(name, value, false)
        from rows from (
          pg_catalog.unnest(?::pg_catalog.text[]), pg_catalog.unnest(?::pg_catalog.text[])
        ) as s (name, value)
        where pg_catalog.current_setting(name, true) is not null
        """;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setArray(1, array(connection, names));
      statement.setArray(2, array(connection, names.stream().map(settings::get).toList()));
      statement.execute();
    }
  }

  private static Array array(Connection connection, List<String> texts) throws SQLException {
    return connection.createArrayOf("text", texts.toArray());
  }
}
