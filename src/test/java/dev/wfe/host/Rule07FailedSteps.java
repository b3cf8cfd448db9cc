package dev.wfe.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.model.PointerStatus;
import dev.wfe.model.WorkflowStatus;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Rule 7: A failed step leaves its error readable. */
abstract class Rule07FailedSteps extends HostRule {
  @Test
  void errorOfTheLastAttemptIsReadable() {
    Workflow<Notes> workflow =
        define()
            .call("before", notes -> "kept", Notes::and)
            .run(
                "step",
                notes -> {
                  throw new IllegalStateException("the disk is full");
                },
                RetryPolicy.fixed(Duration.ofMillis(1)).maxAttempts(3))
            .build();
    WorkflowHost host = host(workflow);
    String id = host.startWorkflow(workflow, Notes.NONE).id();
    awaitState(workflow, id, state -> state.status() == WorkflowStatus.SUSPENDED);
    WorkflowState<Notes> state = host.state(workflow, id);
    StepState step = state.step("step").orElseThrow();
    assertThat(step.error()).contains("IllegalStateException").contains("the disk is full");
    assertThat(step.failures()).isEqualTo(3);
    assertThat(step.status()).isEqualTo(PointerStatus.FAILED);
    assertThat(state.data().notes()).containsExactly("kept");
  }

  @Test
  void failedTransactionIsRepeatedAsThePolicySays() throws Exception {
    AtomicInteger executions = new AtomicInteger();
    Workflow<Notes> workflow =
        define()
            .callInTransaction(
                "step",
                (notes, transaction) -> {
                  if (executions.incrementAndGet() < 3) {
                    throw new IllegalStateException("conflict");
                  }
                  return "attempt " + transaction.attempt();
                },
                Notes::and,
                RetryPolicy.fixed(Duration.ofMillis(1)).maxAttempts(3))
            .build();
    WorkflowHost host = host(workflow);
    String id = host.startWorkflow(workflow, Notes.NONE).id();
    assertThat(ended(host, workflow, id).data().notes()).containsExactly("attempt 3");
    assertThat(executions).hasValue(3);
  }

  @Test
  void transactionWithAnUnknownOutcomeThatWasStoredIsNotRepeated() throws Exception {
    assertThat(executionsWithUnknownOutcome(true)).isEqualTo(1);
  }

  @Test
  void transactionWithAnUnknownOutcomeThatWasNotStoredIsRepeated() throws Exception {
    assertThat(executionsWithUnknownOutcome(false)).isEqualTo(2);
  }

  private int executionsWithUnknownOutcome(boolean isStored) throws Exception {
    AtomicInteger executions = new AtomicInteger();
    AtomicBoolean broken = new AtomicBoolean();
    Workflow<Notes> workflow =
        define()
            .callInTransaction(
                "step",
                (notes, transaction) -> {
                  executions.incrementAndGet();
                  return "written";
                },
                Notes::and)
            .run("next", notes -> {})
            .build();
    Interceptor interceptor = new Interceptor(store);
    interceptor.intercept(
        (operation, call) -> {
          if (operation.equals("inTransaction") && broken.compareAndSet(false, true)) {
            if (isStored) {
              call.proceed();
            } else {
              executions.incrementAndGet();
            }
            throw unknown(operation);
          }
          return call.proceed();
        });
    WorkflowHost host = started(builder(interceptor.provider(), workflow));
    String id = host.startWorkflow(workflow, Notes.NONE).id();
    assertThat(ended(host, workflow, id).data().notes()).containsExactly("written");
    return executions.get();
  }

  @Test
  void transactionWaitsWhileTheDatabaseIsAway() throws Exception {
    AtomicInteger attempts = new AtomicInteger();
    Workflow<Notes> workflow =
        define().runInTransaction("step", (notes, transaction) -> {}, RetryPolicy.none()).build();
    Interceptor interceptor = new Interceptor(store);
    interceptor.intercept(
        (operation, call) -> {
          if (operation.equals("inTransaction") && attempts.incrementAndGet() <= 5) {
            throw unavailable();
          }
          return call.proceed();
        });
    WorkflowHost host = started(builder(interceptor.provider(), workflow));
    String id = host.startWorkflow(workflow, Notes.NONE).id();
    assertThat(ended(host, workflow, id).status()).isEqualTo(WorkflowStatus.COMPLETE);
    assertThat(attempts).hasValue(6);
  }
}
