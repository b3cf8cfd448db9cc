package dev.wfe.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.model.WorkflowStatus;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Rule 5: A dead host's work goes on elsewhere. */
abstract class Rule05TakeOver extends HostRule {
  @Test
  void workOfManyInstancesGoesOnElsewhere() throws Exception {
    CountDownLatch hold = gate();
    AtomicBoolean isFirstAlive = new AtomicBoolean(true);
    AtomicInteger atFirst = new AtomicInteger();
    Workflow<Notes> workflow =
        define()
            .run(
                "step",
                notes -> {
                  if (isFirstAlive.get()) {
                    atFirst.incrementAndGet();
                    hold.await();
                  }
                })
            .build();
    Interceptor dying = new Interceptor(store);
    started(builder(dying.provider(), workflow).lease(SHORT_LEASE).closeTimeout(Duration.ZERO));
    WorkflowClient client = WorkflowClient.over(store);
    List<String> ids =
        IntStream.range(0, 20)
            .mapToObj(i -> client.startWorkflow(workflow, Notes.NONE).id())
            .toList();
    Eventually.until("steps of the first host", () -> atFirst.get() == 4);
    die(dying);
    isFirstAlive.set(false);
    WorkflowHost other = started(builder(store, workflow).lease(SHORT_LEASE));
    for (String id : ids) {
      assertThat(ended(other, workflow, id).status()).isEqualTo(WorkflowStatus.COMPLETE);
    }
  }

  @Test
  void leaseOfALongStepIsRenewed() throws Exception {
    AtomicInteger executions = new AtomicInteger();
    AtomicInteger renewals = new AtomicInteger();
    CountDownLatch hold = gate();
    Workflow<Notes> workflow =
        define()
            .run(
                "step",
                notes -> {
                  executions.incrementAndGet();
                  hold.await();
                })
            .build();
    Interceptor watched = new Interceptor(store);
    watched.intercept(
        (operation, call) -> {
          Object result = call.proceed();
          if (operation.equals("renew")) {
            renewals.incrementAndGet();
          }
          return result;
        });
    WorkflowHost host = started(builder(watched.provider(), workflow).lease(SHORT_LEASE));
    started(builder(watched.provider(), workflow).lease(SHORT_LEASE));
    String id = WorkflowClient.over(store).startWorkflow(workflow, Notes.NONE).id();
    Eventually.until(
        "renewals for more than a lease", () -> renewals.get() >= 5 || executions.get() > 1);
    hold.countDown();
    ended(host, workflow, id);
    assertThat(executions).hasValue(1);
  }

  @Test
  void closedHostGivesItsWorkBackAtOnce() throws Exception {
    AtomicInteger executions = new AtomicInteger();
    AtomicBoolean interrupted = new AtomicBoolean();
    CountDownLatch hold = gate();
    Workflow<Notes> workflow =
        define()
            .run(
                "step",
                notes -> {
                  if (executions.incrementAndGet() == 1) {
                    try {
                      hold.await();
                    } catch (InterruptedException closing) {
                      interrupted.set(true);
                      throw closing;
                    }
                  }
                })
            .build();
    WorkflowHost first =
        started(builder(store, workflow).lease(Duration.ofHours(1)).closeTimeout(Duration.ZERO));
    String id = first.startWorkflow(workflow, Notes.NONE).id();
    Eventually.until("first execution", () -> executions.get() == 1);
    first.close();
    Eventually.until("interrupt", interrupted::get);
    WorkflowHost other = host(workflow);
    ended(other, workflow, id);
    assertThat(executions).hasValue(2);
  }
}
