package dev.wfe.postgres.transactions;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.postgres.testing.ThreadKind;
import jakarta.persistence.EntityManager;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class ManyThreadsTest {
  private static final int THREADS = 200;

  @ParameterizedTest
  @EnumSource
  void manyAtOnceShareFourConnections(ThreadKind kind) throws Exception {
    kind.assumeThere();
    try (Application application = new Application()) {
      List<FutureTask<Boolean>> transactions = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        String id = "w" + i;
        transactions.add(
            new FutureTask<>(
                () -> application.committed(em -> buy(application.provider.within(em), em, id))));
      }
      transactions.forEach(transaction -> kind.thread(transaction).start());
      for (FutureTask<Boolean> transaction : transactions) {
        assertThat(transaction.get(Duration.ofMinutes(1).toSeconds(), TimeUnit.SECONDS)).isTrue();
      }

      assertThat(application.count("purchases")).isEqualTo(THREADS);
      assertThat(application.count("wfc.workflows where status = 'Complete'")).isEqualTo(THREADS);
    }
  }

  private static boolean buy(PersistenceProvider view, EntityManager entityManager, String id) {
    entityManager.persist(new Purchase(id));
    view.createNewWorkflow(WorkflowInstance.builder("definition", 1).id(id).build());
    WorkflowInstance read = view.getWorkflowInstance(id);
    view.persistWorkflow(read.toBuilder().status(WorkflowStatus.COMPLETE).build());
    return true;
  }
}
