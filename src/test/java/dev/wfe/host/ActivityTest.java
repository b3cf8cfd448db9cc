package dev.wfe.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.memory.InMemoryPersistenceProvider;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.testing.WorkflowTest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class ActivityTest {
  record Payment(String id, long cents, @Nullable String receipt) {
    Payment paid(String given) {
      return new Payment(id, cents, given);
    }
  }

  private static final ActivityType<Payment, String> PAY =
      ActivityType.of("pay", Payment.class, String.class);

  private final Workflow<Payment> workflow =
      Workflow.define("payment", 1, Payment.class)
          .activity(
              "pay",
              PAY,
              payment -> payment,
              Payment::paid,
              RetryPolicy.fixed(Duration.ofMinutes(1)).maxAttempts(2),
              TimeLimit.of(Duration.ofHours(2)))
          .build();

  @Test
  void workflowGetsTheOutputOfTheWorker() {
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      String id = test.start(workflow, new Payment("p-1", 100, null));
      ActivityTask<Payment, String> task = test.take(PAY).orElseThrow();
      assertThat(task.input().cents()).isEqualTo(100);
      assertThat(test.take(PAY)).isEmpty();
      task.complete("r-1");
      test.advance(Duration.ZERO);
      assertThat(test.state(workflow, id).status()).isEqualTo(WorkflowStatus.COMPLETE);
      assertThat(test.state(workflow, id).data().receipt()).isEqualTo("r-1");
      assertThat(test.take(PAY)).isEmpty();
    }
  }

  @Test
  void activityThatIsGivenBackCanBeTakenAtOnce() {
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      test.start(workflow, new Payment("p-1", 100, null));
      ActivityTask<Payment, String> first = test.take(PAY).orElseThrow();
      assertThat(first.renew(Duration.ofMinutes(1))).isTrue();
      first.giveBack();
      ActivityTask<Payment, String> second = test.take(PAY).orElseThrow();
      assertThat(second.attempt()).isEqualTo(1);
      first.giveBack();
      assertThat(test.take(PAY)).isEmpty();
    }
  }

  @Test
  void activityThatIsOverCannotBeRenewed() {
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      test.start(workflow, new Payment("p-1", 100, null));
      ActivityTask<Payment, String> task = test.take(PAY).orElseThrow();
      task.complete("r-1");
      test.advance(Duration.ZERO);
      assertThat(task.renew(Duration.ofMinutes(1))).isFalse();
      task.giveBack();
      task.complete("again");
      task.fail("too late");
    }
  }

  @Test
  void failedActivityIsOfferedAgainAfterThePause() {
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      String id = test.start(workflow, new Payment("p-1", 100, null));
      ActivityTask<Payment, String> first = test.take(PAY).orElseThrow();
      first.fail("bank is closed");
      test.advance(Duration.ZERO);
      assertThat(test.take(PAY)).isEmpty();
      assertThat(test.state(workflow, id).steps().get(0).error()).isEqualTo("bank is closed");
      test.advance(Duration.ofSeconds(67));
      ActivityTask<Payment, String> second = test.take(PAY).orElseThrow();
      assertThat(first.attempt()).isEqualTo(1);
      assertThat(second.attempt()).isEqualTo(2);
      assertThat(second.idempotencyKey()).isEqualTo(first.idempotencyKey());
      first.complete("late result of the first attempt");
      second.complete("r-2");
      test.advance(Duration.ZERO);
      assertThat(test.state(workflow, id).data().receipt()).isEqualTo("r-2");
    }
  }

  @Test
  void activityThatIsRetriedByHandGetsItsNewResult() {
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      String id = test.start(workflow, new Payment("p-1", 100, null));
      test.take(PAY).orElseThrow().fail("bank is closed");
      test.advance(Duration.ofSeconds(67));
      test.take(PAY).orElseThrow().fail("bank is closed");
      test.advance(Duration.ZERO);
      assertThat(test.state(workflow, id).status()).isEqualTo(WorkflowStatus.SUSPENDED);

      test.retry(id);
      test.take(PAY).orElseThrow().fail("bank is still closed");
      test.advance(Duration.ofSeconds(67));
      test.take(PAY).orElseThrow().complete("r-1");
      test.advance(Duration.ZERO);

      assertThat(test.state(workflow, id).status()).isEqualTo(WorkflowStatus.COMPLETE);
      assertThat(test.state(workflow, id).data().receipt()).isEqualTo("r-1");
    }
  }

  @Test
  void activityWithoutResultFailsAfterItsTimeLimit() {
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      String id = test.start(workflow, new Payment("p-1", 100, null));
      test.advance(Duration.ofHours(5));
      WorkflowState<Payment> state = test.state(workflow, id);
      assertThat(state.status()).isEqualTo(WorkflowStatus.SUSPENDED);
      assertThat(state.steps().get(0).failures()).isEqualTo(2);
      assertThat(test.take(PAY)).isEmpty();
    }
  }

  @Test
  void resultsAreForgottenWhenTheActivityIsOver() {
    Workflow<Payment> longer =
        Workflow.define("longer", 1, Payment.class)
            .activity(
                "pay",
                PAY,
                payment -> payment,
                Payment::paid,
                RetryPolicy.fixed(Duration.ofMinutes(1)).maxAttempts(2))
            .delay("pause", Duration.ofDays(1))
            .build();
    Instant[] now = {Instant.parse("2026-01-01T12:00:00Z")};
    InMemoryPersistenceProvider store = new InMemoryPersistenceProvider(() -> now[0]);
    SteppedHost host = WorkflowHost.builder(store).workflow(longer).buildStepped(() -> now[0]);
    String id =
        WorkflowClient.over(store).startWorkflow(longer, new Payment("p-1", 100, null)).id();
    ActivityClient worker = ActivityClient.over(store, "worker");
    var unused = host.runDue();
    worker.take(PAY, Duration.ofHours(1)).orElseThrow().fail("bank is closed");
    unused = host.runDue();
    now[0] = now[0].plusSeconds(67);
    unused = host.runDue();
    worker.take(PAY, Duration.ofHours(1)).orElseThrow().complete("r-1");

    unused = host.runDue();

    List<ExecutionPointer> pointers = store.getWorkflowInstance(id).executionPointers();
    assertThat(pointers).hasSize(2);
    assertThat(pointers.get(0).extensionAttributes()).containsOnlyKeys("error");
    assertThat(pointers.get(1).extensionAttributes()).isEmpty();
  }

  @Test
  void resultOfAFailedAttemptIsProcessedWhileTheNextOneIsOpen() {
    Instant[] now = {Instant.parse("2026-01-01T12:00:00Z")};
    InMemoryPersistenceProvider store = new InMemoryPersistenceProvider(() -> now[0]);
    SteppedHost host = WorkflowHost.builder(store).workflow(workflow).buildStepped(() -> now[0]);
    WorkflowClient.over(store).startWorkflow(workflow, new Payment("p-1", 100, null));
    var unused = host.runDue();
    ActivityClient worker = ActivityClient.over(store, "worker");
    worker.take(PAY, Duration.ofHours(1)).orElseThrow().fail("bank is closed");
    unused = host.runDue();
    now[0] = now[0].plusSeconds(67);
    unused = host.runDue();

    assertThat(worker.take(PAY, Duration.ofHours(1))).isPresent();
    assertThat(store.getRunnableEvents(Instant.MAX)).isEmpty();
  }
}
