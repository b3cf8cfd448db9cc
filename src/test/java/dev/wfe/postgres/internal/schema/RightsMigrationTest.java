package dev.wfe.postgres.internal.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.postgres.internal.sql.StoreNames;
import dev.wfe.postgres.testing.EmptyDatabase;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Roles that used the tables of a Rust store can still do so after its upgrade. */
@ExtendWith(TestDatabaseExtension.class)
final class RightsMigrationTest {
  private static final StoreNames NAMES = new StoreNames("wfc", "");

  private static final String INSERT_POINTER =
      """
      insert into wfc.execution_pointers (id, workflow_id, step_id, status)
        values ('by the role', 'w1', 9, 'Pending');
      """;

  private static final String CLAIM =
      """
      select * from wfc.command_claims;
      insert into wfc.command_claims values ('t', now());
      update wfc.command_claims set claimed_until = now();
      delete from wfc.command_claims;
      """;

  private static final String LEASE =
      """
      select * from wfc.workflow_leases;
      insert into wfc.workflow_leases values ('w', 'host', 1, 1, now());
      update wfc.workflow_leases set expires_at = now();
      delete from wfc.workflow_leases;
      select * from wfc.event_leases;
      insert into wfc.event_leases values ('e', 'host', 1, now());
      update wfc.event_leases set expires_at = now();
      delete from wfc.event_leases;
      insert into wfc.workflow_definitions values ('d', 1, '{}');
      select * from wfc.workflow_definitions;
      insert into wfc.workflow_hosts values ('h', 'host', '1', now(), now(), now(), '[]');
      update wfc.workflow_hosts set expires_at = now();
      select * from wfc.workflow_hosts;
      delete from wfc.workflow_hosts;
      """;

  private final TestDatabase database;

  /** Roles belong to the whole server, which other builds may use too. */
  private final String role = "Rust_" + UUID.randomUUID().toString().substring(0, 8);

  RightsMigrationTest(@EmptyDatabase TestDatabase database) {
    this.database = database;
  }

  @BeforeEach
  void createRole() {
    database.execute(OldStores.RUST_PROVIDER);
    database.execute("create role \"%1$s\"; grant usage on schema wfc to \"%1$s\"".formatted(role));
  }

  @AfterEach
  void dropRole() {
    database.execute("drop owned by \"%1$s\"; drop role \"%1$s\"".formatted(role));
  }

  private void as(String statements) {
    database.execute("set role \"%s\"; %s".formatted(role, statements));
  }

  private void upgradeWith(String grant) {
    database.execute(grant.formatted('"' + role + '"'));
    SchemaManager.migrate(database.dataSource(), NAMES);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "grant select, insert, update, delete on all tables in schema wfc to %s",
        "grant select, insert, update, delete on all tables in schema wfc to public",
        "grant insert (id, workflow_id, step_id, status) on wfc.execution_pointers to %1$s;"
            + " grant select, update (execute_time) on wfc.scheduled_commands to %1$s"
      })
  void aRoleThatCouldWriteTheOldTablesCanWriteTheNew(String grant) {
    upgradeWith(grant);

    as(INSERT_POINTER);
    as(CLAIM);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "grant select, insert, update, delete on all tables in schema wfc to %s",
        "grant select, update (status) on wfc.workflows to %1$s;"
            + " grant select, update (is_processed) on wfc.events to %1$s"
      })
  void aRoleThatCouldWriteWorkflowsAndEventsCanLeaseThem(String grant) {
    upgradeWith(grant);

    as(LEASE);
  }

  @Test
  void aRoleThatCouldReadTheOldTablesCanOnlyReadTheNew() {
    upgradeWith("grant select on all tables in schema wfc to %s");

    as("select * from wfc.command_claims; select * from wfc.wfe_schema_history");
    assertThatThrownBy(() -> as(INSERT_POINTER)).rootCause().hasMessageContaining("denied");
    as(
        "select * from wfc.workflow_leases, wfc.event_leases, wfc.workflow_definitions,"
            + " wfc.workflow_hosts");
    assertThatThrownBy(() -> as(CLAIM)).rootCause().hasMessageContaining("denied");
    assertThatThrownBy(() -> as(LEASE)).rootCause().hasMessageContaining("denied");
  }

  @Test
  void nothingThatAnUpgradeAddedIsOutOfReachOfARoleThatReachedAll() {
    upgradeWith("grant select, insert, update, delete on all tables in schema wfc to %s");

    assertThat(
            database.queryForStrings(
                """
                select relname from pg_class where relnamespace = 'wfc'::regnamespace
                  and (relkind = 'r' and not has_table_privilege('%1$s', oid, 'select')
                    or relname like '%%position_seq'
                      and not has_sequence_privilege('%1$s', oid, 'usage'))
                """
                    .formatted(role)))
        .isEmpty();
  }

  @Test
  void aRoleWithoutRightsGetsNone() {
    upgradeWith("grant usage on schema wfc to %s");

    for (String statements :
        new String[] {
          "select nextval('wfc.execution_pointers_position_seq')",
          "select from wfc.command_claims",
          "select from wfc.workflow_leases",
          "select from wfc.event_leases",
          "select from wfc.workflow_definitions",
          "select from wfc.workflow_hosts",
          "select from wfc.wfe_schema_history"
        }) {
      assertThatThrownBy(() -> as(statements)).rootCause().hasMessageContaining("denied");
    }
  }
}
