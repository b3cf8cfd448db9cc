package dev.wfe.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.model.WorkflowStatus;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Rule 1: Steps are executed at least once. */
abstract class Rule01AtLeastOnce extends HostRule {
  @Test
  void stepWhoseOutcomeWasStoredIsNotExecutedAgain() throws Exception {
    AtomicInteger first = new AtomicInteger();
    AtomicInteger second = new AtomicInteger();
    CountDownLatch hold = gate();
    Workflow<Notes> workflow =
        define()
            .run("first", notes -> first.incrementAndGet())
            .run(
                "second",
                notes -> {
                  if (second.incrementAndGet() == 1) {
                    hold.await();
                  }
                })
            .build();
    Interceptor dying = new Interceptor(store);
    started(builder(dying.provider(), workflow).lease(SHORT_LEASE).closeTimeout(Duration.ZERO));
    String id = WorkflowClient.over(store).startWorkflow(workflow, Notes.NONE).id();
    Eventually.until("second step", () -> second.get() == 1);
    die(dying);
    WorkflowHost other = host(workflow);
    assertThat(ended(other, workflow, id).status()).isEqualTo(WorkflowStatus.COMPLETE);
    assertThat(first).hasValue(1);
    assertThat(second).hasValue(2);
  }

  @Test
  void hostThatLostItsLeaseCannotWrite() throws Exception {
    AtomicInteger executions = new AtomicInteger();
    CountDownLatch hold = gate();
    AtomicBoolean interrupted = new AtomicBoolean();
    AtomicInteger returned = new AtomicInteger();
    Workflow<Notes> workflow =
        define()
            .call(
                "step",
                notes -> {
                  int execution = executions.incrementAndGet();
                  while (execution == 1 && hold.getCount() > 0) {
                    try {
                      hold.await();
                    } catch (InterruptedException leaseLost) {
                      interrupted.set(true);
                    }
                  }
                  returned.incrementAndGet();
                  return "by execution " + execution;
                },
                Notes::and)
            .build();
    Interceptor paused = new Interceptor(store);
    started(builder(paused.provider(), workflow).lease(SHORT_LEASE));
    String id = WorkflowClient.over(store).startWorkflow(workflow, Notes.NONE).id();
    Eventually.until("first execution", () -> executions.get() == 1);
    die(paused);
    WorkflowHost other = host(workflow);
    assertThat(ended(other, workflow, id).data().notes()).containsExactly("by execution 2");
    paused.pass();
    Eventually.until("interrupt", interrupted::get);
    hold.countDown();
    Eventually.until("return of the first execution", () -> returned.get() == 2);
    hosts.forEach(WorkflowHost::close);
    assertThat(WorkflowClient.over(store).state(workflow, id).data().notes())
        .containsExactly("by execution 2");
  }
}
