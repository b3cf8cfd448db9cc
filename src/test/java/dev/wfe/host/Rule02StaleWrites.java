package dev.wfe.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.model.PointerStatus;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.WorkflowWrite;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Rule 2: Outcomes are applied again if a write is stale. */
abstract class Rule02StaleWrites extends HostRule {
  private final AtomicInteger executions = new AtomicInteger();
  private final CountDownLatch begun = gate();
  private final CountDownLatch hold = gate();
  private final AtomicInteger following = new AtomicInteger();

  private final Workflow<Notes> workflow =
      define()
          .call(
              "step",
              notes -> {
                executions.incrementAndGet();
                begun.countDown();
                hold.await();
                return "done";
              },
              Notes::and)
          .run("next", notes -> following.incrementAndGet())
          .build();

  @Test
  void thousandEventsArriveDuringOneStepAndItIsExecutedOnce() throws Exception {
    WorkflowHost host = host(workflow);
    String id = host.startWorkflow(workflow, Notes.NONE).id();
    begun.await();
    for (int i = 0; i < 1_000; i++) {
      host.publish(CALLED, id, "event " + i);
      store.write(WorkflowWrite.of(store.getLiveWorkflow(id)).build());
    }
    hold.countDown();
    assertThat(ended(host, workflow, id).data().notes()).containsExactly("done");
    assertThat(executions).hasValue(1);
    assertThat(following).hasValue(1);
  }

  @Test
  void suspendedMeanwhileTheOutcomeIsRecordedAndNothingBegins() throws Exception {
    WorkflowHost host = host(workflow);
    String id = host.startWorkflow(workflow, Notes.NONE).id();
    begun.await();
    host.suspend(id);
    hold.countDown();
    awaitState(workflow, id, state -> state.data().notes().contains("done"));
    assertThat(host.state(workflow, id).status()).isEqualTo(WorkflowStatus.SUSPENDED);
    host.close();
    assertThat(following).hasValue(0);
    WorkflowHost other = host(workflow);
    other.resume(id);
    ended(other, workflow, id);
    assertThat(executions).hasValue(1);
    assertThat(following).hasValue(1);
  }

  @Test
  void terminatedMeanwhileTheOutcomeIsRecordedAndNothingFollows() throws Exception {
    WorkflowHost host = host(workflow);
    String id = host.startWorkflow(workflow, Notes.NONE).id();
    begun.await();
    host.terminate(id);
    hold.countDown();
    awaitState(workflow, id, state -> state.data().notes().contains("done"));
    assertThat(host.state(workflow, id).status()).isEqualTo(WorkflowStatus.TERMINATED);
    assertThat(host.state(workflow, id).step("next")).isEmpty();
  }

  @Test
  void failureWhileSuspendedIsNotTakenForTheEndByResume() throws Exception {
    CountDownLatch started = gate();
    CountDownLatch fail = gate();
    AtomicInteger failures = new AtomicInteger();
    Workflow<Notes> failing =
        define()
            .run(
                "step",
                notes -> {
                  started.countDown();
                  fail.await();
                  if (failures.incrementAndGet() == 1) {
                    throw new IllegalStateException("broken");
                  }
                },
                RetryPolicy.none())
            .run("next", notes -> following.incrementAndGet())
            .build();
    WorkflowHost host = host(failing);
    String id = host.startWorkflow(failing, Notes.NONE).id();
    started.await();
    host.suspend(id);
    fail.countDown();
    awaitState(
        failing, id, state -> state.step("step").orElseThrow().status() == PointerStatus.FAILED);
    assertThat(host.resume(id)).isFalse();
    assertThat(host.state(failing, id).status()).isEqualTo(WorkflowStatus.SUSPENDED);
    assertThat(host.retry(id)).isEqualTo(1);
    assertThat(ended(host, failing, id).status()).isEqualTo(WorkflowStatus.COMPLETE);
    assertThat(following).hasValue(1);
  }
}
