package dev.wfe.postgres.internal.schema;

import dev.wfe.persistence.StoreSetupException;
import dev.wfe.postgres.internal.sql.StoreNames;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationVersion;

/** Creates, upgrades and checks the tables of a store. Thread-safe. */
public final class SchemaManager {
  private static final Duration LOCK_PATIENCE = Duration.ofMinutes(10);

  private SchemaManager() {}

  /**
   * Creates the store or upgrades it to this version; a store that is up to date is left alone.
   * Safe from any number of processes at once: one works, the others wait for it. Uses up to three
   * connections of the data source at a time.
   *
   * @throws StoreSetupException when the store cannot be set up; what was done so far stays, and a
   *     later call goes on from there
   */
  public static void migrate(DataSource dataSource, StoreNames names) {
    try (Connection connection = dataSource.getConnection()) {
      MigrationLock lock = MigrationLock.acquire(connection, names, LOCK_PATIENCE);
      try {
        createSchema(connection, names);
        flyway(dataSource, names).migrate();
      } finally {
        lock.close();
      }
    } catch (SQLException | FlywayException e) {
      throw new StoreSetupException(
          "The store in schema %s could not be created or upgraded: %s"
              .formatted(names.schema(), e.getMessage()),
          e);
    }
  }

  /**
   * Compares the tables with the entities; changes nothing.
   *
   * @throws StoreSetupException naming every table and column that is not as it should be
   */
  public static void validate(DataSource dataSource, StoreNames names) {
    StoreValidator.validate(dataSource, names);
  }

  /** Asks first, because creating takes a right even where there is nothing to create. */
  private static void createSchema(Connection connection, StoreNames names) throws SQLException {
    try (PreparedStatement find =
        connection.prepareStatement("select 1 from pg_catalog.pg_namespace where nspname = ?")) {
      find.setString(1, names.schema());
      try (ResultSet found = find.executeQuery()) {
        if (found.next()) {
          return;
        }
      }
    }
    try (Statement create = connection.createStatement()) {
      create.execute("create schema " + names.quotedSchema());
    }
  }

  private static Flyway flyway(DataSource dataSource, StoreNames names) {
    return Flyway.configure(SchemaManager.class.getClassLoader())
        .dataSource(dataSource)
        .locations("classpath:dev/wfe/postgres/migration")
        .schemas(names.schema())
        .createSchemas(false)
        .table(names.object("wfe_schema_history"))
        .placeholders(Map.of("schema", names.schema(), "prefix", names.prefix()))
        // Stores of other writers have no history: they start before the first migration.
        .baselineOnMigrate(true)
        .baselineVersion(MigrationVersion.fromVersion("0"))
        .baselineDescription("what was there before")
        // A lock inside a transaction would keep indexes from being built concurrently.
        .configuration(Map.of("flyway.postgresql.transactional.lock", "false"))
        .load();
  }
}
