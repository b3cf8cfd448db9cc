package dev.wfe.postgres.internal.schema;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import db.callback.ApplicationCallback;
import dev.wfe.postgres.internal.sql.StoreNames;
import dev.wfe.postgres.testing.EmptyDatabase;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(TestDatabaseExtension.class)
final class BorrowedConnectionTest {
  private static final StoreNames NAMES = new StoreNames("Wfe_Test", "px_");

  private final TestDatabase database;

  BorrowedConnectionTest(@EmptyDatabase TestDatabase database) {
    this.database = database;
  }

  private HikariDataSource pool(int size, boolean autoCommit) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(database.url());
    config.setMaximumPoolSize(size);
    config.setAutoCommit(autoCommit);
    config.setConnectionTimeout(5_000);
    return new HikariDataSource(config);
  }

  @Test
  void nothingIsLeftBehindOnBorrowedConnections() throws SQLException {
    for (String setting :
        List.of(
            "search_path to pg_temp",
            "statement_timeout to '7s'",
            "lock_timeout to '6s'",
            "idle_session_timeout to '1h'",
            "idle_in_transaction_session_timeout to '1h'",
            "default_transaction_isolation to 'serializable'",
            "default_transaction_deferrable to on",
            "row_security to on",
            "quote_all_identifiers to on",
            "client_min_messages to 'debug1'")) {
      database.execute(
          "do $$ begin execute format($f$alter database %%I set %s$f$, current_database()); end $$"
              .formatted(setting));
    }
    for (boolean autoCommit : List.of(true, false)) {
      try (HikariDataSource pool = pool(3, autoCommit)) {
        List<String> before = settings(pool);

        SchemaManager.migrate(pool, NAMES);
        SchemaManager.validate(pool, NAMES);

        assertThat(settings(pool)).isEqualTo(before);
      }
    }
  }

  /** Every setting of a session, on each of the three connections. */
  private static List<String> settings(HikariDataSource pool) throws SQLException {
    List<String> settings = new ArrayList<>();
    try (Connection one = pool.getConnection();
        Connection two = pool.getConnection();
        Connection three = pool.getConnection()) {
      for (Connection connection : List.of(one, two, three)) {
        try (Statement statement = connection.createStatement();
            ResultSet rows =
                statement.executeQuery(
                    "select current_setting('role') || string_agg(name || '=' || setting, ', '"
                        + " order by name) from pg_settings where context in ('user',"
                        + " 'superuser')")) {
          rows.next();
          settings.add(rows.getString(1) + connection.getAutoCommit());
        }
      }
    }
    return settings;
  }

  @Test
  void aPoolOfOneConnectionIsEnough() {
    try (HikariDataSource pool = pool(1, false)) {
      SchemaManager.migrate(pool, NAMES);
      SchemaManager.validate(pool, NAMES);
    }
  }

  @Test
  void anApplicationsOwnMigrationsAreUndisturbed() {
    Flyway application = Flyway.configure().dataSource(database.dataSource()).load();

    application.migrate();
    SchemaManager.migrate(database.dataSource(), new StoreNames("wfc", ""));
    SchemaManager.migrate(database.dataSource(), new StoreNames("public", "px_"));
    application.validate();
    application.migrate();

    assertThat(application.info().all()).hasSize(1);
    assertThat(database.queryForStrings("select script from public.flyway_schema_history"))
        .containsExactly("V1__application.sql");
    SchemaManager.validate(database.dataSource(), new StoreNames("public", "px_"));
  }

  @Test
  void callbacksOfTheApplicationAreNotCalledInOurMigrations() {
    ApplicationCallback.HISTORIES.clear();
    SchemaManager.migrate(database.dataSource(), NAMES);
    assertThat(ApplicationCallback.HISTORIES).isEmpty();

    Flyway.configure().dataSource(database.dataSource()).load().migrate();

    assertThat(ApplicationCallback.HISTORIES).containsExactly("flyway_schema_history");
  }

  @Test
  void ourMigrationsMayComeFirst() {
    SchemaManager.migrate(database.dataSource(), new StoreNames("wfc", ""));

    Flyway application = Flyway.configure().dataSource(database.dataSource()).load();
    application.migrate();

    assertThat(application.info().all()).hasSize(1);
  }
}
