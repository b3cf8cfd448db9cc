package dev.wfe.postgres.transactions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.CallerTransactionException;
import dev.wfe.persistence.StaleRevisionException;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.testing.TestDatabase;
import jakarta.persistence.EntityManager;
import jakarta.transaction.Status;
import jakarta.transaction.Synchronization;
import jakarta.transaction.Transaction;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.hibernate.SessionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class JtaTest {
  private JtaServer server;
  private PostgresPersistenceProvider provider;

  @BeforeEach
  void open() throws Exception {
    server = new JtaServer(TestDatabase.migrated());
    provider = PostgresPersistenceProvider.overJta(server.dataSource);
  }

  @AfterEach
  void close() throws Exception {
    if (server.transactions.getStatus() != Status.STATUS_NO_TRANSACTION) {
      server.transactions.rollback();
    }
    provider.close();
    server.close();
  }

  private static WorkflowInstance workflow(String id) {
    return WorkflowInstance.builder("definition", 1).id(id).name(id).build();
  }

  @Test
  void withoutATransactionAnOperationCommitsByItself() {
    provider.createNewWorkflow(workflow("w"));

    assertThat(server.count("wfc.workflows")).isOne();
  }

  @Test
  void theThreadBoundTransactionCommitsItsRowsAndOurs() throws Exception {
    server.transactions.begin();
    server.purchase("p");
    provider.createNewWorkflow(workflow("w"));
    assertThat(server.count("wfc.workflows")).isZero();
    assertThat(provider.getWorkflowInstance("w").id()).isEqualTo("w");
    server.transactions.commit();

    assertThat(server.count("wfc.workflows")).isOne();
    assertThat(server.count("purchases")).isOne();
  }

  @Test
  void theThreadBoundTransactionRollsBackItsRowsAndOurs() throws Exception {
    server.transactions.begin();
    server.purchase("p");
    provider.createNewWorkflow(workflow("w"));
    server.transactions.rollback();

    assertThat(server.count("wfc.workflows")).isZero();
    assertThat(server.count("purchases")).isZero();
  }

  @Test
  void aStalePersistLeavesTheTransactionAsItWas() throws Exception {
    provider.createNewWorkflow(workflow("w"));
    WorkflowInstance read = provider.getWorkflowInstance("w");
    provider.persistWorkflow(read.toBuilder().reference("first").build());

    server.transactions.begin();
    server.purchase("p");
    assertThatThrownBy(() -> provider.persistWorkflow(read))
        .isInstanceOf(StaleRevisionException.class);
    assertThat(server.transactions.getStatus()).isEqualTo(Status.STATUS_ACTIVE);
    server.transactions.commit();

    assertThat(server.count("purchases")).isOne();
  }

  @Test
  void independentWritesSurviveARollback() throws Exception {
    server.transactions.begin();
    provider.createNewWorkflow(workflow("joined"));
    provider.inOwnTransactions().createNewWorkflow(workflow("apart"));
    assertThat(server.transactions.getStatus()).isEqualTo(Status.STATUS_ACTIVE);
    assertThat(server.count("wfc.workflows")).isOne();
    server.transactions.rollback();

    assertThat(server.database.queryForString("select id from wfc.workflows")).isEqualTo("apart");
  }

  @Test
  void inATransactionThatIsMarkedForRollbackEveryOperationIsRefused() throws Exception {
    server.transactions.begin();
    server.transactions.setRollbackOnly();

    assertThatThrownBy(() -> provider.createNewWorkflow(workflow("w")))
        .isInstanceOf(CallerTransactionException.class)
        .hasMessageContaining("marked for rollback");
  }

  @Test
  void operationsWithTransactionsOfTheirOwnAreRefusedInATransaction() throws Exception {
    server.transactions.begin();

    assertThatThrownBy(() -> provider.processCommands(Instant.now(), command -> {}))
        .isInstanceOf(CallerTransactionException.class);
    assertThat(provider.inOwnTransactions().processCommands(Instant.now(), command -> {}).handled())
        .isZero();
  }

  @Test
  void itStartsAndCreatesTheStoreInTheMiddleOfATransaction() throws Exception {
    try (JtaServer empty = new JtaServer(TestDatabase.empty())) {
      empty.transactions.begin();
      empty.purchase("p");
      try (PostgresPersistenceProvider started =
          PostgresPersistenceProvider.overJta(empty.dataSource)) {
        started.ensureStoreExists();
        started.validateStore();
        started.createNewWorkflow(workflow("w"));
        empty.transactions.rollback();
      }
      assertThat(empty.count("wfc.workflows")).isZero();
      assertThat(empty.count("purchases")).isZero();
    }
  }

  @Test
  void aUnitUnderJtaIsJoinedToo() throws Exception {
    try (SessionFactory unit = server.unit();
        PostgresPersistenceProvider over = PostgresPersistenceProvider.over(unit)) {
      server.transactions.begin();
      over.createNewWorkflow(workflow("rolled back"));
      server.transactions.rollback();
      server.transactions.begin();
      over.createNewWorkflow(workflow("committed"));
      server.transactions.commit();
      over.createNewWorkflow(workflow("by itself"));
    }
    assertThat(server.database.queryForStrings("select id from wfc.workflows order by id"))
        .containsExactly("by itself", "committed");
  }

  @Test
  void anEntityManagersChangesAreFlushedFirst() throws Exception {
    try (SessionFactory unit = server.unit();
        PostgresPersistenceProvider over = PostgresPersistenceProvider.over(unit)) {
      server.transactions.begin();
      try (EntityManager entityManager = unit.createEntityManager()) {
        entityManager.persist(new Purchase("p"));
        over.within(entityManager).createNewWorkflow(workflow("w"));
        assertThat(
                entityManager
                    .createNativeQuery("select id from purchases", String.class)
                    .getSingleResult())
            .isEqualTo("p");
        server.transactions.commit();
      }
    }
    assertThat(server.count("wfc.workflows")).isOne();
    assertThat(server.count("purchases")).isOne();
  }

  /** Narayana's reaper rolls back while the thread still works, and says no word to it. */
  private void timeOut() throws Exception {
    Transaction transaction = server.transactions.getTransaction();
    CountDownLatch over = new CountDownLatch(1);
    transaction.registerSynchronization(
        new Synchronization() {
          @Override
          public void beforeCompletion() {}

          @Override
          public void afterCompletion(int status) {
            over.countDown();
          }
        });
    assertThat(over.await(60, TimeUnit.SECONDS)).isTrue();
    while (transaction.getStatus() != Status.STATUS_ROLLEDBACK) {
      Thread.onSpinWait();
    }
  }

  @Test
  void inATransactionThatTimedOutEveryOperationIsRefused() throws Exception {
    server.transactions.setTransactionTimeout(1);
    server.transactions.begin();
    server.transactions.setTransactionTimeout(0);
    server.purchase("p");
    provider.createNewWorkflow(workflow("inside"));
    timeOut();

    assertThatThrownBy(() -> provider.createNewWorkflow(workflow("refused")))
        .isInstanceOf(CallerTransactionException.class)
        .hasMessageContaining("timed out");
    assertThatThrownBy(() -> provider.getRunnableInstances(Instant.now()))
        .isInstanceOf(CallerTransactionException.class);
    provider.inOwnTransactions().createNewWorkflow(workflow("apart"));
    server.transactions.rollback();
    provider.createNewWorkflow(workflow("after"));

    assertThat(server.count("purchases")).isZero();
    assertThat(server.database.queryForStrings("select id from wfc.workflows order by id"))
        .containsExactly("after", "apart");
  }

  /** Where an operation is called. */
  enum Phase {
    BEFORE_COMPLETION,
    AFTER_COMPLETION
  }

  private void calling(Phase phase, Runnable operation) throws Exception {
    server
        .transactions
        .getTransaction()
        .registerSynchronization(
            new Synchronization() {
              @Override
              public void beforeCompletion() {
                if (phase == Phase.BEFORE_COMPLETION) {
                  operation.run();
                }
              }

              @Override
              public void afterCompletion(int status) {
                if (phase == Phase.AFTER_COMPLETION) {
                  operation.run();
                }
              }
            });
  }

  @ParameterizedTest
  @EnumSource
  void writesOfACommitCallbackAreStored(Phase phase) throws Exception {
    server.transactions.begin();
    server.purchase("p");
    calling(phase, () -> provider.createNewWorkflow(workflow("w")));
    server.transactions.commit();

    assertThat(server.count("wfc.workflows")).isOne();
    assertThat(server.count("purchases")).isOne();
  }

  @Test
  void afterARollbackOnlyIndependentOperationsOfACallbackWork() throws Exception {
    List<Throwable> failures = new ArrayList<>();
    server.transactions.begin();
    server.purchase("p");
    calling(
        Phase.AFTER_COMPLETION,
        () -> {
          try {
            provider.createNewWorkflow(workflow("refused"));
          } catch (CallerTransactionException refused) {
            failures.add(refused);
          }
          provider.inOwnTransactions().createNewWorkflow(workflow("apart"));
        });
    server.transactions.rollback();

    assertThat(failures).hasSize(1);
    assertThat(server.database.queryForStrings("select id from wfc.workflows"))
        .containsExactly("apart");
  }

  @Test
  void aSecondDataSourceThatCannotJoinTheTransactionIsNamedAsTheReason() throws Exception {
    try (JtaServer other = new JtaServer(TestDatabase.empty())) {
      server.transactions.begin();
      other.purchase("p");

      assertThatThrownBy(() -> provider.createNewWorkflow(workflow("w")))
          .isInstanceOf(CallerTransactionException.class)
          .hasMessageContaining("XA")
          .extracting(failure -> ((CallerTransactionException) failure).retryable())
          .isEqualTo(false);
      server.transactions.rollback();
    }
    // Agroal neither closes nor gives away a connection that it could not enlist.
    server.database.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity"
            + " where datname = current_database() and pid <> pg_backend_pid()");
  }
}
