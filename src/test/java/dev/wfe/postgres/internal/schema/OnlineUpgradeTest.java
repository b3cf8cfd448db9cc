package dev.wfe.postgres.internal.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.persistence.StoreUnavailableException;
import dev.wfe.postgres.internal.sql.StoreNames;
import dev.wfe.postgres.testing.EmptyDatabase;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * An upgrade while others use the store, and while a transaction of theirs blocks a chosen step.
 */
@ExtendWith(TestDatabaseExtension.class)
final class OnlineUpgradeTest {
  private static final StoreNames NAMES = new StoreNames("wfc", "");
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final TestDatabase database;
  private final ExecutorService thread = Executors.newSingleThreadExecutor();

  OnlineUpgradeTest(@EmptyDatabase TestDatabase database) {
    this.database = database;
    database.execute(OldStores.WITHOUT_NAMES);
  }

  @AfterEach
  void stopThread() {
    thread.shutdownNow();
  }

  private Future<?> upgrade() {
    return thread.submit(() -> SchemaManager.migrate(database.dataSource(), NAMES));
  }

  private static void finish(Future<?> upgrade) throws Exception {
    upgrade.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  /** A transaction that has done something and stays open. */
  private Connection transaction(String sql) throws SQLException {
    Connection connection = database.dataSource().getConnection();
    connection.setAutoCommit(false);
    OnlineMigration.execute(connection, sql);
    return connection;
  }

  private void writeToEveryTable(String id) {
    database.execute(
        """
        set lock_timeout to '10s';
        insert into wfc.workflows (id, name, definition_id, version, status, create_time)
          values ('%1$s', '%1$s', 'd', 1, 'Runnable', now());
        insert into wfc.execution_pointers (id, workflow_id, step_id, status)
          values ('%1$s', '%1$s', 1, 'Pending');
        insert into wfc.events (id, event_name, event_key, event_time)
          values ('%1$s', 'n', 'k', now());
        insert into wfc.scheduled_commands (command_name, data, execute_time)
          values ('ProcessEvent', '%1$s', 1);
        update wfc.workflows set status = 'Complete' where id = '%1$s';
        """
            .formatted(id));
  }

  @Test
  void writersGoOnWhileAnIndexIsBuilt() throws Exception {
    try (Connection writer = transaction("update wfc.events set event_key = 'other'")) {
      Future<?> upgrade = upgrade();
      database.awaitWaiting("create index concurrently", writer);

      writeToEveryTable("meanwhile");

      writer.rollback();
      finish(upgrade);
    }
    SchemaManager.validate(database.dataSource(), NAMES);
  }

  @Test
  void aLongReaderDelaysTheUpgradeAndNoOtherReader() throws Exception {
    try (Connection reader = transaction("select from wfc.workflows")) {
      Future<?> upgrade = upgrade();
      database.awaitWaiting("alter table", reader);

      assertThat(database.queryForString("select count(*) from wfc.workflows")).isEqualTo("30");
      assertThat(upgrade.isDone()).isFalse();

      reader.rollback();
      finish(upgrade);
    }
    SchemaManager.validate(database.dataSource(), NAMES);
  }

  @Test
  void anUpgradeThatWasKilledGoesOn() throws Exception {
    try (Connection writer = transaction("update wfc.events set event_key = 'other'")) {
      Future<?> upgrade = upgrade();
      database.awaitWaiting("create index concurrently", writer);
      database.execute(
          """
          select pg_terminate_backend(pid) from pg_stat_activity
          where datname = current_database() and query like 'create index concurrently%'
          """);
      assertThatThrownBy(() -> finish(upgrade))
          .isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(StoreUnavailableException.class)
          .hasMessageContaining("terminating connection due to administrator command");
      writer.rollback();
    }
    assertThat(database.queryForString("select count(*) from pg_index where not indisvalid"))
        .isEqualTo("1");

    SchemaManager.migrate(database.dataSource(), NAMES);

    SchemaManager.validate(database.dataSource(), NAMES);
    assertThat(database.queryForString("select count(*) from pg_index where not indisvalid"))
        .isEqualTo("0");
  }
}
