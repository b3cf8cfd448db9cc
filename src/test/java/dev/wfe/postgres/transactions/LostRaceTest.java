package dev.wfe.postgres.transactions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.CallerTransactionException;
import dev.wfe.persistence.DuplicateException;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.persistence.StaleRevisionException;
import jakarta.persistence.EntityManager;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The caller's transaction waits for another one, which then commits the same change. */
final class LostRaceTest {
  private static final String INSERT_WORKFLOW =
      "insert into wfc.workflows (id, name, definition_id, version, status, create_time)"
          + " values ('%s', '%s', 'd', 1, 'Runnable', now())";
  private static final String INSERT_POINTER =
      "insert into wfc.execution_pointers (id, workflow_id, step_id, status)"
          + " values ('%s', '%s', 1, 'Pending')";

  private Application application;
  private ExecutorService threads;

  @BeforeEach
  void open() {
    application = new Application();
    threads = Executors.newSingleThreadExecutor();
    application.provider.createNewWorkflow(workflow("w").build());
    application.provider.createNewWorkflow(workflow("theirs").build());
  }

  @AfterEach
  void close() {
    threads.shutdownNow();
    application.close();
  }

  private static WorkflowInstance.Builder workflow(String id) {
    return WorkflowInstance.builder("definition", 1).id(id);
  }

  private static WorkflowInstance.Builder withPointer(
      WorkflowInstance.Builder instance, String pointerId) {
    return instance.executionPointers(List.of(ExecutionPointer.builder(0).id(pointerId).build()));
  }

  /** Loses the race, writes its own row all the same, and commits. */
  private void lost(
      String theirs, Class<? extends Exception> refusal, Consumer<PersistenceProvider> ours)
      throws Exception {
    try (Connection other = application.database.dataSource().getConnection();
        Statement statement = other.createStatement()) {
      other.setAutoCommit(false);
      statement.execute(theirs);
      Future<?> waiting =
          threads.submit(() -> application.committed(em -> loser(em, refusal, ours)));
      application.database.awaitWaiting("", other);
      other.commit();
      waiting.get(1, TimeUnit.MINUTES);
    }
    assertThat(application.count("purchases")).isOne();
  }

  private boolean loser(
      EntityManager entityManager,
      Class<? extends Exception> refusal,
      Consumer<PersistenceProvider> ours) {
    entityManager.persist(new Purchase("before"));
    entityManager.flush();
    assertThatThrownBy(() -> ours.accept(application.provider.within(entityManager)))
        .isInstanceOf(refusal);
    return entityManager.createNativeQuery("select id from purchases").getResultList().size() == 1;
  }

  @Test
  void ofAnId() throws Exception {
    lost(
        INSERT_WORKFLOW.formatted("new", "name"),
        DuplicateException.class,
        store -> store.createNewWorkflow(workflow("new").build()));
  }

  @Test
  void ofAName() throws Exception {
    lost(
        INSERT_WORKFLOW.formatted("other", "new"),
        DuplicateException.class,
        store -> store.createNewWorkflow(withPointer(workflow("new"), "p").build()));
  }

  @Test
  void ofAPointerOfANewWorkflow() throws Exception {
    lost(
        INSERT_POINTER.formatted("p", "theirs"),
        DuplicateException.class,
        store -> store.createNewWorkflow(withPointer(workflow("new"), "p").build()));
    assertThat(application.count("wfc.workflows")).isEqualTo(2);
  }

  @Test
  void ofAnAddedPointer() throws Exception {
    lost(
        INSERT_POINTER.formatted("p", "theirs"),
        DuplicateException.class,
        store ->
            store.persistWorkflow(
                withPointer(store.getWorkflowInstance("w").toBuilder().reference("r"), "p")
                    .build()));
    assertThat(application.provider.getWorkflowInstance("w").reference()).isNull();
  }

  @Test
  void ofAPointerOfAValueWithoutRevision() throws Exception {
    lost(
        INSERT_POINTER.formatted("p", "theirs"),
        DuplicateException.class,
        store -> store.persistWorkflow(withPointer(workflow("w").name("w"), "p").build()));
  }

  @Test
  void ofANewName() throws Exception {
    lost(
        INSERT_WORKFLOW.formatted("other", "new"),
        DuplicateException.class,
        store ->
            store.persistWorkflow(store.getWorkflowInstance("w").toBuilder().name("new").build()));
  }

  @Test
  void ofASubscription() throws Exception {
    String insert =
        "insert into wfc.event_subscriptions (id, workflow_id, step_id, execution_pointer_id,"
            + " event_name, event_key, subscribe_as_of) values ('s', 'w', 1, 'p', 'e', 'k', now())";
    lost(
        insert,
        DuplicateException.class,
        store ->
            store.persistWorkflowWithSubscriptions(
                store.getWorkflowInstance("w"),
                List.of(
                    EventSubscription.builder("w", "p", "e", "k")
                        .subscribeAsOf(Instant.EPOCH)
                        .id("s")
                        .build())));
  }

  @Test
  void ofTheWorkflowItself() throws Exception {
    lost(
        "update wfc.workflows set status = 'Suspended' where id = 'w'",
        StaleRevisionException.class,
        store ->
            store.persistWorkflow(
                store.getWorkflowInstance("w").toBuilder().reference("r").build()));
  }

  @Test
  void underRepeatableReadAChangedWorkflowIsStaleAndTheTransactionOver() {
    try (EntityManager entityManager = application.factory.createEntityManager()) {
      entityManager.getTransaction().begin();
      entityManager
          .createNativeQuery("set transaction isolation level repeatable read")
          .executeUpdate();
      PersistenceProvider store = application.provider.within(entityManager);
      WorkflowInstance changed = store.getWorkflowInstance("w").toBuilder().reference("r").build();
      application.database.execute("update wfc.workflows set status = 'Suspended' where id = 'w'");

      assertThatThrownBy(() -> store.persistWorkflow(changed))
          .isInstanceOf(StaleRevisionException.class);
      assertThatThrownBy(() -> store.getWorkflowInstance("w"))
          .isInstanceOf(CallerTransactionException.class);
      entityManager.getTransaction().rollback();
    }
  }
}
