package dev.wfe.postgres.transactions;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.postgres.cost.CountingSockets;
import dev.wfe.postgres.testing.TestDatabase;
import jakarta.persistence.EntityManager;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An operation in the caller's transaction is one round trip, its savepoint included. */
final class TransactionRoundTripTest {
  /** The driver prepares a statement on the server when it runs it for the fifth time. */
  private static final int WARM_UP = 6;

  private static final int SAVEPOINT_AND_RELEASE = 2;

  private Application application;
  private EntityManager entityManager;
  private PersistenceProvider view;

  @BeforeEach
  void begin() {
    TestDatabase database = TestDatabase.migrated();
    application = new Application(database, CountingSockets.url(database));
    entityManager = application.factory.createEntityManager();
    entityManager.getTransaction().begin();
    view = application.provider.within(entityManager);
  }

  @AfterEach
  void close() {
    entityManager.getTransaction().rollback();
    entityManager.close();
    application.close();
  }

  private static ExecutionPointer pointer(String id) {
    return ExecutionPointer.builder(0).id(id).build();
  }

  private static WorkflowInstance workflow(String id) {
    return WorkflowInstance.builder("definition", 1)
        .id(id)
        .executionPointers(List.of(pointer(id)))
        .build();
  }

  /** Something that is done again and again, each time another. */
  private interface Call {
    void make(int index);
  }

  private static void assertOneRoundTrip(int statements, Call call) {
    for (int i = 0; i < WARM_UP; i++) {
      call.make(i);
    }
    long roundTripsBefore = CountingSockets.roundTrips();
    long statementsBefore = CountingSockets.statements();
    call.make(WARM_UP);
    assertThat(CountingSockets.roundTrips() - roundTripsBefore).isOne();
    assertThat(CountingSockets.statements() - statementsBefore).isEqualTo(statements);
  }

  @Test
  void aCreateWithPointersIsFenced() {
    assertOneRoundTrip(
        1 + SAVEPOINT_AND_RELEASE, index -> view.createNewWorkflow(workflow("w" + index)));
  }

  @Test
  void aPersistThatAddsAPointerIsFenced() {
    view.createNewWorkflow(workflow("w"));
    WorkflowInstance[] last = {view.getWorkflowInstance("w")};

    assertOneRoundTrip(
        1 + SAVEPOINT_AND_RELEASE,
        index ->
            last[0] =
                view.persistWorkflow(
                    last[0].toBuilder()
                        .executionPointers(List.of(pointer("added" + index)))
                        .build()));
  }

  @Test
  void aPersistThatClaimsNothingIsNotFenced() {
    view.createNewWorkflow(workflow("w"));
    WorkflowInstance[] last = {view.getWorkflowInstance("w")};

    assertOneRoundTrip(
        1,
        index ->
            last[0] = view.persistWorkflow(last[0].toBuilder().reference("r" + index).build()));
  }

  @Test
  void aReadIsNotFenced() {
    view.createNewWorkflow(workflow("w"));

    assertOneRoundTrip(1, index -> view.getWorkflowInstance("w"));
  }
}
