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
 * The settings under which a migration runs, whatever the role, the database or the URL says, and
 * those that the connection had before. Where new tables are stored ({@code default_tablespace})
 * stays the operator's choice.
 */
final class SessionSettings {
  /** Settings that can end a migration, or alter what it does, with the value that does neither. */
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
          // A policy that hides rows from the owner makes a migration fail, not skip them.
          Map.entry("row_security", "off"),
          // Functions, operators and types are those of pg_catalog; tables are always qualified.
          Map.entry("search_path", ""),
          Map.entry("client_min_messages", "warning"),
          Map.entry("default_table_access_method", "heap"),
          // Existing indexes are compared by their printed definition.
          Map.entry("quote_all_identifiers", "off"),
          Map.entry("standard_conforming_strings", "on"),
          Map.entry("array_nulls", "on"));

  /** Flyway restores the role that it found. */
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

  /** Makes a borrowed connection fit for a migration, in auto-commit mode. */
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

  /** Leaves nothing behind; a connection that broke has nothing to be restored. */
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

  /** Without the settings that this server does not have. */
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

  /** In one statement; what this server does not have is left out. */
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
