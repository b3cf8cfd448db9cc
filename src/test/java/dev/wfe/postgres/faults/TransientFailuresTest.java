package dev.wfe.postgres.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.StoreUnavailableException;
import dev.wfe.persistence.UnknownOutcomeException;
import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Transient failures are retried where nothing was changed, and reported where something may have
 * been.
 */
@ExtendWith(TestDatabaseExtension.class)
final class TransientFailuresTest {
  /** Else the pool replaces a connection that was ended and not used for half a second. */
  private static final String NO_PINGS = "com.zaxxer.hikari.aliveBypassWindowMs";

  private static final PostgresOptions HOST =
      PostgresOptions.builder().poolSize(1).applicationName("host of failures").build();

  private final TestDatabase database;
  private final ExecutorService threads = Executors.newSingleThreadExecutor();

  TransientFailuresTest(TestDatabase database) {
    this.database = database;
  }

  @AfterEach
  void stopThreads() {
    threads.shutdownNow();
  }

  private static WorkflowInstance workflow(String id) {
    return WorkflowInstance.builder("definition", 1)
        .id(id)
        .executionPointers(List.of(ExecutionPointer.builder(0).id("pointer of " + id).build()))
        .build();
  }

  private static WorkflowInstance changed(WorkflowInstance instance) {
    return instance.toBuilder().reference("changed").build();
  }

  private void endSessions() {
    database.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity"
            + " where application_name = '%s'".formatted(HOST.applicationName()));
  }

  private PostgresPersistenceProvider connected(PostgresOptions options) {
    System.setProperty(NO_PINGS, "600000");
    try {
      return PostgresPersistenceProvider.connect(database.url(), options);
    } finally {
      System.clearProperty(NO_PINGS);
    }
  }

  @Test
  void aReadWhoseSessionEndedIsRetried() {
    try (PostgresPersistenceProvider provider = connected(HOST)) {
      provider.createNewWorkflow(workflow("read"));

      endSessions();

      assertThat(provider.getWorkflowInstance("read").id()).isEqualTo("read");
    }
  }

  @Test
  void withoutRetriesAFailureIsReported() {
    try (PostgresPersistenceProvider provider =
        connected(HOST.toBuilder().retryTimeout(Duration.ZERO).build())) {
      provider.createNewWorkflow(workflow("told"));

      endSessions();

      assertThatThrownBy(() -> provider.getWorkflowInstance("told"))
          .isInstanceOf(StoreUnavailableException.class);
      assertThat(provider.getWorkflowInstance("told").id()).isEqualTo("told");
    }
  }

  @Test
  void aWriteWhoseSessionEndedIsRetryableButNotRetried() {
    try (PostgresPersistenceProvider provider = connected(HOST)) {
      provider.createNewWorkflow(workflow("write"));
      WorkflowInstance changed = changed(provider.getWorkflowInstance("write"));

      endSessions();

      assertThatThrownBy(() -> provider.persistWorkflow(changed))
          .isInstanceOfSatisfying(
              UnknownOutcomeException.class,
              unknown -> {
                assertThat(unknown.retryable()).isTrue();
                assertThat(unknown.ids()).containsExactly("write");
              });
      assertThat(provider.findPersisted(changed)).isEmpty();
      assertThat(provider.persistWorkflow(changed)).isEqualTo(changed);
      assertThat(provider.findPersisted(changed)).contains(changed);
    }
  }

  @Test
  void anInterruptedCallEndsAndItsConnectionIsReused() throws Exception {
    try (PostgresPersistenceProvider provider = connected(HOST);
        Connection other = database.dataSource().getConnection();
        Statement statement = other.createStatement()) {
      provider.createNewWorkflow(workflow("interrupted"));
      WorkflowInstance changed = changed(provider.getWorkflowInstance("interrupted"));
      other.setAutoCommit(false);
      statement.execute("select from wfc.workflows where id = 'interrupted' for update");

      Future<Boolean> persisting =
          threads.submit(
              () -> {
                assertThatThrownBy(() -> provider.persistWorkflow(changed))
                    .isInstanceOf(StoreUnavailableException.class)
                    .hasMessageContaining("57014");
                return Thread.currentThread().isInterrupted();
              });
      database.awaitWaiting("", other);
      threads.shutdownNow();

      assertThat(persisting.get(1, TimeUnit.MINUTES)).as("still interrupted").isTrue();
      other.rollback();
      assertThat(provider.persistWorkflow(changed)).isEqualTo(changed);
    }
  }
}
