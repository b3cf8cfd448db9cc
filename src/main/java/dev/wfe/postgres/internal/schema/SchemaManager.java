package dev.wfe.postgres.internal.schema;

import dev.wfe.persistence.MigrationStep;
import dev.wfe.persistence.StoreSetupException;
import dev.wfe.persistence.StoreUnavailableException;
import dev.wfe.postgres.entity.StoreEntities;
import dev.wfe.postgres.internal.connection.ServerRequirements;
import dev.wfe.postgres.internal.sql.IndexDefinition;
import dev.wfe.postgres.internal.sql.Operation;
import dev.wfe.postgres.internal.sql.SqlErrors;
import dev.wfe.postgres.internal.sql.StoreNames;
import jakarta.persistence.Table;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collections;
import java.util.Date;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationState;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.flywaydb.core.api.migration.JavaMigration;
import org.jspecify.annotations.Nullable;

/** Creates, upgrades and validates the tables of a store. Thread-safe. */
public final class SchemaManager {
  private static final Duration LOCK_TIMEOUT = Duration.ofMinutes(10);
  private static final int NAMES_PER_TRANSACTION = 10_000;
  private static final Duration PAUSE_WHILE_IN_USE = Duration.ofSeconds(1);
  private static final Duration PAUSE_AFTER_LOST_RACE = Duration.ofMillis(50);

  /**
   * More than the number of tables and indexes; a conflict that occurs more often is not a race.
   */
  private static final int MAX_LOST_RACES = 40;

  static final String HISTORY = "wfe_schema_history";

  private SchemaManager() {}

