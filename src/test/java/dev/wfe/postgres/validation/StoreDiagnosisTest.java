package dev.wfe.postgres.validation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.wfe.persistence.InvalidValueException;
import dev.wfe.persistence.StoreFinding;
import dev.wfe.persistence.StoreFinding.Severity;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.testing.EmptyDatabase;
import dev.wfe.postgres.testing.PlantedFunctions;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each finding is provoked on a real server, and is gone after its remedy. */
@ExtendWith(TestDatabaseExtension.class)
final class StoreDiagnosisTest {
  private static final long STATISTICS_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final TestDatabase database;

  StoreDiagnosisTest(TestDatabase database) {
    this.database = database;
  }

  private static List<StoreFinding> examine(TestDatabase database, Duration patience) {
    try (PostgresPersistenceProvider store = PostgresPersistenceProvider.connect(database.url())) {
      return store.diagnose(patience);
    }
  }

  private List<StoreFinding> found(String check) {
    return examine(database, Duration.ofMinutes(5)).stream()
        .filter(finding -> finding.check().equals(check))
        .toList();
  }

  private StoreFinding only(String check) {
    List<StoreFinding> found = found(check);
    assertThat(found).as(check).hasSize(1);
    return found.get(0);
  }

  /** Runs the remedy, and expects that the finding is gone. */
  private void repair(StoreFinding finding) throws SQLException {
    String remedy = String.valueOf(finding.remedy());
    inOwnSession(remedy.split(";(?!.*--)"));
    assertThat(found(finding.check())).isEmpty();
  }

