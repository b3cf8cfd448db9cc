package dev.wfe.postgres.transactions;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.model.Event;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.Registration;
import dev.wfe.postgres.OpenTransaction;
import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.testing.LogCapture;
import dev.wfe.postgres.transactions.TransactionKind.Opened;
import jakarta.persistence.EntityManager;
import java.io.IOException;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** When operations of the same provider call listeners for due work, and when not. */
final class WorkListenersTest {
  private final AtomicInteger calls = new AtomicInteger();

  private static WorkflowInstance workflow(String id) {
    return WorkflowInstance.builder("definition", 1).id(id).name(id).build();
  }

  @ParameterizedTest
  @EnumSource(TransactionKind.class)
  void anOperationThatCommitsByItselfCallsThemBeforeItReturns(TransactionKind kind)
      throws Exception {
    try (Opened opened = kind.open();
        Registration listening = opened.provider.onWorkDue(calls::incrementAndGet)) {
      assertThat(listening).isNotNull();
      opened.provider.createNewWorkflow(workflow("w"));
      assertThat(calls).hasValue(1);
      opened.provider.createNewWorkflow(workflow("later").toBuilder().nextExecution(null).build());
      opened.provider.createEvent(Event.builder("paid", "1").processed(true).build());
      opened.provider.getWorkflowInstance("w");
      assertThat(calls).hasValue(1);

      opened.provider.inOwnTransactions().createEvent(Event.builder("paid", "1").build());
      assertThat(calls).hasValue(2);
    }
  }

  @ParameterizedTest
  @EnumSource(TransactionKind.class)
  void workInATransactionCallsThemAfterItsCommitOnly(TransactionKind kind) throws Exception {
    try (Opened opened = kind.open();
        Registration listening =
            opened.provider.onWorkDue(() -> calls.addAndGet((int) opened.count("wfc.workflows")))) {
      assertThat(listening).isNotNull();
      opened.provider.inTransaction(t -> t.provider().createNewWorkflow(workflow("w")));
      assertThat(calls).hasValue(1);
      try {
        opened.provider.inTransaction(
            transaction -> {
              transaction.provider().createNewWorkflow(workflow("rolled back"));
              throw new IOException("of the application");
            });
      } catch (IOException expected) {
        assertThat(calls).hasValue(1);
      }
    }
  }

  /** Its pool has two connections; the listener and the operation that calls it need one each. */
  @ParameterizedTest
  @EnumSource(TransactionKind.class)
  void aListenerMayUseTheProvider(TransactionKind kind) throws Exception {
    List<String> found = new ArrayList<>();
    try (Opened opened = kind.open();
        Registration listening =
            opened.provider.onWorkDue(
                () -> found.add(opened.provider.getWorkflowInstance("w").id()))) {
      assertThat(listening).isNotNull();
      opened.provider.inTransaction(t -> t.provider().createNewWorkflow(workflow("w")));
      opened.provider.createEvent(Event.builder("paid", "1").build());
    }
    assertThat(found).containsExactly("w", "w");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void theCommitOfAnEntityManagerCallsThemAndNoRollback(boolean isCommitted) {
    try (Application application = new Application();
        Registration listening = application.provider.onWorkDue(calls::incrementAndGet);
        EntityManager entityManager = application.factory.createEntityManager()) {
      assertThat(listening).isNotNull();
      entityManager.getTransaction().begin();
      application.provider.within(entityManager).createNewWorkflow(workflow("w"));
      assertThat(calls).hasValue(0);
      if (isCommitted) {
        entityManager.getTransaction().commit();
      } else {
        entityManager.getTransaction().rollback();
      }
    }
    assertThat(calls).hasValue(isCommitted ? 1 : 0);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void theCommitOfAJtaTransactionCallsThemAndNoRollback(boolean isCommitted) throws Exception {
    try (Opened opened = TransactionKind.JTA_UNIT.open();
        Registration listening = opened.provider.onWorkDue(calls::incrementAndGet)) {
      assertThat(listening).isNotNull();
      opened.server.transactions.begin();
      opened.provider.createNewWorkflow(workflow("w"));
      assertThat(calls).hasValue(0);
      if (isCommitted) {
        opened.server.transactions.commit();
      } else {
        opened.server.transactions.rollback();
      }
    }
    assertThat(calls).hasValue(isCommitted ? 1 : 0);
  }

  @Test
  void theCommitOfAConnectionCallsThemIfItIsObserved() throws Exception {
    List<Runnable> registered = new ArrayList<>();
    try (Opened opened = TransactionKind.OWN_POOL.open();
        Connection connection = opened.database.dataSource().getConnection();
        PostgresPersistenceProvider joining =
            PostgresPersistenceProvider.over(
                opened.database.dataSource(),
                () -> Optional.of(OpenTransaction.of(connection, registered::add)),
                PostgresOptions.builder().wakeUps(false).build());
        Registration listening = joining.onWorkDue(calls::incrementAndGet)) {
      assertThat(listening).isNotNull();
      connection.setAutoCommit(false);
      joining.createNewWorkflow(workflow("w"));
      joining.within(connection).createNewWorkflow(workflow("unobserved"));
      connection.commit();
      assertThat(calls).hasValue(0);

      assertThat(registered).hasSize(1);
      registered.get(0).run();
      assertThat(calls).hasValue(1);
    }
  }

  @Test
  void aComponentThatCannotRegisterAffectsNoOperation() throws Exception {
    try (LogCapture log = new LogCapture();
        Opened opened = TransactionKind.OWN_POOL.open();
        Connection connection = opened.database.dataSource().getConnection();
        PostgresPersistenceProvider joining =
            PostgresPersistenceProvider.over(
                opened.database.dataSource(),
                () ->
                    Optional.of(
                        OpenTransaction.of(
                            connection,
                            callback -> {
                              throw new IllegalStateException("no registration, on purpose");
                            })),
                PostgresOptions.builder().wakeUps(false).build())) {
      connection.setAutoCommit(false);
      joining.createNewWorkflow(workflow("nobody listens"));
      assertThat(log.text()).doesNotContain("on purpose");

      try (Registration listening = joining.onWorkDue(calls::incrementAndGet)) {
        assertThat(listening).isNotNull();
        joining.createNewWorkflow(workflow("w"));
      }
      connection.commit();

      assertThat(opened.count("wfc.workflows")).isEqualTo(2);
      assertThat(log.text()).contains("could not be called", "no registration, on purpose");
    }
  }

  @Test
  void whatAListenerThrowsIsLogged() throws Exception {
    try (LogCapture log = new LogCapture();
        Opened opened = TransactionKind.OWN_POOL.open();
        Registration failing =
            opened.provider.onWorkDue(
                () -> {
                  throw new StackOverflowError("of a listener, on purpose");
                });
        Registration other = opened.provider.onWorkDue(calls::incrementAndGet)) {
      assertThat(failing).isNotSameAs(other);

      assertThat(opened.provider.createNewWorkflow(workflow("w"))).isEqualTo("w");

      assertThat(calls).hasValue(1);
      assertThat(log.text())
          .contains("A listener for due work failed", "of a listener, on purpose");
    }
  }
}
