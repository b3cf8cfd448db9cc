package dev.wfe.postgres.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.DuplicateException;
import dev.wfe.persistence.StaleRevisionException;
import dev.wfe.persistence.StoreSetupException;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.testing.Operations;
import dev.wfe.postgres.testing.TestDatabase;
import java.sql.Connection;
import java.sql.Statement;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections whose isolation became stricter after the provider had checked them. */
final class StricterIsolationTest {
  private TestDatabase database;
  private PostgresPersistenceProvider provider;
  private ExecutorService threads;

  @BeforeEach
  void open() {
    database = TestDatabase.migrated();
    provider = PostgresPersistenceProvider.over(database.dataSource());
    database.execute(
        "alter database %s set default_transaction_isolation to 'repeatable read'"
            .formatted(database.queryForString("select current_database()")));
    threads = Executors.newSingleThreadExecutor();
  }

  @AfterEach
  void close() {
    threads.shutdownNow();
    provider.close();
    database.close();
  }

  private static WorkflowInstance workflow(String id) {
    return WorkflowInstance.builder("definition", 1).id(id).build();
  }

  @Test
  void aPersistThatWaitedForAnotherWriterIsStale() {
    provider.createNewWorkflow(workflow("w"));
    WorkflowInstance changed =
        provider.getWorkflowInstance("w").toBuilder().reference("changed").build();

    assertThatThrownBy(
            () ->
                behind(
                    "update wfc.workflows set status = 'Suspended' where id = 'w'",
                    () -> provider.persistWorkflow(changed)))
        .hasCauseInstanceOf(StaleRevisionException.class);
  }

  @Test
  void aCreateThatWaitedForAnotherIsADuplicate() {
    assertThatThrownBy(
            () ->
                behind(
                    "insert into wfc.workflows"
                        + " (id, name, definition_id, version, status, create_time)"
                        + " values ('w', 'w', 'd', 1, 'Runnable', now())",
                    () -> provider.createNewWorkflow(workflow("w"))))
        .hasCauseInstanceOf(DuplicateException.class);
  }

  /** There the locks between those who publish and those who subscribe would not hold. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "createEventSubscription",
        "persistWorkflowWithSubscriptions",
        "markEventProcessed"
      })
  void anIsolationThatCouldLoseAnEventIsRefused(String operation) {
    try (PostgresPersistenceProvider pinned = PostgresPersistenceProvider.connect(database.url())) {
      Operations.fill(pinned);
    }

    assertThatThrownBy(() -> Operations.call(operation).accept(provider))
        .isInstanceOf(StoreSetupException.class)
        .hasMessageStartingWith(operation + ": the transaction is not READ COMMITTED");
    assertThat(provider.getEvent("e").processed()).isFalse();
  }

  /** Makes the call while the statement's transaction is open, and commits when it waits. */
  private void behind(String sql, Runnable call) throws Exception {
    try (Connection other = database.dataSource().getConnection();
        Statement statement = other.createStatement()) {
      other.setAutoCommit(false);
      statement.execute(sql);
      Future<?> waiting = threads.submit(call);
      database.awaitWaiting("", other);
      other.commit();
      waiting.get(1, TimeUnit.MINUTES);
    }
  }
}
