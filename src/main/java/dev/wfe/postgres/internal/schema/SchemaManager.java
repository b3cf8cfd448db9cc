package dev.wfe.postgres.internal.schema;

import dev.wfe.persistence.StoreSetupException;
import dev.wfe.persistence.StoreUnavailableException;
import dev.wfe.postgres.entity.StoreEntities;
import dev.wfe.postgres.internal.connection.ServerRequirements;
import dev.wfe.postgres.internal.sql.Operation;
import dev.wfe.postgres.internal.sql.SqlErrors;
import dev.wfe.postgres.internal.sql.StoreNames;
import jakarta.persistence.Table;
import java.io.IOException;
import java.net.URL;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationState;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.configuration.FluentConfiguration;

/** Creates, upgrades and checks the tables of a store. Thread-safe. */
public final class SchemaManager {
  private static final Duration PATIENCE = Duration.ofMinutes(10);
  private static final int NAMES_PER_TRANSACTION = 10_000;
  private static final Duration PAUSE_WHILE_IN_USE = Duration.ofSeconds(1);
  private static final Duration PAUSE_AFTER_LOST_RACE = Duration.ofMillis(50);

  /** More than there are tables and indexes; what fails as often is not a race. */
  private static final int MAX_LOST_RACES = 40;

  static final String HISTORY = "wfe_schema_history";

  private SchemaManager() {}

  /**
   * Creates the store or upgrades it to this version; a store that is up to date is left alone, and
   * so is one that a newer version upgraded. Tables that were dropped are created again. Safe from
   * any number of processes at once: one works, the others wait for it, ten minutes at most.
   * Borrows up to three connections at a time and gives them back as they were.
   *
   * @throws StoreSetupException when the store cannot be set up; what was done so far stays, and a
   *     later call goes on from there
   * @throws StoreUnavailableException when there is no connection, or it broke; what was done so
   *     far stays, and a later call goes on from there
   */
  public static void migrate(DataSource dataSource, StoreNames names) {
    try (MigrationSession session = MigrationSession.open(dataSource)) {
      Connection connection = session.connection();
      ServerRequirements.requireSupportedServer(connection.getMetaData());
      try (MigrationLock lock = MigrationLock.acquire(connection, names, PATIENCE)) {
        migrate(session.dataSource(), lock.connection(), names);
      } catch (SQLException | FlywayException e) {
        throw SetupFailures.duringSetup(e, session, names);
      }
    } catch (SQLException e) {
      throw SqlErrors.connecting(Operation.repeatable("ensureStoreExists", List.of()), e);
    }
  }

  private static void migrate(DataSource session, Connection connection, StoreNames names)
      throws SQLException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    int lostRaces = 0;
    while (true) {
      try {
        createSchema(connection, names);
        Flyway flyway = flyway(session, names).load();
        forgetFailures(connection, names);
        forgetDroppedTables(connection, names, flyway);
        flyway.migrate();
        return;
      } catch (SQLException | FlywayException e) {
        boolean lostRace = SetupFailures.isLostRace(e);
        lostRaces += lostRace ? 1 : 0;
        boolean again =
            lostRace
                ? lostRaces <= MAX_LOST_RACES
                : SetupFailures.isInUse(e) && System.nanoTime() - deadline < 0;
        if (!again || Thread.currentThread().isInterrupted()) {
          throw e;
        }
        LockSupport.parkNanos((lostRace ? PAUSE_AFTER_LOST_RACE : PAUSE_WHILE_IN_USE).toNanos());
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

  private static boolean hasHistory(Connection connection, StoreNames names) throws SQLException {
    return OnlineMigration.exists(
        connection, "select 1 where pg_catalog.to_regclass(?) is not null", names.table(HISTORY));
  }

  /** Every step can be taken again, so one that failed is as good as one that was never tried. */
  private static void forgetFailures(Connection connection, StoreNames names) throws SQLException {
    String history = names.table(HISTORY);
    if (hasHistory(connection, names)
        && OnlineMigration.exists(
            connection, "select 1 from %s where not success".formatted(history))) {
      OnlineMigration.execute(connection, "delete from %s where not success".formatted(history));
    }
  }

  /**
   * Takes every step again where tables were dropped and the history was kept: each step finds what
   * is there and adds what is missing. Not in a store of a newer version, which may do without some
   * of these tables.
   */
  private static void forgetDroppedTables(Connection connection, StoreNames names, Flyway flyway)
      throws SQLException {
    if (!hasHistory(connection, names) || !isTableMissing(connection, names)) {
      return;
    }
    boolean newer =
        Stream.of(flyway.info().applied())
            .anyMatch(migration -> migration.getState() == MigrationState.FUTURE_SUCCESS);
    if (!newer) {
      OnlineMigration.execute(
          connection, "delete from %s where type <> 'BASELINE'".formatted(names.table(HISTORY)));
    }
  }

  private static boolean isTableMissing(Connection connection, StoreNames names)
      throws SQLException {
    return OnlineMigration.exists(
        connection,
        """
        select 1
        from pg_catalog.unnest(pg_catalog.string_to_array(?, ',')) as wanted (name)
        where pg_catalog.to_regclass(pg_catalog.format('%I.%I', ?::text, wanted.name)) is null
        """,
        String.join(",", tables(names)),
        names.schema());
  }

  /** The tables of a store, unqualified. */
  static List<String> tables(StoreNames names) {
    return StoreEntities.ALL.stream()
        .map(entity -> names.object(entity.getAnnotation(Table.class).name()))
        .toList();
  }

  /**
   * Hides the application's folder {@code db}, in which Flyway looks for callbacks whatever its
   * locations are.
   */
  private static final class WithoutApplication extends ClassLoader {
    WithoutApplication() {
      super(SchemaManager.class.getClassLoader());
    }

    @Override
    public Enumeration<URL> getResources(String name) throws IOException {
      return name.startsWith("db/") ? Collections.emptyEnumeration() : super.getResources(name);
    }
  }

  /** The migrations of one store. */
  static FluentConfiguration flyway(DataSource dataSource, StoreNames names) {
    return Flyway.configure(new WithoutApplication())
        .dataSource(dataSource)
        .locations("classpath:dev/wfe/postgres/migration")
        .javaMigrations(
            new NameMigration(names, NAMES_PER_TRANSACTION),
            IndexMigration.ofOperations(names),
            new RightsMigration(names),
            IndexMigration.ofLookups(names),
            IndexMigration.ofReplays(names))
        .skipDefaultCallbacks(true)
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
      throw SqlErrors.connecting(Operation.reading("validateStore", List.of()), e);
    }
  }
}