  /** The session's statistics are counted when it ends. */
  private void inOwnSession(String... statements) throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        if (!sql.isBlank()) {
          statement.execute(sql);
        }
      }
    }
  }

  private void await(String condition) {
    long deadline = System.nanoTime() + STATISTICS_NANOS;
    while (!"t".equals(database.queryForString("select " + condition))) {
      assertThat(System.nanoTime() - deadline).as(condition).isNegative();
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
    }
  }

  @Test
  void mostSevereComesFirstAndVersionsAreNamed() {
    List<StoreFinding> found = examine(database, Duration.ofMinutes(5));
    assertThat(found).extracting(StoreFinding::severity).isSorted();
    assertThat(found).extracting(StoreFinding::check).contains("server", "libraries");
    assertThat(found)
        .filteredOn(finding -> finding.severity() != Severity.INFO)
        .allSatisfy(finding -> assertThat(finding.remedy()).isNotBlank());
    assertThat(found)
        .extracting(StoreFinding::check)
        .doesNotContain("tables", "missing-index", "changed-index", "rights", "orphans");
  }

  @ParameterizedTest
  @CsvSource({"fsync", "full_page_writes", "autovacuum", "track_counts"})
  void settingsOfTheServerAreReportedIfTheyAreOff(String setting) {
    boolean off = "off".equals(database.queryForString("show " + setting));
    assertThat(found(setting)).hasSize(off ? 1 : 0);
  }

  @ParameterizedTest
  @CsvSource({
    "synchronous_commit, off, on, CRITICAL",
    "statement_timeout, 200ms, 30s, WARNING",
    "track_counts, off, on, WARNING",
    "idle_in_transaction_session_timeout, 0, 5min, INFO"
  })
  void settingsOfTheDatabaseAreReported(String setting, String bad, String good, Severity severity)
      throws SQLException {
    String alter =
        "do $$ begin execute format('alter database %%I set %s = %%L', current_database(), '%s');"
            + " end $$";
    database.execute(alter.formatted(setting, bad));
    try {
      StoreFinding finding = only(setting);
      assertThat(finding.severity()).isEqualTo(severity);
      assertThat(finding.remedy()).contains("alter database", good);
      repair(finding);
    } finally {
      database.execute(alter.formatted(setting, good));
    }
  }

  @Test
  void readOnlyDatabaseIsReported() throws SQLException {
    String name = String.valueOf(database.queryForString("select current_database()"));
    inOwnSession("alter database " + name + " set default_transaction_read_only = on");
    StoreFinding finding = only("read_only");
    inOwnSession(String.valueOf(finding.remedy()).split("; ", -1));
    assertThat(found("read_only")).isEmpty();
  }

  @Test
  void compilerIsReportedWhereTheServerHasOne() {
    boolean on =
        "t"
            .equals(
                database.queryForString(
                    "select pg_jit_available() and current_setting('jit')::boolean"));
    assertThat(found("jit")).hasSize(on ? 1 : 0);
  }

  @Test
  void missingIndexIsCreatedByItsRemedy() throws SQLException {
    database.execute("drop index wfc.idx_workflows_claim");
    repair(only("missing-index"));
  }

  @Test
  void eachIndexOfTheStoreIsMissedIfItIsDropped() throws SQLException {
    List<String> missing = new ArrayList<>();
    for (String index :
        database.queryForStrings(
            """
            select x.relname from pg_index i join pg_class x on x.oid = i.indexrelid
            where x.relnamespace = 'wfc'::regnamespace and not i.indisunique
              and x.relname not like 'wfe_schema_history%' order by 1
            """)) {
      database.execute("drop index wfc.\"%s\"".formatted(index));
      missing.add("The index %s is missing".formatted(index));
    }
    List<StoreFinding> found = found("missing-index");
    assertThat(missing).isNotEmpty();
    assertThat(found)
        .extracting(StoreFinding::finding)
        .containsExactlyInAnyOrderElementsOf(missing);
    for (StoreFinding finding : found) {
      inOwnSession(String.valueOf(finding.remedy()));
    }
    assertThat(found("missing-index")).isEmpty();
  }

  @Test
  void anIndexThatIsBeingBuiltIsNotInvalid() throws Exception {
    ExecutorService builder = Executors.newSingleThreadExecutor();
    try (Connection old = database.dataSource().getConnection()) {
      old.setAutoCommit(false);
      old.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      old.createStatement().execute("select pg_current_xact_id() from wfc.events");
      Future<?> build =
          builder.submit(
              () -> {
                inOwnSession(
                    "create index concurrently being_built on wfc.workflows (reference, version)");
                return null;
              });
      await("exists (select from pg_index where not indisvalid)");

      assertThat(found("invalid-index")).isEmpty();

      old.rollback();
      build.get(10, TimeUnit.SECONDS);
    } finally {
      builder.shutdown();
      database.execute("drop index if exists wfc.being_built");
    }
  }

  @Test
  void indexWithAnotherDefinitionIsReplacedByItsRemedy() throws SQLException {
    database.execute(
        "drop index wfc.idx_events_event_time;"
            + " create index idx_events_event_time on wfc.events (event_time)");
    repair(only("changed-index"));
  }

  @Test
  void invalidIndexIsRebuiltByItsRemedy() throws SQLException {
    database.execute(
        "update pg_index set indisvalid = false"
            + " where indexrelid = 'wfc.idx_workflows_root'::regclass");
    repair(only("invalid-index"));
  }

  @Test
  void unusedIndexAndIndexOnTheHeartbeatAreReported() throws SQLException {
    database.execute(
        "create index mine on wfc.events (event_key);"
            + " create index beat on wfc.workflows (last_heartbeat_at)");
    StoreFinding unused = only("unused-index");
    assertThat(unused.finding()).contains("mine");
    repair(unused);
    repair(only("heartbeat-index"));
  }

  @Test
  void autovacuumOfATableIsReported() throws SQLException {
    database.execute("alter table wfc.events set (autovacuum_enabled = false)");
    repair(only("table-autovacuum"));
  }

  @Test
  void deadRowsAndMissingStatisticsAreReported() throws SQLException {
    database.execute("alter table wfc.definition_sequences set (autovacuum_enabled = false)");
    inOwnSession(
        "insert into wfc.definition_sequences select 'd' || i, 1 from generate_series(1, 35000) i",
        "delete from wfc.definition_sequences where definition_id > 'd2'");
    await("n_dead_tup > 10000 from pg_stat_user_tables where relname = 'definition_sequences'");
    StoreFinding statistics = only("statistics");
    StoreFinding dead = only("dead-rows");
    assertThat(dead.finding()).contains("never vacuumed");
    inOwnSession(String.valueOf(dead.remedy()));
    await("n_dead_tup = 0 from pg_stat_user_tables where relname = 'definition_sequences'");
    assertThat(found(dead.check())).isEmpty();
    assertThat(found(statistics.check())).isEmpty();
    database.execute(
        "truncate wfc.definition_sequences;"
            + " alter table wfc.definition_sequences reset (autovacuum_enabled)");
  }

  @Test
  void unusedSpaceIsReported() throws SQLException {
    inOwnSession(
        "insert into wfc.execution_errors (error_time, workflow_id, execution_pointer_id, message)"
            + " select now(), 'w', 'p', repeat('x', 1900) from generate_series(1, 26000) i",
        "delete from wfc.execution_errors where id % 5 <> 0",
        "vacuum analyze wfc.execution_errors");
    repair(only("unused-space"));
    database.execute("truncate wfc.execution_errors");
  }

  @Test
  void orphansAreReportedByKind() {
    database.execute(
        """
        insert into wfc.scheduled_commands (command_name, data, execute_time)
          select 'ProcessWorkflow', 'gone' || i, 0 from generate_series(1, 1000) i;
        insert into wfc.event_subscriptions
            (id, workflow_id, step_id, execution_pointer_id, event_name, event_key, subscribe_as_of)
          values ('s', 'gone', 0, 'p', 'paid', '1', now());
        insert into wfc.execution_errors (error_time, workflow_id, execution_pointer_id, message)
          values (now(), 'gone', 'p', 'm');
        insert into wfc.workflow_leases (workflow_id, owner, epoch, attempt, expires_at)
          values ('gone', 'h', 1, 1, now());
        set session_replication_role = replica;
        insert into wfc.execution_pointers (id, workflow_id, step_id, status)
          values ('p', 'gone', 0, 'Complete');
        set session_replication_role = origin;
        """);
    assertThat(found("orphans"))
        .extracting(finding -> finding.severity() + " " + finding.finding())
        .satisfiesExactlyInAnyOrder(
            one -> assertThat(one).startsWith("CRITICAL 1 pointers"),
            one -> assertThat(one).startsWith("WARNING 1000 commands"),
            one -> assertThat(one).startsWith("INFO 1 subscriptions"),
            one -> assertThat(one).startsWith("INFO 1 errors"),
            one -> assertThat(one).startsWith("INFO 1 leases"));
    database.execute("delete from wfc.execution_pointers");
    database.emptyStore("wfc");
    assertThat(found("orphans")).isEmpty();
  }

  @Test
  void oldTransactionIsEndedByItsRemedy() throws SQLException {
    try (Connection old = database.dataSource().getConnection()) {
      old.setAutoCommit(false);
      old.createStatement().execute("select 1");
      List<StoreFinding> found = examine(database, Duration.ZERO);
      StoreFinding finding =
          found.stream()
              .filter(one -> one.check().equals("old-transaction"))
              .findFirst()
              .orElseThrow();
      assertThat(finding.finding()).contains("idle in transaction");
      assertThat(found("old-transaction")).isEmpty();
      database.execute(String.valueOf(finding.remedy()));
      await("not exists (select from pg_stat_activity where state = 'idle in transaction')");
    }
  }

  @Test
  void preparedTransactionIsReported() throws SQLException {
    assumeThat(database.queryForString("show max_prepared_transactions")).isNotEqualTo("0");
    inOwnSession("begin", "select pg_current_xact_id()", "prepare transaction 'lost'");
    StoreFinding finding =
        examine(database, Duration.ZERO).stream()
            .filter(one -> one.check().equals("prepared-transaction"))
            .findFirst()
            .orElseThrow();
    inOwnSession(String.valueOf(finding.remedy()).replaceFirst(";.*", ""));
  }

  @Test
  void replicationSlotThatNobodyUsesIsReported() throws SQLException {
    String slot = "doctor_" + Long.toString(System.nanoTime(), 36);
    database.queryForString(
        "select pg_create_physical_replication_slot('%s', true)".formatted(slot));
    assertThat(found("replication-slot"))
        .filteredOn(finding -> finding.finding().contains(slot))
        .singleElement()
        .satisfies(
            finding ->
                database.queryForString(String.valueOf(finding.remedy()).replaceFirst(";.*", "")));
    assertThat(found("replication-slot")).noneMatch(finding -> finding.finding().contains(slot));
  }

  @Test
  void manyWorkflowsThatEndedLongAgoAreReported() {
    database.execute(
        """
        set local synchronous_commit = off;
        insert into wfc.workflows (id, name, definition_id, version, status, create_time, complete_time)
          select 'o' || i, 'o' || i, 'd', 1, 'Complete', now() - interval '99 days',
            now() - interval '99 days' from generate_series(1, 100001) i
        """);
    assertThat(only("retention").severity()).isEqualTo(Severity.WARNING);
    database.execute("update wfc.workflows set complete_time = now() where id in ('o1', 'o2')");
    assertThat(found("retention")).isEmpty();
    database.emptyStore("wfc");
  }

  @Test
  void roleWithoutRightsIsToldWhatToGrant() throws SQLException {
    String role = "doctor_" + Long.toString(System.nanoTime(), 36);
    inOwnSession(
        "create role %s login password 'x'".formatted(role),
        "grant usage on schema wfc to " + role,
        "grant select on all tables in schema wfc to " + role);
    try (PostgresPersistenceProvider store =
        PostgresPersistenceProvider.connect(
            database.url().replaceFirst("user=\\w+", "user=" + role) + "&password=x")) {
      List<StoreFinding> found = store.diagnose();
      assertThat(found).extracting(StoreFinding::check).contains("visibility");
      List<String> remedies =
          found.stream()
              .filter(finding -> finding.check().equals("rights"))
              .map(finding -> String.valueOf(finding.remedy()))
              .toList();
      assertThat(remedies)
          .contains(
              "grant insert, update, delete on wfc.workflows to %s;".formatted(role),
              "grant insert on wfc.workflow_definitions to %s;".formatted(role));
      inOwnSession(remedies.toArray(String[]::new));
      assertThat(store.diagnose()).noneMatch(finding -> finding.check().equals("rights"));
    } finally {
      inOwnSession("drop owned by " + role, "drop role " + role);
    }
  }

  @Test
  void changedTableIsReportedAndItsRowsAreNotRead() {
    database.execute("alter table wfc.events alter event_key type varchar(10)");
    assertThat(only("tables").finding()).contains("event_key");
    database.execute("alter table wfc.events alter event_key type text");
  }

  @Test
  void functionsAndOperatorsOfOthersAreNotUsed(@EmptyDatabase TestDatabase empty) {
    PlantedFunctions.plant(empty);
    try (PostgresPersistenceProvider store = PostgresPersistenceProvider.connect(empty.url())) {
      store.ensureStoreExists();
      assertThat(store.diagnose(Duration.ZERO))
          .extracting(StoreFinding::check)
          .contains("server")
          .doesNotContain("tables", "missing-index", "changed-index", "orphans");
    }
  }

  @Test
  void missingStoreIsReportedWithTheSettingsOfTheServer(@EmptyDatabase TestDatabase empty) {
    assertThat(examine(empty, Duration.ofMinutes(5)))
        .extracting(StoreFinding::check)
        .contains("store-version", "server");
  }

  @Test
  void storeOfAnotherVersionIsReported() {
    database.execute(
        "delete from wfc.wfe_schema_history where installed_rank ="
            + " (select max(installed_rank) from wfc.wfe_schema_history)");
    StoreFinding older = only("store-version");
    assertThat(older.remedy()).isEqualTo("wfe schema migrate");
    try (PostgresPersistenceProvider store = PostgresPersistenceProvider.connect(database.url())) {
      store.ensureStoreExists();
    }
    assertThat(found("store-version")).isEmpty();
  }

  @Test
  void negativePatienceIsRefused() {
    assertThatThrownBy(() -> examine(database, Duration.ofSeconds(-1)))
        .isInstanceOf(InvalidValueException.class)
        .hasMessageContaining("patience");
  }
}
