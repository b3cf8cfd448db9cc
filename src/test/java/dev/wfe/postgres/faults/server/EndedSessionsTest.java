package dev.wfe.postgres.faults.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.persistence.StoreException;
import dev.wfe.persistence.StoreFailureException;
import dev.wfe.persistence.StoreUnavailableException;
import dev.wfe.persistence.UnknownOutcomeException;
import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.faults.Eventually;
import dev.wfe.postgres.faults.Samples;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.postgresql.PGConnection;

/** Sessions that the server ends by its settings, and sessions whose statements are gone. */
@ExtendWith(TestDatabaseExtension.class)
@Timeout(120)
final class EndedSessionsTest {
  /** Else the pool replaces a connection that was ended and not used for half a second. */
  private static final String NO_PINGS = "com.zaxxer.hikari.aliveBypassWindowMs";

  /** Without wake-ups, which would find the ended session first. */
  private static final PostgresOptions ONCE =
      PostgresOptions.builder().retryTimeout(Duration.ZERO).wakeUps(false).build();

  private static final PostgresOptions AGAIN =
      ONCE.toBuilder().retryTimeout(Duration.ofSeconds(30)).build();

  private final TestDatabase database;
  private final String id = "w-" + UUID.randomUUID();

  EndedSessionsTest(TestDatabase database) {
    this.database = database;
  }

