package dev.wfe.postgres.faults.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.StaleRevisionException;
import dev.wfe.persistence.StoreException;
import dev.wfe.persistence.StoreUnavailableException;
import dev.wfe.persistence.UnknownOutcomeException;
import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.faults.Background;
import dev.wfe.postgres.faults.Eventually;
import dev.wfe.postgres.faults.Samples;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.postgresql.ds.PGSimpleDataSource;

/** PostgreSQL's own errors, each provoked for real. */
@ExtendWith(TestDatabaseExtension.class)
@Timeout(120)
final class SqlStatesTest {
  private static final PostgresOptions ONCE =
      PostgresOptions.builder().poolSize(1).retryTimeout(Duration.ZERO).build();
  private static final PostgresOptions AGAIN =
      ONCE.toBuilder().retryTimeout(Duration.ofSeconds(30)).build();

  private final TestDatabase database;
  private final String id = "w-" + UUID.randomUUID();
  private final Connection other;

  SqlStatesTest(TestDatabase database) throws SQLException {
    this.database = database;
    this.other = database.dataSource().getConnection();
    other.setAutoCommit(false);
  }

  @AfterEach
  void close() throws SQLException {
    other.close();
  }

  private PostgresPersistenceProvider connect(PostgresOptions options, String... settings) {
    StringBuilder url = new StringBuilder(database.url());
    if (settings.length > 0) {
      url.append("&options=");
      for (String setting : settings) {
        url.append("-c%20").append(setting.replace("=", "%3D")).append("%20");
      }
    }
    return PostgresPersistenceProvider.connect(url.toString(), options);
  }

  private void inOther(String sql) throws SQLException {
    try (Statement statement = other.createStatement()) {
      statement.execute(sql.formatted(id));
    }
  }

  private void lockWorkflow() throws SQLException {
    inOther("select from wfc.workflows where id = '%s' for update");
  }

