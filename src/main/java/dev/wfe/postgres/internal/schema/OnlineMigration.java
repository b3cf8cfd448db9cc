package dev.wfe.postgres.internal.schema;

import dev.wfe.postgres.internal.sql.StoreNames;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.migration.Context;
import org.flywaydb.core.api.migration.JavaMigration;
import org.jspecify.annotations.Nullable;

/**
 * A migration step that runs in several small transactions while others use the tables. It checks
 * the current state before each change, so that it continues where an interrupted run stopped. Not
 * thread-safe.
 */
abstract class OnlineMigration implements JavaMigration {
  private final MigrationVersion version;
  private final String description;
  final StoreNames names;

  OnlineMigration(String version, String description, StoreNames names) {
    this.version = MigrationVersion.fromVersion(version);
    this.description = description;
    this.names = names;
  }

  /** Runs the step on a connection in auto-commit mode. */
  abstract void migrate(Connection connection) throws SQLException;

  @Override
  public final void migrate(Context context) throws SQLException {
    migrate(context.getConnection());
  }

  @Override
  public final MigrationVersion getVersion() {
    return version;
  }

  @Override
  public final String getDescription() {
    return description;
  }

  /** No checksum, because the code may be rewritten as long as it has the same effect. */
  @Override
  @SuppressWarnings("NullAway") // Flyway documents null for "no checksum", without an annotation
  public final Integer getChecksum() {
    return null;
  }

  @Override
  public final boolean canExecuteInTransaction() {
    return false;
  }

  static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** Returns the first column of the first row, or null if there is no row. */
  static @Nullable String query(Connection connection, String sql, String... parameters)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < parameters.length; i++) {
        statement.setString(i + 1, parameters[i]);
      }
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next() ? rows.getString(1) : null;
      }
    }
  }

  static boolean exists(Connection connection, String sql, String... parameters)
      throws SQLException {
    return query(connection, sql, parameters) != null;
  }
}