  /**
   * Creates the store or upgrades it to this version. A store that is up to date, or that a newer
   * version has upgraded, is not changed. Dropped tables are created again. Any number of processes
   * may call this at the same time: one does the work, and the others wait for it, at most ten
   * minutes. Borrows up to three connections at a time and returns them with their original
   * settings.
   *
   * @throws StoreSetupException if the store cannot be created or upgraded; completed steps remain,
   *     and a later call continues from there
   * @throws StoreUnavailableException if there is no connection, or it breaks; completed steps
   *     remain, and a later call continues from there
   */
  public static void migrate(DataSource dataSource, StoreNames names) {
    try (MigrationSession session = MigrationSession.open(dataSource)) {
      Connection connection = session.connection();
      ServerRequirements.requireSupportedServer(connection.getMetaData());
      try (MigrationLock lock = MigrationLock.acquire(connection, names, LOCK_TIMEOUT)) {
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
    long deadline = System.nanoTime() + LOCK_TIMEOUT.toNanos();
    int lostRaces = 0;
    while (true) {
      try {
        createSchema(connection, names);
        Flyway flyway = flyway(session, names).load();
        deleteFailedSteps(connection, names);
        clearHistoryIfTablesAreMissing(connection, names, flyway);
        flyway.migrate();
        return;
      } catch (SQLException | FlywayException e) {
        boolean lostRace = SetupFailures.isLostRace(e);
        lostRaces += lostRace ? 1 : 0;
        boolean retry =
            lostRace
                ? lostRaces <= MAX_LOST_RACES
                : SetupFailures.isInUse(e) && System.nanoTime() - deadline < 0;
        if (!retry || Thread.currentThread().isInterrupted()) {
          throw e;
        }
        LockSupport.parkNanos((lostRace ? PAUSE_AFTER_LOST_RACE : PAUSE_WHILE_IN_USE).toNanos());
      }
    }
  }

  /**
   * Creates the schema if it does not exist. It is checked first, because {@code create schema if
   * not exists} needs the privilege even if the schema exists.
   */
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

  /**
   * Deletes failed steps from the history, so that they are run again. All steps are repeatable.
   */
  private static void deleteFailedSteps(Connection connection, StoreNames names)
      throws SQLException {
    String history = names.table(HISTORY);
    if (hasHistory(connection, names)
        && OnlineMigration.exists(
            connection, "select 1 from %s where not success".formatted(history))) {
      OnlineMigration.execute(connection, "delete from %s where not success".formatted(history));
    }
  }

  /**
   * Clears the history if tables were dropped but the history was kept, so that every step runs
   * again; each step only adds what is missing. The history of a newer version is kept, because
   * that version may not need some of these tables.
   */
  private static void clearHistoryIfTablesAreMissing(
      Connection connection, StoreNames names, Flyway flyway) throws SQLException {
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

  /** Returns the unqualified names of the store's tables. */
  public static List<String> tables(StoreNames names) {
    return StoreEntities.ALL.stream()
        .map(entity -> names.object(entity.getAnnotation(Table.class).name()))
        .toList();
  }

  /**
   * Hides the application's resources in {@code db/}, where Flyway looks for callbacks regardless
   * of the configured locations.
   */
  private static final class LibraryClassLoader extends ClassLoader {
    LibraryClassLoader() {
      super(SchemaManager.class.getClassLoader());
    }

    @Override
    public Enumeration<URL> getResources(String name) throws IOException {
      return name.startsWith("db/") ? Collections.emptyEnumeration() : super.getResources(name);
    }
  }

  /** Returns the steps that are programs, in their order. */
  private static List<JavaMigration> programs(StoreNames names) {
    return List.of(
        new NameMigration(names, NAMES_PER_TRANSACTION),
        IndexMigration.ofOperations(names),
        RightsMigration.ofCommands(names),
        IndexMigration.ofLookups(names),
        IndexMigration.ofReplays(names),
        RightsMigration.ofLeases(names),
        IndexMigration.ofClaims(names),
        RightsMigration.ofLimits(names),
        IndexMigration.ofLimits(names),
        IndexMigration.ofQueries(names),
        IndexMigration.ofPurges(names),
        RightsMigration.ofHosts(names));
  }

  /**
   * Returns the indexes that the migrations create. If several define the same one, the last is
   * returned.
   */
  public static List<IndexDefinition> indexes(StoreNames names) {
    Map<String, IndexDefinition> indexes = new LinkedHashMap<>();
    for (JavaMigration program : programs(names)) {
      if (program instanceof IndexMigration migration) {
        migration.indexes().forEach(index -> indexes.put(index.name(), index));
      }
    }
    IndexMigration.OF_NEW_TABLES.forEach(index -> indexes.put(index.name(), index));
    return List.copyOf(indexes.values());
  }

  /** Configures the migrations of one store. */
  static FluentConfiguration flyway(DataSource dataSource, StoreNames names) {
    return Flyway.configure(new LibraryClassLoader())
        .dataSource(dataSource)
        .locations("classpath:dev/wfe/postgres/migration")
        .javaMigrations(programs(names).toArray(JavaMigration[]::new))
        .skipDefaultCallbacks(true)
        .schemas(names.schema())
        .createSchemas(false)
        .table(names.object(HISTORY))
        .placeholders(Map.of("schema", names.schema(), "prefix", names.prefix()))
        // Stores that another program created have no history; start with the first migration.
        .baselineOnMigrate(true)
        .baselineVersion(MigrationVersion.fromVersion("0"))
        .baselineDescription("what was there before")
        // A transaction-level lock would block building indexes concurrently.
        .configuration(Map.of("flyway.postgresql.transactional.lock", "false"));
  }

  /**
   * Compares the tables with the entities, and changes nothing.
   *
   * @throws StoreSetupException listing every difference of a table or column; with an empty list
   *     if none of the tables exists
   */
  public static void validate(DataSource dataSource, StoreNames names) {
    try (MigrationSession session = MigrationSession.open(dataSource)) {
      StoreValidator.validate(session.dataSource(), names);
    } catch (SQLException e) {
      throw SqlErrors.connecting(Operation.reading("validateStore", List.of()), e);
    }
  }

  /** Returns the steps of the store in their order, and changes nothing. */
  public static List<MigrationStep> migrations(DataSource dataSource, StoreNames names) {
    Operation operation = Operation.reading("migrations", List.of());
    try (MigrationSession session = MigrationSession.open(dataSource)) {
      ServerRequirements.requireSupportedServer(session.connection().getMetaData());
      return Stream.of(flyway(session.dataSource(), names).load().info().all())
          .filter(step -> step.getVersion() != null && !step.getType().isBaseline())
          .map(step -> migrationStep(step, names))
          .toList();
    } catch (SQLException e) {
      throw SqlErrors.connecting(operation, e);
    } catch (FlywayException e) {
      for (Throwable cause = e; cause != null; cause = cause.getCause()) {
        if (cause instanceof SQLException failure) {
          throw SqlErrors.connecting(operation, failure);
        }
      }
      throw new StoreSetupException("The migration history cannot be read", e);
    }
  }

  private static MigrationStep migrationStep(MigrationInfo step, StoreNames names) {
    MigrationState state = step.getState();
    MigrationStep.State told =
        state == MigrationState.FUTURE_SUCCESS
            ? MigrationStep.State.NEWER
            : state.isApplied() && !state.isFailed()
                ? MigrationStep.State.APPLIED
                : MigrationStep.State.PENDING;
    Date installed = step.getInstalledOn();
    return new MigrationStep(
        step.getVersion().getVersion(),
        step.getDescription(),
        told,
        told == MigrationStep.State.PENDING || installed == null ? null : installed.toInstant(),
        sql(step, names));
  }

  private static @Nullable String sql(MigrationInfo step, StoreNames names) {
    for (JavaMigration program : programs(names)) {
      if (program instanceof IndexMigration indexes
          && indexes.getVersion().equals(step.getVersion())) {
        return indexes.sql();
      }
    }
    try (InputStream resource =
        SchemaManager.class.getResourceAsStream(
            "/dev/wfe/postgres/migration/" + step.getScript())) {
      return resource == null
          ? null
          : new String(resource.readAllBytes(), StandardCharsets.UTF_8)
              .replace("${schema}", names.schema())
              .replace("${prefix}", names.prefix());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
