package dev.wfe.postgres.internal.schema;

import dev.wfe.persistence.StoreSetupException;
import dev.wfe.persistence.StoreUnavailableException;
import dev.wfe.postgres.internal.sql.SqlErrors;
import dev.wfe.postgres.internal.sql.StoreNames;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.configuration.FluentConfiguration;

/** Creates, upgrades and checks the tables of a store. Thread-safe. */
public final class SchemaManager {
  private static final Duration PATIENCE = Duration.ofMinutes(10);
  private static final int NAMES_PER_TRANSACTION = 10_000;
  static final String HISTORY = "wfe_schema_history";

  private SchemaManager() {}

  /**
   * Creates the store or upgrades it to this version; a store that is up to date is left alone, and
   * so is one that a newer version upgraded. Safe from any number of processes at once: one works,
   * the others wait for it, ten minutes at most. Borrows up to three connections at a time and
   * gives them back as they were.
   *
   * @throws StoreSetupException when the store cannot be set up; what was done so far stays, and a
   *     later call goes on from there
   * @throws StoreUnavailableException when there is no connection, or it broke; what was done so
   *     far stays, and a later call goes on from there
   */
  public static void migrate(DataSource dataSource, StoreNames names) {
    try (MigrationSession session = MigrationSession.open(dataSource)) {
      Connection connection = session.connection();
      SetupFailures.requireSupportedServer(connection);
      try (MigrationLock lock = MigrationLock.acquire(connection, names, PATIENCE)) {
        migrate(session.dataSource(), lock.connection(), names);
      } catch (SQLException | FlywayException e) {
        throw SetupFailures.duringSetup(e, connection, names);
      }
    } catch (SQLException e) {
      throw SqlErrors.connecting("ensureStoreExists", List.of(), e);
    }
  }

  private static void migrate(DataSource session, Connection connection, StoreNames names)
      throws SQLException {
    createSchema(connection, names);
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      forgetFailures(connection, names);
      try {
        flyway(session, names).load().migrate();
        return;
      } catch (FlywayException e) {
        boolean tableInUse = SetupFailures.hasState(e, SetupFailures.LOCK_NOT_AVAILABLE);
        if (!tableInUse || System.nanoTime() - deadline >= 0) {
          throw e;
        }
        LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1));
      }
    }
  }

  /** Asks first, because creating takes a right even where there is nothing to create. */
  private static void createSchema(Connection connection, StoreNames names) throws SQLException {
    if (!OnlineMigration.exists(
        connection, "select 1 from pg_catalog.pg_namespace where nspname = ?", names.schema())) {
      OnlineMigration.execute(connection, "create schema " + names.quotedSchema());
    }
  }

  /** Every step can be taken again, so one that failed is as good as one that was never tried. */
  private static void forgetFailures(Connection connection, StoreNames names) throws SQLException {
    String history = names.table(HISTORY);
    if (OnlineMigration.exists(
            connection, "select 1 where pg_catalog.to_regclass(?) is not null", history)
        && OnlineMigration.exists(
            connection, "select 1 from %s where not success".formatted(history))) {
      OnlineMigration.execute(connection, "delete from %s where not success".formatted(history));
    }
  }

  /** The migrations of one store. */
  static FluentConfiguration flyway(DataSource dataSource, StoreNames names) {
    return Flyway.configure(SchemaManager.class.getClassLoader())
        .dataSource(dataSource)
        .locations("classpath:dev/wfe/postgres/migration")
        .javaMigrations(
            new NameMigration(names, NAMES_PER_TRANSACTION),
            IndexMigration.ofOperations(names),
            IndexMigration.ofReplays(names))
        .schemas(names.schema())
        .createSchemas(false)
        .table(names.object(HISTORY))
        .placeholders(Map.of("schema", names.schema(), "prefix", names.prefix()))
        // Stores of other writers have no history: they start before the first migration.
        .baselineOnMigrate(true)
        .baselineVersion(MigrationVersion.fromVersion("0"))
        .baselineDescription("what was there before")
        // A lock inside a transaction would keep indexes from being built concurrently.
        .configuration(Map.of("flyway.postgresql.transactional.lock", "false"));
  }

  /**
   * Compares the tables with the entities; changes nothing.
   *
   * @throws StoreSetupException naming every table and column that is not as it should be; without
   *     problems, if none of the tables is there
   */
  public static void validate(DataSource dataSource, StoreNames names) {
    try (MigrationSession session = MigrationSession.open(dataSource)) {
      StoreValidator.validate(session.dataSource(), names);
    } catch (SQLException e) {
      throw SqlErrors.connecting("validateStore", List.of(), e);
    }
  }
}
