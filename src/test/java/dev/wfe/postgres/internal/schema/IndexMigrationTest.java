package dev.wfe.postgres.internal.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.postgres.internal.sql.StoreNames;
import dev.wfe.postgres.testing.EmptyDatabase;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(TestDatabaseExtension.class)
final class IndexMigrationTest {
  private static final String IDENTITIES =
      "select indexrelid || ' ' || pg_get_indexdef(indexrelid) from pg_index i"
          + " join pg_class c on c.oid = i.indrelid"
          + " where c.relnamespace = 'wfc'::regnamespace order by 1";

  private final TestDatabase database;

  IndexMigrationTest(@EmptyDatabase TestDatabase database) {
    this.database = database;
  }

  private void build(StoreNames names) {
    try (Connection connection = database.dataSource().getConnection()) {
      IndexMigration.ofOperations(names).migrate(connection);
      IndexMigration.ofLookups(names).migrate(connection);
      IndexMigration.ofReplays(names).migrate(connection);
      IndexMigration.ofClaims(names).migrate(connection);
      IndexMigration.ofLimits(names).migrate(connection);
      IndexMigration.ofQueries(names).migrate(connection);
      IndexMigration.ofPurges(names).migrate(connection);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private List<@Nullable String> indexes() {
    return database.queryForStrings(IDENTITIES);
  }

  @ParameterizedTest
  @CsvSource({"wfc,''", "wfc,Px_"})
  void anIndexThatIsAsItShouldBeStays(String schema, String prefix) {
    StoreNames names = new StoreNames(schema, prefix);
    SchemaManager.migrate(database.dataSource(), names);
    List<@Nullable String> before = indexes();

    build(names);

    assertThat(indexes()).isEqualTo(before);
  }

  @Test
  void theRustProvidersIndexesAreReplacedAndItsOwnStatementsAddNone() {
    database.execute(OldStores.RUST_PROVIDER);
    SchemaManager.migrate(database.dataSource(), new StoreNames("wfc", ""));
    List<@Nullable String> before = indexes();

    database.execute(OldStores.ORIGIN_INDEXES);

    assertThat(indexes()).isEqualTo(before);
    assertThat(before)
        .anyMatch(
            index ->
                String.valueOf(index).contains("idx_workflows_next_execution")
                    && String.valueOf(index).contains("WHERE (status = 'Runnable'::text)"));
  }

  @Test
  void anInterruptedBuildIsTakenUpAgain() throws SQLException {
    StoreNames names = new StoreNames("wfc", "");
    database.execute(OldStores.RUST_PROVIDER);
    SchemaManager.migrate(database.dataSource(), names);
    database.execute("drop index wfc.idx_scheduled_commands_execute_time");
    database.execute("drop index wfc.idx_events_name_key");
    leaveInvalid("idx_scheduled_commands_execute_time");
    leaveInvalid("idx_being_built");

    build(names);

    assertThat(database.queryForString("select count(*) from pg_index where not indisvalid"))
        .isEqualTo("0");
    assertThat(indexes())
        .anyMatch(index -> String.valueOf(index).endsWith("(execute_time, id)"))
        .anyMatch(index -> String.valueOf(index).endsWith("(event_name, event_key, event_time)"))
        .noneMatch(index -> String.valueOf(index).contains("idx_being_built"));
  }

  /** A unique index that meets duplicates is what an interrupted build looks like. */
  private void leaveInvalid(String name) throws SQLException {
    database.execute("update wfc.scheduled_commands set execute_time = 1");
    try (Connection connection = database.dataSource().getConnection()) {
      assertThatThrownBy(
              () ->
                  OnlineMigration.execute(
                      connection,
                      "create unique index concurrently %s on wfc.scheduled_commands (execute_time)"
                          .formatted(name)))
          .hasMessageContaining("duplicate");
    }
  }

  @Test
  void aMigrationThatFailedIsTriedAgain() {
    StoreNames names = new StoreNames("wfc", "");
    database.execute(OldStores.WITHOUT_NAMES);
    // The name that another workflow's id would become.
    database.execute("alter table wfc.workflows add column name text");
    database.execute("update wfc.workflows set name = 'w2' where id = 'w1'");

    assertThatThrownBy(() -> SchemaManager.migrate(database.dataSource(), names))
        .hasMessageContaining("Key (name)=(w2) is duplicated");
    database.execute("update wfc.workflows set name = 'another' where id = 'w1'");
    SchemaManager.migrate(database.dataSource(), names);

    SchemaManager.validate(database.dataSource(), names);
  }

  /** The queries that the documentation advises, with a parameter whose value is not known. */
  @ParameterizedTest
  @CsvSource({
    "workflows, reference, idx_workflows_reference",
    "workflows, root_workflow_id, idx_workflows_root",
    "execution_errors, workflow_id, idx_execution_errors_workflow"
  })
  void documentedLookupsUseAnIndex(String table, String column, String index) throws SQLException {
    SchemaManager.migrate(database.dataSource(), new StoreNames("wfc", ""));
    try (Connection connection = database.dataSource().getConnection()) {
      OnlineMigration.execute(
          connection,
          """
          set enable_seqscan to off;
          set plan_cache_mode to force_generic_plan;
          prepare looked_up as select * from wfc.%s t where t.%s = $1
          """
              .formatted(table, column));

      assertThat(OnlineMigration.query(connection, "explain (format json) execute looked_up ('x')"))
          .contains('"' + index + '"');
    }
  }
}
