package dev.wfe.postgres.internal.schema;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.postgres.internal.sql.StoreNames;
import dev.wfe.postgres.testing.EmptyDatabase;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(TestDatabaseExtension.class)
final class UpgradeTest {
  private static final StoreNames NAMES = new StoreNames("wfc", "");

  private static final List<String> TABLES_OF_THE_ORIGIN =
      List.of(
          "_sqlx_migrations",
          "workflows",
          "definition_sequences",
          "execution_pointers",
          "events",
          "event_subscriptions",
          "execution_errors",
          "scheduled_commands");

  @Test
  void aStoreOfTheRustProviderIsUpgraded(@EmptyDatabase TestDatabase database) {
    assertUpgradeLosesNothing(database, OldStores.RUST_PROVIDER);
  }

  @Test
  void aStoreWithoutHeartbeatIsUpgraded(@EmptyDatabase TestDatabase database) {
    assertUpgradeLosesNothing(database, OldStores.WITHOUT_HEARTBEAT);
  }

  @Test
  void aStoreWhoseNamesAreUniqueByAnIndexIsUpgraded(@EmptyDatabase TestDatabase database) {
    assertUpgradeLosesNothing(database, OldStores.WITH_UNIQUE_INDEX);
  }

  @Test
  void aStoreWithoutNamesGetsThemFromTheIds(@EmptyDatabase TestDatabase database) {
    assertUpgradeLosesNothing(database, OldStores.WITHOUT_NAMES);

    assertThat(database.queryForString("select count(*) from wfc.workflows where name = id"))
        .isEqualTo("30");
    assertThat(database.queryForString("select count(*) from wfc.definition_sequences"))
        .isEqualTo("0");
  }

  @Test
  void ourOwnFirstVersionIsUpgraded(@EmptyDatabase TestDatabase database) {
    database.execute("create schema wfc");
    SchemaManager.flyway(database.dataSource(), NAMES).target("1").load().migrate();

    assertUpgradeLosesNothing(database, OldStores.ROWS_OF_TODAY);
  }

  @Test
  void aStoreUnderAnotherPrefixIsNotChanged(@EmptyDatabase TestDatabase database) {
    database.execute(OldStores.RUST_PROVIDER);
    Map<String, String> before = contents(database);

    SchemaManager.migrate(database.dataSource(), new StoreNames("wfc", "px_"));

    assertThat(contents(database)).isEqualTo(before);
    SchemaManager.validate(database.dataSource(), new StoreNames("wfc", "px_"));
  }

  @Test
  void oldPointersHaveNoPositionAndNewOnesAreNumberedAsTheyCome(
      @EmptyDatabase TestDatabase database) {
    database.execute(OldStores.RUST_PROVIDER);
    SchemaManager.migrate(database.dataSource(), NAMES);

    database.execute(
        """
        insert into wfc.execution_pointers (id, workflow_id, step_id, status)
        values ('z', 'w30', 9, 'Pending'), ('a', 'w30', 9, 'Pending')
        """);

    assertThat(
            database.queryForStrings(
                "select id from wfc.execution_pointers where position is not null order by"
                    + " position"))
        .containsExactly("z", "a");
  }

  @Test
  void aLargeTableIsNotRewritten(@EmptyDatabase TestDatabase database) {
    database.execute(OldStores.RUST_PROVIDER);
    String files =
        "select string_agg(relfilenode::text, ' ' order by relname) from pg_class"
            + " where relkind = 'r' and relnamespace = 'wfc'::regnamespace"
            + " and relname <> all ('{command_claims,workflow_leases,event_leases,"
            + "workflow_definitions,limit_uses,workflow_hosts,wfe_schema_history}')";
    String before = database.queryForString(files);

    SchemaManager.migrate(database.dataSource(), NAMES);

    assertThat(database.queryForString(files)).isEqualTo(before);
  }

  private static void assertUpgradeLosesNothing(TestDatabase database, String oldStore) {
    database.execute(oldStore);
    Map<String, String> before = contents(database);

    SchemaManager.migrate(database.dataSource(), NAMES);
    SchemaManager.validate(database.dataSource(), NAMES);
    Map<String, String> after = contents(database);

    before.forEach((row, columns) -> assertContains(row, after.get(row), columns));
    assertThat(after).hasSameSizeAs(before);

    SchemaManager.migrate(database.dataSource(), NAMES);
    assertThat(contents(database)).isEqualTo(after);
  }

  /** Columns may have been added, and nothing else. */
  private static void assertContains(String row, @Nullable String after, String before) {
    assertThat(after).as(row).isNotNull();
    assertThat(after).as(row).contains(before.substring(1, before.length() - 1).split("\u001f"));
  }

  /**
   * Every row of the Rust provider's tables, by table and key, as its columns printed one by one.
   */
  private static Map<String, String> contents(TestDatabase database) {
    Map<String, String> contents = new TreeMap<>();
    for (String table : TABLES_OF_THE_ORIGIN) {
      if (database.queryForString("select to_regclass('wfc.%s')".formatted(table)) == null) {
        continue;
      }
      for (String row :
          database.queryForStrings(
              """
              select '%1$s ' || (select value #>> '{}' from json_each(to_json(t)) limit 1)
                || e'\\x1e\\x1f'
                || (select string_agg(key || '=' || value::text, e'\\x1f')
                    from json_each(to_json(t)))
                || e'\\x1f'
              from wfc.%1$s t
              """
                  .formatted(table))) {
        String[] keyAndColumns = String.valueOf(row).split("\u001e", 2);
        contents.put(keyAndColumns[0], keyAndColumns[1]);
      }
    }
    return contents;
  }
}
