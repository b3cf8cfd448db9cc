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
import java.time.Instant;
import org.hibernate.SessionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

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
  void withoutATransactionAVerbCommitsByItself() {
    provider.createNewWorkflow(workflow("w"));

    assertThat(server.count("wfc.workflows")).isOne();
  }

  @Test
  void theThreadsTransactionCommitsItsRowsAndOurs() throws Exception {
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
  void theThreadsTransactionRollsBackItsRowsAndOurs() throws Exception {
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
  void whatIsWrittenApartStaysWhenTheTransactionIsRolledBack() throws Exception {
    server.transactions.begin();
    provider.createNewWorkflow(workflow("joined"));
    provider.inOwnTransactions().createNewWorkflow(workflow("apart"));
    assertThat(server.transactions.getStatus()).isEqualTo(Status.STATUS_ACTIVE);
    assertThat(server.count("wfc.workflows")).isOne();
    server.transactions.rollback();

    assertThat(server.database.queryForString("select id from wfc.workflows")).isEqualTo("apart");
  }

  @Test
  void inATransactionThatIsMarkedForRollbackEveryVerbIsRefused() throws Exception {
    server.transactions.begin();
    server.transactions.setRollbackOnly();

    assertThatThrownBy(() -> provider.createNewWorkflow(workflow("w")))
        .isInstanceOf(CallerTransactionException.class)
        .hasMessageContaining("marked for rollback");
  }

  @Test
  void whatCommitsAsItGoesIsRefusedInATransaction() throws Exception {
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
}
