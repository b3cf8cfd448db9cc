package dev.wfe.postgres.internal.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.wfe.persistence.StoreSetupException;
import dev.wfe.postgres.internal.sql.StoreNames;
import dev.wfe.postgres.testing.EmptyDatabase;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.sql.Connection;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Obstacles that {@code ensureStoreExists} repairs or names. */
@ExtendWith(TestDatabaseExtension.class)
@Timeout(120)
final class RepairTest {
  private static final StoreNames NAMES = new StoreNames("wfc", "");

  private static final String RANDOM_TEXT =
      "(select substr(string_agg(md5(random()::text), ''), 1, %s) from generate_series(1, 90))";

  private final TestDatabase database;

  RepairTest(@EmptyDatabase TestDatabase database) {
    this.database = database;
  }

  @ParameterizedTest
  @CsvSource({"wfc,''", "Wfe_Test,px_"})
  void tablesThatWereDroppedAreCreatedAgain(String schema, String prefix) {
    StoreNames names = new StoreNames(schema, prefix);
    SchemaManager.migrate(database.dataSource(), names);
    for (String table : SchemaManager.tables(names)) {
      database.execute("drop table \"%s\".\"%s\" cascade".formatted(schema, table));
    }
    assertThatThrownBy(() -> SchemaManager.validate(database.dataSource(), names))
        .isInstanceOf(StoreSetupException.class)
        .hasMessageContaining("call ensureStoreExists() to create them");

    SchemaManager.migrate(database.dataSource(), names);

    SchemaManager.validate(database.dataSource(), names);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "execution_errors",
        "command_claims",
        "scheduled_commands",
        "events",
        "limit_uses",
        "workflow_leases",
        "workflow_hosts"
      })
  void aTableThatWasDroppedIsCreatedAgainAndTheOthersKeepTheirRows(String table) {
    database.execute(OldStores.RUST_PROVIDER);
    SchemaManager.migrate(database.dataSource(), NAMES);
    database.execute("drop table wfc." + table);

    SchemaManager.migrate(database.dataSource(), NAMES);

    SchemaManager.validate(database.dataSource(), NAMES);
    assertThat(database.queryForString("select count(*) from wfc.workflows")).isEqualTo("30");
  }

  @Test
  void aStoreOfANewerVersionThatDroppedATableIsNotChanged() {
    SchemaManager.migrate(database.dataSource(), NAMES);
    database.execute(
        """
        drop table wfc.command_claims;
        insert into wfc.wfe_schema_history
          select 99, '99', 'of a newer version', type, 'V99', checksum, installed_by, now(), 1, true
          from wfc.wfe_schema_history limit 1
        """);

    SchemaManager.migrate(database.dataSource(), NAMES);

    assertThat(database.queryForString("select to_regclass('wfc.command_claims')")).isNull();
  }

  /** The other program's transaction creates what ours is about to create, and commits first. */
  @ParameterizedTest
  @CsvSource({"false", "true"})
  void aLostRaceWithARustHostIsTriedAgain(boolean schemaIsThere) throws Exception {
    if (schemaIsThere) {
      database.execute("create schema wfc");
    }
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try (Connection rust = database.dataSource().getConnection()) {
      rust.setAutoCommit(false);
      OnlineMigration.execute(
          rust,
          OldStores.RUST_PROVIDER.replace(
              "create schema wfc;", "create schema if not exists wfc;"));
      Future<?> ours = thread.submit(() -> SchemaManager.migrate(database.dataSource(), NAMES));
      database.awaitWaiting("", rust);

      rust.commit();
      ours.get(60, TimeUnit.SECONDS);
    } finally {
      thread.shutdownNow();
    }

    SchemaManager.validate(database.dataSource(), NAMES);
    assertThat(database.queryForString("select count(*) from wfc.workflows")).isEqualTo("30");
  }

  @Test
  void aNameThatIsTakenPermanentlyIsNotRetriedForEver() {
    database.execute("create schema wfc; create type wfc.events as enum ('a')");

    assertThatThrownBy(() -> SchemaManager.migrate(database.dataSource(), NAMES))
        .isInstanceOf(StoreSetupException.class)
        .hasMessageContaining("type \"events\" already exists");
  }

  @ParameterizedTest
  @CsvSource({
    "events, event_name, 1344, event_key, 1340, 'event_name, event_key, event_time', e3",
    "workflows, reference, 2800, description, 1, reference, w7"
  })
  void aRowThatIsTooLongForAnIndexIsNamedAndTheUpgradeGoesOnAfterItWasShortened(
      String table,
      String column,
      int length,
      String other,
      int otherLength,
      String columns,
      String id) {
    database.execute(OldStores.RUST_PROVIDER);
    database.execute(
        "update wfc.%s set %s = %s, %s = %s where id = '%s'"
            .formatted(
                table,
                column,
                RANDOM_TEXT.formatted(length),
                other,
                RANDOM_TEXT.formatted(otherLength),
                id));

    StoreSetupException failure =
        catchThrowableOfType(
            StoreSetupException.class, () -> SchemaManager.migrate(database.dataSource(), NAMES));

    assertThat(failure)
        .hasMessageContaining(
            "table %s, columns %s: together longer than".formatted(table, columns))
        .hasMessageContaining("the rows with id %s (".formatted(id));
    assertThat(database.queryForString("select count(*) from pg_index where not indisvalid"))
        .isEqualTo("0");
    database.execute("update wfc.%s set %s = 'short' where id = '%s'".formatted(table, column, id));
    SchemaManager.migrate(database.dataSource(), NAMES);
    SchemaManager.validate(database.dataSource(), NAMES);
  }
}
