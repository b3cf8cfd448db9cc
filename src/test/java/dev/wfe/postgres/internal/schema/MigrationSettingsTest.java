package dev.wfe.postgres.internal.schema;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.postgres.faults.Eventually;
import dev.wfe.postgres.internal.sql.StoreNames;
import dev.wfe.postgres.testing.EmptyDatabase;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.postgresql.ds.PGSimpleDataSource;

/** Settings of a role, a database or a URL that could interrupt or change a migration. */
@ExtendWith(TestDatabaseExtension.class)
@Timeout(120)
final class MigrationSettingsTest {
  private static final StoreNames NAMES = new StoreNames("wfc", "");

  private static final List<String> HOSTILE =
      List.of(
          "statement_timeout=400ms",
          "lock_timeout=400ms",
          "idle_in_transaction_session_timeout=400ms",
          "idle_session_timeout=1s",
          "exit_on_error=on",
          "default_transaction_isolation=serializable",
          "default_transaction_read_only=on",
          "default_transaction_deferrable=on",
          "search_path=pg_temp",
          "client_min_messages=error",
          "default_table_access_method=no_such_method",
          "quote_all_identifiers=on",
          "array_nulls=off");

  private final TestDatabase database;

  MigrationSettingsTest(@EmptyDatabase TestDatabase database) {
    this.database = database;
  }

  private PGSimpleDataSource hostile() {
    List<String> settings = new ArrayList<>(HOSTILE);
    settings.remove("default_table_access_method=no_such_method");
    if (hasTransactionTimeout()) {
      settings.add("transaction_timeout=400ms");
    }
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setUrl(
        database.url()
            + "&readOnly=true&socketTimeout=1&options="
            + settings.stream()
                .map(setting -> "-c%20" + setting.replace("=", "%3D"))
                .collect(Collectors.joining("%20")));
    return source;
  }

  private boolean hasTransactionTimeout() {
    return database.queryForString("select current_setting('transaction_timeout', true)") != null;
  }

  /** An index is being built all the while, in one statement and one transaction. */
  @Test
  void anUpgradeTakesAsLongAsItTakesUnderAnySetting() throws Exception {
    database.execute(OldStores.WITHOUT_NAMES);
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try (Connection writer = database.dataSource().getConnection()) {
      writer.setAutoCommit(false);
      OnlineMigration.execute(writer, "update wfc.events set event_key = 'other'");
      Future<?> upgrade = thread.submit(() -> SchemaManager.migrate(hostile(), NAMES));
      database.awaitWaiting("create index concurrently", writer);
      Eventually.isTrue(
          "every timeout is over",
          () ->
              upgrade.isDone()
                  || database.queryForString(
                          """
                          select 1 from pg_stat_activity
                          where datname = current_database()
                            and query like 'create index concurrently%'
                            and clock_timestamp() - query_start > '1500ms'
                          """)
                      != null);
      writer.rollback();
      upgrade.get(60, TimeUnit.SECONDS);
    } finally {
      thread.shutdownNow();
    }

    SchemaManager.validate(database.dataSource(), NAMES);
    List<?> before = indexes();
    SchemaManager.validate(hostile(), NAMES);
    SchemaManager.migrate(hostile(), NAMES);
    assertThat(indexes()).isEqualTo(before);
  }

  private List<?> indexes() {
    return database.queryForStrings(
        "select indexrelid || ' ' || indisvalid from pg_index i join pg_class c"
            + " on c.oid = i.indrelid where c.relnamespace = 'wfc'::regnamespace order by 1");
  }

  @Test
  void everyPinnedSettingIsPinnedAndGivenBack() throws Exception {
    try (Connection connection = hostile().getConnection()) {
      List<String> before = settings(connection);
      SessionSettings settings = SessionSettings.prepare(connection);

      for (String hostile : HOSTILE) {
        String[] setting = hostile.split("=", -1);
        assertThat(OnlineMigration.query(connection, "select current_setting(?)", setting[0]))
            .as(setting[0])
            .isNotEqualTo(setting[1]);
      }
      assertThat(connection.getNetworkTimeout()).isZero();
      assertThat(connection.isReadOnly()).isFalse();
      settings.restore(connection);

      assertThat(settings(connection)).isEqualTo(before);
      assertThat(connection.getNetworkTimeout()).isEqualTo(1000);
      assertThat(connection.isReadOnly()).isTrue();
    }
  }

  private static List<String> settings(Connection connection) throws Exception {
    List<String> settings = new ArrayList<>();
    try (var statement = connection.createStatement();
        var rows =
            statement.executeQuery(
                "select name || '=' || setting from pg_settings order by name")) {
      while (rows.next()) {
        settings.add(rows.getString(1));
      }
    }
    return settings;
  }
}