  /** A pool of one connection, whose statements are prepared on the server at once. */
  private HikariDataSource pool() {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(database.url() + "&prepareThreshold=1");
    config.setMaximumPoolSize(1);
    System.setProperty(NO_PINGS, "600000");
    try {
      return new HikariDataSource(config);
    } finally {
      System.clearProperty(NO_PINGS);
    }
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static void onPooled(HikariDataSource pool, String sql) throws SQLException {
    try (Connection connection = pool.getConnection()) {
      execute(connection, sql);
    }
  }

  private static int pid(Connection connection) throws SQLException {
    return connection.unwrap(PGConnection.class).getBackendPID();
  }

  private void awaitEnd(int pid) {
    Eventually.isTrue(
        "the server ended the session",
        () -> database.queryForString("select 1 from pg_stat_activity where pid = " + pid) == null);
  }

  /** Ends the pooled session as idle. */
  private void idleTooLong(HikariDataSource pool) throws SQLException {
    int pid;
    try (Connection connection = pool.getConnection()) {
      pid = pid(connection);
      execute(connection, "set idle_session_timeout to '1ms'");
    }
    awaitEnd(pid);
  }

  @Test
  void aWriteOnASessionThatWasIdleTooLongChangedNothingAndIsMadeAgain57P05() throws Exception {
    try (HikariDataSource pool = pool();
        PostgresPersistenceProvider once = PostgresPersistenceProvider.over(pool, ONCE);
        PostgresPersistenceProvider again = PostgresPersistenceProvider.over(pool, AGAIN)) {
      WorkflowInstance changed = Samples.changed(Samples.stored(once, id));

      idleTooLong(pool);
      assertThatThrownBy(() -> once.persistWorkflow(changed))
          .isInstanceOf(StoreUnavailableException.class)
          .rootCause()
          .hasFieldOrPropertyWithValue("SQLState", "57P05");

      idleTooLong(pool);
      assertThat(again.persistWorkflow(changed)).isEqualTo(changed);
    }
  }

  @Test
  void aTransactionThatWasIdleTooLongIsLostAndNotARefusal25P03() throws Exception {
    try (PostgresPersistenceProvider store =
            PostgresPersistenceProvider.connect(database.url(), ONCE);
        Connection connection = database.dataSource().getConnection()) {
      WorkflowInstance changed = Samples.changed(Samples.stored(store, id));
      connection.setAutoCommit(false);
      PersistenceProvider within = store.within(connection);
      within.getWorkflowInstance(id);
      execute(connection, "set local idle_in_transaction_session_timeout to '1ms'");
      awaitEnd(pid(connection));

      assertThatThrownBy(() -> within.persistWorkflow(changed))
          .isInstanceOfSatisfying(
              StoreUnavailableException.class, lost -> assertThat(lost.retryable()).isTrue())
          .hasMessageContaining("and with it the transaction")
          .rootCause()
          .hasFieldOrPropertyWithValue("SQLState", "25P03");
      assertThat(store.persistWorkflow(changed)).isEqualTo(changed);
    }
  }

  @Test
  void aWriteThatTakesTooLongForTheTransactionTimeoutIsUnknown25P04() throws Exception {
    if (database.queryForString("select current_setting('transaction_timeout', true)") == null) {
      return; // PostgreSQL 16 and older have no such setting.
    }
    try (HikariDataSource pool = pool();
        PostgresPersistenceProvider store = PostgresPersistenceProvider.over(pool, ONCE);
        Connection other = database.dataSource().getConnection()) {
      WorkflowInstance changed = Samples.changed(Samples.stored(store, id));
      other.setAutoCommit(false);
      execute(other, "select from wfc.workflows where id = '%s' for update".formatted(id));
      onPooled(pool, "set transaction_timeout to '50ms'");

      assertThatThrownBy(() -> store.persistWorkflow(changed))
          .isInstanceOfSatisfying(
              UnknownOutcomeException.class, unknown -> assertThat(unknown.retryable()).isTrue())
          .rootCause()
          .hasFieldOrPropertyWithValue("SQLState", "25P04");
      other.rollback();
      assertThat(store.findPersisted(changed)).isEmpty();
      assertThat(store.persistWorkflow(changed)).isEqualTo(changed);
    }
  }

  /** A persist without revision is two statements, which the driver does not repeat by itself. */
  @Test
  void aWriteWhosePreparedStatementsAreGoneIsMadeAgain26000() throws Exception {
    String gone = "do $$ begin execute 'deallocate all'; end $$";
    try (HikariDataSource pool = pool();
        PostgresPersistenceProvider once = PostgresPersistenceProvider.over(pool, ONCE);
        PostgresPersistenceProvider again = PostgresPersistenceProvider.over(pool, AGAIN)) {
      WorkflowInstance value = Samples.workflow(id);
      once.createNewWorkflow(value);
      for (int i = 0; i < 3; i++) {
        once.persistWorkflow(value);
      }

      onPooled(pool, gone);
      StoreException failure =
          catchThrowableOfType(StoreException.class, () -> once.persistWorkflow(value));
      assertThat(failure).isInstanceOf(StoreUnavailableException.class);
      assertThat(failure).hasMessageContaining("SQLState 26000");
      assertThat(once.persistWorkflow(value).id()).isEqualTo(id);

      onPooled(pool, gone);
      assertThat(again.persistWorkflow(value).id()).isEqualTo(id);
    }
  }

  @Test
  void aChangedPlanInACallersTransactionIsTransient0A000() throws Exception {
    try (PostgresPersistenceProvider store =
            PostgresPersistenceProvider.connect(database.url(), ONCE);
        Connection connection =
            DriverManager.getConnection(database.url() + "&prepareThreshold=1")) {
      WorkflowInstance stored = Samples.stored(store, id);
      connection.setAutoCommit(false);
      PersistenceProvider within = store.within(connection);
      for (int i = 0; i < 3; i++) {
        assertThat(within.getWorkflowInstance(id)).isEqualTo(stored);
      }
      connection.commit();
      database.execute("alter table wfc.workflows alter column reference type varchar");
      try {
        assertThatThrownBy(() -> within.getWorkflowInstance(id))
            .isInstanceOf(StoreUnavailableException.class)
            .hasMessageContaining("SQLState 0A000");
        connection.rollback();
        assertThat(within.getWorkflowInstance(id)).isEqualTo(stored);
        connection.commit();
      } finally {
        database.execute("alter table wfc.workflows alter column reference type text");
      }
    }
  }

  @Test
  void anAnswerTooLargeForTheDriverIsAPermanentFailure() {
    try (PostgresPersistenceProvider store =
            PostgresPersistenceProvider.connect(database.url(), AGAIN);
        PostgresPersistenceProvider small =
            PostgresPersistenceProvider.connect(database.url() + "&maxResultBuffer=2K", AGAIN)) {
      store.createNewWorkflow(
          Samples.workflow(id).toBuilder().description("x".repeat(10_000)).build());

      assertThatThrownBy(() -> small.getWorkflowInstance(id))
          .isInstanceOf(StoreFailureException.class)
          .hasMessageContaining("maxResultBuffer");
    }
  }
}