  /** Ends the session that waits for the other one. */
  private void terminateWaiting() throws SQLException {
    database.awaitWaiting("", other);
    database.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity"
            + " where datname = current_database() and cardinality(pg_blocking_pids(pid)) > 0");
  }

  private static void assertUnavailable(StoreException failure, String sqlState) {
    assertThat(failure)
        .isInstanceOf(StoreUnavailableException.class)
        .hasMessageContaining("SQLState " + sqlState);
    assertThat(failure.retryable()).isTrue();
  }

  private void assertLandsNow(PostgresPersistenceProvider store, WorkflowInstance changed)
      throws SQLException {
    other.rollback();
    assertThat(store.persistWorkflow(changed)).isEqualTo(changed);
    assertThat(store.getWorkflowInstance(id)).isEqualTo(changed);
  }

  @Test
  void aWriteWhoseSessionIsTerminatedIsUnknown57P01() throws Exception {
    try (PostgresPersistenceProvider store = connect(AGAIN)) {
      WorkflowInstance changed = Samples.changed(Samples.stored(store, id));
      lockWorkflow();
      Background<?> call = Background.of(() -> store.persistWorkflow(changed));
      terminateWaiting();

      UnknownOutcomeException unknown = call.failure(UnknownOutcomeException.class);

      assertThat(unknown.ids()).containsExactly(id);
      assertThat(unknown.retryable()).isTrue();
      assertThat(unknown.getCause()).extracting("SQLState").isEqualTo("57P01");
      assertThat(store.findPersisted(changed)).isEmpty();
      assertLandsNow(store, changed);
      assertThat(store.findPersisted(changed)).contains(changed);
    }
  }

  @Test
  void aReadWhoseSessionIsTerminatedIsUnavailableAndMadeAgain57P01() throws Exception {
    try (PostgresPersistenceProvider once = connect(ONCE);
        PostgresPersistenceProvider again = connect(AGAIN)) {
      WorkflowInstance stored = Samples.stored(once, id);
      inOther("lock wfc.workflows");
      Background<WorkflowInstance> first = Background.of(() -> once.getWorkflowInstance(id));
      terminateWaiting();
      assertThat(first.failure(StoreUnavailableException.class).ids()).containsExactly(id);

      Background<WorkflowInstance> second = Background.of(() -> again.getWorkflowInstance(id));
      terminateWaiting();
      // it waits for a second time
      terminateWaiting();
      other.rollback();
      assertThat(second.value()).isEqualTo(stored);
    }
  }

  @Test
  void aLockThatIsNotGivenInTimeIsUnavailable55P03() throws Exception {
    try (PostgresPersistenceProvider store = connect(ONCE, "lock_timeout=50ms")) {
      WorkflowInstance changed = Samples.changed(Samples.stored(store, id));
      lockWorkflow();

      assertUnavailable(
          catchThrowableOfType(StoreException.class, () -> store.persistWorkflow(changed)),
          "55P03");

      assertLandsNow(store, changed);
    }
  }

  @Test
  void aLockThatIsNotGivenInTimeIsTriedForAgain55P03() throws Exception {
    try (PostgresPersistenceProvider store = connect(AGAIN, "lock_timeout=200ms")) {
      WorkflowInstance changed = Samples.changed(Samples.stored(store, id));
      lockWorkflow();
      Background<WorkflowInstance> call = Background.of(() -> store.persistWorkflow(changed));
      awaitFailures("the lock is waited for again", call);

      other.rollback();

      assertThat(call.value()).isEqualTo(changed);
    }
  }

  /** Each try waits for the other transaction, with a time of its own. */
  private void awaitFailures(String what, Background<?> call) {
    String starts =
        """
        select string_agg(query_start::text, ',') from pg_stat_activity
        where datname = current_database() and cardinality(pg_blocking_pids(pid)) > 0
        """;
    String[] seen = new String[1];
    int[] changes = new int[1];
    Eventually.isTrue(
        what,
        () -> {
          String now = database.queryForString(starts);
          if (now != null && !now.equals(seen[0])) {
            seen[0] = now;
            changes[0]++;
          }
          return changes[0] > 1;
        });
    assertThat(call.isDone()).isFalse();
  }

  @Test
  void theServersStatementTimeoutIsUnavailable57014() throws Exception {
    try (PostgresPersistenceProvider store = connect(ONCE, "statement_timeout=50ms")) {
      assertTimesOut(store);
    }
  }

  @Test
  void ourStatementTimeoutIsUnavailable57014() throws Exception {
    try (PostgresPersistenceProvider store =
        connect(ONCE.toBuilder().statementTimeout(Duration.ofMillis(50)).build())) {
      assertTimesOut(store);
    }
  }

  private void assertTimesOut(PostgresPersistenceProvider store) throws SQLException {
    WorkflowInstance changed = Samples.changed(Samples.stored(store, id));
    lockWorkflow();

    assertUnavailable(
        catchThrowableOfType(StoreException.class, () -> store.persistWorkflow(changed)), "57014");

    assertLandsNow(store, changed);
  }

  /** The other session waits for ever, so that the provider's is the one that is chosen. */
  private Background<WorkflowInstance> deadlocked(
      PostgresPersistenceProvider store, WorkflowInstance changed) throws SQLException {
    inOther("set deadlock_timeout to '1min'");
    inOther("update wfc.execution_pointers set step_name = 'other' where id = 'p-%s'");
    Background<WorkflowInstance> call = Background.of(() -> store.persistWorkflow(changed));
    database.awaitWaiting("", other);
    inOther("select from wfc.workflows where id = '%s' for update");
    return call;
  }

  @Test
  void aDeadlockIsUnavailable40P01() throws Exception {
    try (PostgresPersistenceProvider store = connect(ONCE)) {
      WorkflowInstance changed = Samples.changed(Samples.stored(store, id));

      assertUnavailable(
          deadlocked(store, changed).failure(StoreUnavailableException.class), "40P01");

      assertLandsNow(store, changed);
    }
  }

  @Test
  void theVictimOfADeadlockRetriesAndSucceeds40P01() throws Exception {
    try (PostgresPersistenceProvider store = connect(AGAIN)) {
      WorkflowInstance changed = Samples.changed(Samples.stored(store, id));
      Background<WorkflowInstance> call = deadlocked(store, changed);

      other.rollback();

      assertThat(call.value()).isEqualTo(changed);
    }
  }

  /** Under a stricter isolation than ours, which an external connection may have. */
  @Test
  void aSerializationFailureIsStale40001() throws Exception {
    PGSimpleDataSource external = new PGSimpleDataSource();
    external.setUrl(database.url());
    try (PostgresPersistenceProvider store = PostgresPersistenceProvider.over(external, AGAIN)) {
      WorkflowInstance changed = Samples.changed(Samples.stored(store, id));
      external.setOptions("-c default_transaction_isolation=serializable");
      inOther("update wfc.workflows set status = 'Suspended' where id = '%s'");
      Background<?> call = Background.of(() -> store.persistWorkflow(changed));
      database.awaitWaiting("", other);

      other.commit();

      assertThat(call.failure(StaleRevisionException.class).ids()).containsExactly(id);
    }
  }

  @Test
  void aRoleThatMayNotConnectSoOftenFindsTheStoreUnavailable53300() {
    String role = "limited_" + UUID.randomUUID().toString().substring(0, 8);
    database.execute("create role %s login connection limit 0".formatted(role));
    try {
      assertThatThrownBy(
              () -> PostgresPersistenceProvider.connect(database.url() + "&user=" + role, ONCE))
          .isInstanceOf(StoreUnavailableException.class)
          .hasMessageContaining("too many connections for role")
          .extracting(failure -> ((StoreException) failure).retryable())
          .isEqualTo(true);
    } finally {
      database.execute("drop role " + role);
    }
  }
}
