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

/** Rule 11: The database is away for a while. */
abstract class Rule11Outage extends HostRule {
  private final AtomicInteger failures = new AtomicInteger();
  private final AtomicInteger operations = new AtomicInteger(100);

  private Workflow<Notes> workflow() {
    return define()
        .call("one", notes -> "1", Notes::and)
        .await("wait", CALLED, notes -> "key", Notes::and)
        .callInTransaction("two", (notes, transaction) -> "2", Notes::and)
        .delay("pause", Duration.ofMillis(1))
        .run("three", notes -> {})
        .build();
  }

  @Test
  void workGoesOnWhenTheDatabaseIsBack() throws Exception {
    Workflow<Notes> workflow = workflow();
    Interceptor interceptor = new Interceptor(store);
    WorkflowHost host = started(builder(interceptor.provider(), workflow).lease(SHORT_LEASE));
    WorkflowClient client = WorkflowClient.over(store);
    interceptor.intercept(
        (operation, call) -> {
          failures.incrementAndGet();
          throw unavailable();
        });
    String id = client.startWorkflow(workflow, Notes.NONE).id();
    client.publish(CALLED, "key", "event");
    Eventually.until("failures", () -> failures.get() > 10);
    interceptor.pass();
    assertThat(ended(client, workflow, id).data().notes()).containsExactly("1", "event", "2");
    assertThat(host.state(workflow, id).status()).isEqualTo(WorkflowStatus.COMPLETE);
  }

  @Test
  void everyOperationFailsNowAndThenBeforeItWrites() throws Exception {
    assertWorkGoesOn(
        (operation, call) -> {
          if (isOutage() || (isWrite(operation) && isThird())) {
            throw unavailable();
          }
          return call.proceed();
        });
  }

  @Test
  void outcomesAreUnknownNowAndThenBeforeTheWrite() throws Exception {
    assertWorkGoesOn(
        (operation, call) -> {
          if (isWrite(operation) && isThird()) {
            throw unknown(operation);
          }
          return call.proceed();
        });
  }

  @Test
  void outcomesAreUnknownNowAndThenAfterTheWrite() throws Exception {
    assertWorkGoesOn(
        (operation, call) -> {
          if (isWrite(operation) && isThird()) {
            call.proceed();
            throw unknown(operation);
          }
          return call.proceed();
        });
  }

  /** Many operations in a row fail, again and again. */
  private boolean isOutage() {
    return operations.incrementAndGet() % 200 < 20;
  }

  private boolean isThird() {
    return failures.incrementAndGet() % 3 == 0;
  }

  private boolean isWrite(String operation) {
    return operation.equals("writeAll") || operation.equals("inTransaction");
  }

  private void assertWorkGoesOn(Interceptor.Around around) throws Exception {
    Workflow<Notes> workflow = workflow();
    Interceptor interceptor = new Interceptor(store);
    started(builder(interceptor.provider(), workflow).lease(SHORT_LEASE));
    started(builder(interceptor.provider(), workflow).lease(SHORT_LEASE));
    interceptor.intercept(around);
    WorkflowClient client = WorkflowClient.over(store);
    List<String> ids =
        IntStream.range(0, 20)
            .mapToObj(i -> client.startWorkflow(workflow, Notes.NONE).id())
            .toList();
    client.publish(CALLED, "key", "event");
    for (String id : ids) {
      assertThat(ended(client, workflow, id).data().notes()).containsExactly("1", "event", "2");
    }
    interceptor.pass();
  }

  @Test
  void transactionOfAReleasedInstanceIsNotExecutedWithoutALease() throws Exception {
    AtomicInteger second = new AtomicInteger();
    CountDownLatch hold = gate();
    Workflow<Notes> workflow =
        define()
            .runInTransaction("first", (notes, transaction) -> {})
            .await("wait", CALLED, notes -> "key", Notes::and)
            .run(
                "second",
                notes -> {
                  second.incrementAndGet();
                  hold.await();
                })
            .build();
    Interceptor interceptor = new Interceptor(store);
    AtomicBoolean broken = new AtomicBoolean();
    WorkflowHost first = started(builder(interceptor.provider(), workflow));
    interceptor.intercept(
        (operation, call) -> {
          if (operation.equals("inTransaction") && broken.compareAndSet(false, true)) {
            call.proceed();
            WorkflowHost other = host(workflow);
            other.publish(CALLED, "key", "event");
            Eventually.until("second step elsewhere", () -> second.get() == 1);
            throw unknown(operation);
          }
          if (operation.equals("claimWorkflows") && broken.get()) {
            throw unavailable();
          }
          return call.proceed();
        });
    String id = first.startWorkflow(workflow, Notes.NONE).id();
    Eventually.until("second step", () -> second.get() == 1);
    AtomicInteger renewals = new AtomicInteger();
    Eventually.until(
        "the first host has looked at it",
        () -> renewals.incrementAndGet() > 200 || second.get() > 1);
    hold.countDown();
    ended(WorkflowClient.over(store), workflow, id);
    assertThat(second).hasValue(1);
  }
}
