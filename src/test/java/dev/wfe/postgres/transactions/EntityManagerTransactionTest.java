package dev.wfe.postgres.transactions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.ScheduledCommand;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.CallerTransactionException;
import dev.wfe.persistence.DuplicateException;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.persistence.StaleRevisionException;
import dev.wfe.persistence.StoreUnavailableException;
import dev.wfe.persistence.TokenMismatchException;
import dev.wfe.postgres.entity.WorkflowEntity;
import jakarta.persistence.EntityManager;
import jakarta.persistence.FlushModeType;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.hibernate.Session;
import org.hibernate.exception.ConstraintViolationException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class EntityManagerTransactionTest {
  private static final Instant LATER = Instant.parse("2100-01-01T00:00:00Z");

  private Application application;
  private EntityManager entityManager;
  private PersistenceProvider view;

  @BeforeEach
  void begin() {
    application = new Application();
    application.provider.createNewWorkflow(workflow("w"));
    entityManager = application.factory.createEntityManager();
    entityManager.getTransaction().begin();
    view = application.provider.within(entityManager);
  }

  @AfterEach
  void close() {
    if (entityManager.isOpen()) {
      if (entityManager.getTransaction().isActive()) {
        entityManager.getTransaction().rollback();
      }
      entityManager.close();
    }
    application.close();
  }

  private static WorkflowInstance workflow(String id) {
    return WorkflowInstance.builder("definition", 1)
        .id(id)
        .executionPointers(List.of(ExecutionPointer.builder(0).id(id + ".0").build()))
        .build();
  }

  private void writeEverything() {
    entityManager.persist(new Purchase("p"));
    view.createNewWorkflow(workflow("new"));
    view.persistWorkflowWithSubscriptions(
        view.getWorkflowInstance("w").toBuilder().reference("changed").build(),
        List.of(
            EventSubscription.builder("w", "w.0", "paid", "1")
                .subscribeAsOf(Instant.EPOCH)
                .id("s")
                .build()));
    view.setSubscriptionToken("s", "token", "worker", Duration.ofMinutes(1));
    view.createEvent(Event.builder("paid", "2").id("e").build());
    view.markEventProcessed("e");
    view.scheduleCommand(ScheduledCommand.processWorkflow("w", 1));
    view.nextDefinitionSequence("definition");
  }

  private long rows() {
    return application.count("purchases")
        + application.count("wfc.workflows")
        + application.count("wfc.execution_pointers")
        + application.count("wfc.event_subscriptions")
        + application.count("wfc.events where is_processed")
        + application.count("wfc.scheduled_commands")
        + application.count("wfc.definition_sequences");
  }

  @Test
  void committedWithTheCallersRowsEverythingIsThere() {
    writeEverything();
    assertThat(rows()).isEqualTo(2);

    entityManager.getTransaction().commit();

    assertThat(rows()).isEqualTo(9);
    assertThat(application.provider.getWorkflowInstance("w").reference()).isEqualTo("changed");
  }

  @Test
  void rolledBackWithTheCallersRowsNothingIsThere() {
    writeEverything();

    entityManager.getTransaction().rollback();

    assertThat(rows()).isEqualTo(2);
    assertThat(application.provider.getWorkflowInstance("w").reference()).isNull();
  }

  @Test
  void aTransactionReadsItsOwnWrites() {
    writeEverything();

    assertThat(view.getWorkflowInstance("w").reference()).isEqualTo("changed");
    assertThat(view.getWorkflowInstances(List.of("new", "w"))).hasSize(2);
    assertThat(view.getEvent("e").processed()).isTrue();
    assertThat(view.getRunnableInstances(LATER)).containsExactlyInAnyOrder("new", "w");
    assertThat(view.getSubscription("s").externalToken()).isEqualTo("token");
  }

  @Test
  void refusalsLeaveTheTransactionAsItWas() {
    WorkflowInstance read = view.getWorkflowInstance("w");
    view.persistWorkflow(read.toBuilder().reference("first").build());
    view.createEventSubscription(
        EventSubscription.builder("w", "p", "paid", "1")
            .subscribeAsOf(Instant.EPOCH)
            .id("s")
            .build());
    assertThat(view.setSubscriptionToken("s", "mine", "worker", LATER)).isTrue();

    assertThatThrownBy(() -> view.persistWorkflow(read)).isInstanceOf(StaleRevisionException.class);
    assertThatThrownBy(
            () -> view.persistWorkflow(workflow("unknown").toBuilder().name("unknown").build()))
        .isInstanceOf(NotFoundException.class);
    assertThatThrownBy(() -> view.createNewWorkflow(workflow("w")))
        .isInstanceOf(DuplicateException.class);
    WorkflowInstance takesAPointer = workflow("w").toBuilder().id("other").name("other").build();
    assertThatThrownBy(() -> view.createNewWorkflow(takesAPointer))
        .isInstanceOfSatisfying(
            DuplicateException.class, failure -> assertThat(failure.ids()).containsExactly("w.0"));
    assertThatThrownBy(
            () ->
                view.createEventSubscription(
                    EventSubscription.builder("w", "p", "paid", "1")
                        .subscribeAsOf(Instant.EPOCH)
                        .id("s")
                        .build()))
        .isInstanceOf(DuplicateException.class);
    assertThat(view.setSubscriptionToken("s", "theirs", "worker", LATER)).isFalse();
    assertThatThrownBy(() -> view.clearSubscriptionToken("s", "theirs"))
        .isInstanceOf(TokenMismatchException.class);
    assertThatThrownBy(() -> view.getEvent("unknown")).isInstanceOf(NotFoundException.class);

    entityManager.persist(new Purchase("p"));
    entityManager.getTransaction().commit();
    assertThat(application.count("purchases")).isOne();
    assertThat(application.count("wfc.workflows")).isOne();
    assertThat(application.provider.getWorkflowInstance("w").reference()).isEqualTo("first");
  }

  @Test
  void aRevisionOfARolledBackTransactionIsStale() {
    WorkflowInstance written =
        view.persistWorkflow(view.getWorkflowInstance("w").toBuilder().reference("r").build());
    entityManager.getTransaction().rollback();

    assertThatThrownBy(() -> application.provider.persistWorkflow(written))
        .isInstanceOf(StaleRevisionException.class);
  }

  @Test
  void theCallersChangesAreFlushedFirst() {
    WorkflowEntity entity = entityManager.find(WorkflowEntity.class, "w");
    entity.setReference("by the caller");

    assertThat(view.getWorkflowInstance("w").reference()).isEqualTo("by the caller");
  }

  @Test
  void aReadFollowsTheFlushModeOfQueriesAndAWriteFlushesAlways() {
    entityManager.setFlushMode(FlushModeType.COMMIT);
    entityManager.find(WorkflowEntity.class, "w").setReference("by the caller");

    WorkflowInstance read = view.getWorkflowInstance("w");
    assertThat(read.reference()).isNull();
    assertThatThrownBy(() -> view.persistWorkflow(read)).isInstanceOf(StaleRevisionException.class);
    assertThat(view.getWorkflowInstance("w").reference()).isEqualTo("by the caller");
  }

  @Test
  void entitiesOfTheStoreThatWereLoadedAreDetachedByAWrite() {
    Purchase purchase = new Purchase("p");
    entityManager.persist(purchase);
    WorkflowEntity loaded = entityManager.find(WorkflowEntity.class, "w");
    WorkflowEntity reference = entityManager.getReference(WorkflowEntity.class, "w");
    assertThat(loaded.getExecutionPointers()).hasSize(1);

    view.persistWorkflow(
        view.getWorkflowInstance("w").toBuilder()
            .reference("changed")
            .executionPointers(List.of())
            .build());

    assertThat(entityManager.contains(loaded)).isFalse();
    assertThat(entityManager.contains(reference)).isFalse();
    assertThat(entityManager.contains(purchase)).isTrue();
    WorkflowEntity found = entityManager.find(WorkflowEntity.class, "w");
    assertThat(found.getReference()).isEqualTo("changed");
    assertThat(found.getExecutionPointers()).isEmpty();
  }

  @Test
  void aReadOrARefusalDetachesNothing() {
    WorkflowEntity loaded = entityManager.find(WorkflowEntity.class, "w");

    view.getWorkflowInstance("w");
    assertThatThrownBy(() -> view.createNewWorkflow(workflow("w")))
        .isInstanceOf(DuplicateException.class);

    assertThat(entityManager.contains(loaded)).isTrue();
  }

  @Test
  void anInitialisedProxyShowsWhatIsStoredWhenItIsFoundAgain() {
    WorkflowEntity proxy = entityManager.getReference(WorkflowEntity.class, "w");
    assertThat(proxy.getReference()).isNull();

    view.persistWorkflow(view.getWorkflowInstance("w").toBuilder().reference("changed").build());

    assertThat(entityManager.find(WorkflowEntity.class, "w").getReference()).isEqualTo("changed");
  }

  @Test
  void theApplicationsQueriesJoinTheStoresEntities() {
    view.createNewWorkflow(workflow("new"));
    Purchase purchase = new Purchase("p");
    purchase.workflow = entityManager.getReference(WorkflowEntity.class, "new");
    entityManager.persist(purchase);
    view.persistWorkflow(view.getWorkflowInstance("new").toBuilder().reference("paid").build());

    assertThat(
            entityManager
                .createQuery("select p.workflow.reference from Purchase p", String.class)
                .getSingleResult())
        .isEqualTo("paid");
    entityManager.getTransaction().commit();
    assertThat(application.database.queryForString("select workflow_id from purchases"))
        .isEqualTo("new");
  }

  @Test
  void anEntityManagerOfAnotherUnitOnTheSameDatabaseServesToo() {
    try (Application.Plain plain = new Application.Plain(application.database);
        EntityManager other = plain.factory().createEntityManager()) {
      other.getTransaction().begin();
      application.provider.within(other).createNewWorkflow(workflow("new"));
      assertThat(application.count("wfc.workflows")).isOne();
      other.getTransaction().commit();
      assertThat(application.count("wfc.workflows")).isEqualTo(2);
    }
  }

  @Test
  void withoutATransactionEveryOperationIsRefused() {
    entityManager.getTransaction().commit();

    assertThatThrownBy(() -> view.getWorkflowInstance("w"))
        .isInstanceOf(CallerTransactionException.class)
        .hasMessage("getWorkflowInstance: the EntityManager has no active transaction");
    assertThatThrownBy(() -> view.createNewWorkflow(workflow("new")))
        .isInstanceOf(CallerTransactionException.class);
    entityManager.close();
    assertThatThrownBy(() -> view.getWorkflowInstance("w"))
        .isInstanceOf(CallerTransactionException.class)
        .hasMessage("getWorkflowInstance: the EntityManager is closed or has no transaction");
  }

  @Test
  void aConnectionInAutoCommitModeIsRefused() {
    assertThatThrownBy(() -> view.processCommands(LATER, command -> {}))
        .isInstanceOf(CallerTransactionException.class)
        .hasMessageStartingWith("processCommands: cannot be part of the caller's transaction");
    assertThatThrownBy(view::ensureStoreExists).isInstanceOf(CallerTransactionException.class);

    view.createNewWorkflow(workflow("new"));
    entityManager.getTransaction().commit();
    assertThat(application.count("wfc.workflows")).isEqualTo(2);
  }

  @Test
  void independentWritesSurviveARollback() {
    writeEverything();

    application.provider.inOwnTransactions().createNewWorkflow(workflow("apart"));
    entityManager.getTransaction().rollback();

    assertThat(application.provider.getWorkflowInstance("apart").id()).isEqualTo("apart");
    assertThat(rows()).isEqualTo(4);
  }

  @Test
  void afterAnErrorTheOperationsSayThatTheTransactionIsToBeRolledBack() {
    assertThatThrownBy(() -> entityManager.createNativeQuery("select 1 / 0").getSingleResult())
        .isNotNull();

    assertThatThrownBy(() -> view.getWorkflowInstance("w"))
        .isInstanceOf(CallerTransactionException.class)
        .hasMessageEndingWith("roll the transaction back");
    assertThatThrownBy(() -> view.createNewWorkflow(workflow("new")))
        .isInstanceOf(CallerTransactionException.class);
  }

  @Test
  void inAReadOnlyTransactionReadsWorkAndWritesAreRefused() {
    entityManager.createNativeQuery("set transaction read only").executeUpdate();

    assertThat(view.getWorkflowInstance("w").id()).isEqualTo("w");
    assertThatThrownBy(() -> view.createNewWorkflow(workflow("new")))
        .isInstanceOf(CallerTransactionException.class)
        .hasMessageContaining("read only");
  }

  @Test
  void aBrokenConnectionTakesTheTransactionWithIt() {
    view.createNewWorkflow(workflow("new"));
    terminateSession();

    assertThatThrownBy(() -> view.createNewWorkflow(workflow("newer")))
        .isInstanceOf(StoreUnavailableException.class)
        .hasMessageContaining("and with it the transaction");
    assertThatThrownBy(() -> entityManager.getTransaction().commit()).isNotNull();
    assertThat(application.count("wfc.workflows")).isOne();
  }

  @Test
  void soDoesOneThatIsFoundBrokenWhenTheCallersChangesAreFlushed() {
    entityManager.persist(new Purchase("p"));
    terminateSession();

    assertThatThrownBy(() -> view.createNewWorkflow(workflow("new")))
        .isInstanceOf(StoreUnavailableException.class)
        .hasMessageStartingWith("createNewWorkflow: the connection broke, and with it the trans");
    assertThatThrownBy(() -> entityManager.getTransaction().commit()).isNotNull();
    assertThat(application.count("purchases")).isZero();
  }

  @Test
  void failuresOfTheCallersChangesAreHibernates() {
    application.factory.inTransaction(other -> other.persist(new Purchase("p")));
    entityManager.persist(new Purchase("p"));

    assertThatThrownBy(() -> view.createNewWorkflow(workflow("new")))
        .isInstanceOf(ConstraintViolationException.class);
  }

  private void terminateSession() {
    Integer session =
        entityManager
            .unwrap(Session.class)
            .doReturningWork(
                connection -> {
                  try (var rows =
                      connection.createStatement().executeQuery("select pg_backend_pid()")) {
                    rows.next();
                    return rows.getInt(1);
                  }
                });
    application.database.execute("select pg_terminate_backend(%s)".formatted(session));
  }

  @Test
  void savepointsOfTheCallerAreKept() {
    entityManager.createNativeQuery("savepoint wfe_claim").executeUpdate();
    view.createNewWorkflow(workflow("new"));
    assertThatThrownBy(() -> view.createNewWorkflow(workflow("new")))
        .isInstanceOf(DuplicateException.class);
    entityManager.createNativeQuery("rollback to savepoint wfe_claim").executeUpdate();
    entityManager.getTransaction().commit();

    assertThat(application.count("wfc.workflows")).isOne();
  }
}
