package dev.wfe.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.memory.InMemoryPersistenceProvider;
import dev.wfe.model.PointerStatus;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.persistence.StoreUnavailableException;
import dev.wfe.postgres.testing.LogCapture;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What closing a host does to its work, also while the database is away. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
final class HostCloseTest {
  private static final Workflow<Notes> WORKFLOW =
      Workflow.define("flow", 1, Notes.class)
          .call("step", notes -> "done", Notes::and)
          .delay("pause", Duration.ofDays(1))
          .build();

  private final PersistenceProvider store = new InMemoryPersistenceProvider();
  private final Interceptor interceptor = new Interceptor(store);
  private final AtomicInteger refused = new AtomicInteger();
  private final CountDownLatch silence = new CountDownLatch(1);

  @AfterEach
  void answer() {
    silence.countDown();
  }

  private WorkflowHost.Builder builder() {
    return WorkflowHost.builder(interceptor.provider()).workflow(WORKFLOW);
  }

  private static WorkflowHost started(WorkflowHost.Builder builder) {
    WorkflowHost host = builder.build();
    host.start();
    return host;
  }

  private String startWorkflow() {
    return WorkflowClient.over(store).startWorkflow(WORKFLOW, Notes.NONE).id();
  }

  private StoreUnavailableException refusal() {
    refused.incrementAndGet();
    return new StoreUnavailableException("no connection", List.of(), null);
  }

  private void refuseWrites() {
    interceptor.intercept(
        (operation, call) -> {
          if (operation.equals("writeAll")) {
            throw refusal();
          }
          return call.proceed();
        });
  }

  private StepState step(String id) {
    return WorkflowClient.over(store).state(WORKFLOW, id).step("step").orElseThrow();
  }

  /** Executes one step until it is released or interrupted. */
  private final class Blocking {
    final CountDownLatch released = new CountDownLatch(1);
    final List<String> begun = new CopyOnWriteArrayList<>();
    final Workflow<Notes> workflow =
        Workflow.define("blocking", 1, Notes.class)
            .run(
                "block",
                (notes, step) -> {
                  begun.add(step.workflowId());
                  released.await();
                })
            .build();

    WorkflowHost host(int workers, Duration closeTimeout) {
      return started(
          WorkflowHost.builder(store)
              .workflow(workflow)
              .workers(workers)
              .closeTimeout(closeTimeout));
    }

    void start(String id) {
      WorkflowClient.over(store).startWorkflow(workflow, Notes.NONE, StartOptions.id(id));
    }

    StepState step(String id) {
      return WorkflowClient.over(store).state(workflow, id).step("block").orElseThrow();
    }
  }

  @Test
  void closingGivesBackWorkflowsThatWaitForAThread() throws Exception {
    Blocking blocking = new Blocking();
    blocking.start("first");
    blocking.start("second");
    WorkflowHost closing = blocking.host(1, Duration.ofMinutes(1));
    Eventually.until("one executes, one waits", () -> blocking.begun.size() == 1);
    Eventually.until("both are claimed", () -> closing.size() == 2);
    Thread close = new Thread(closing::close);
    close.start();
    Eventually.until("one is left", () -> closing.size() == 1);

    WorkflowHost other = blocking.host(2, Duration.ofMinutes(1));
    Eventually.until("the other one executes", () -> blocking.begun.size() == 2);
    assertThat(close.isAlive()).isTrue();
    blocking.released.countDown();

    close.join();
    Eventually.until(
        "both end",
        () ->
            List.of("first", "second").stream()
                .allMatch(id -> blocking.step(id).status() == PointerStatus.COMPLETE));
    other.close();
    assertThat(blocking.begun).containsExactlyInAnyOrder("first", "second");
  }

  @Test
  void stepThatIsInterruptedByClosingHasNotFailed() {
    Blocking blocking = new Blocking();
    blocking.start("first");
    WorkflowHost host = blocking.host(1, Duration.ofMillis(1));
    Eventually.until("it executes", () -> blocking.begun.size() == 1);

    try (LogCapture log = new LogCapture()) {
      host.close();
      HostRule.assertNoThreads();
      assertThat(log.text()).doesNotContain("failed (attempt");
    }

    assertThat(blocking.step("first").failures()).isZero();
    blocking.released.countDown();
    WorkflowHost other = blocking.host(1, Duration.ofMinutes(1));
    Eventually.until(
        "it is executed again", () -> blocking.step("first").status() == PointerStatus.COMPLETE);
    other.close();
    assertThat(blocking.begun).hasSize(2);
  }

  @Test
  void closingTriesOnceMoreToStoreOutcomes() {
    WorkflowHost host = started(builder().polling(Duration.ofMinutes(1), Duration.ofMinutes(1)));
    refuseWrites();
    String id = startWorkflow();
    Eventually.until("refused write", () -> refused.get() == 1);
    interceptor.pass();
    host.close();
    assertThat(step(id).status()).isEqualTo(PointerStatus.COMPLETE);
    HostRule.assertNoThreads();
  }

  @Test
  void closingGivesUpStoringWhenAWriteIsRefused() {
    WorkflowHost host =
        started(
            builder()
                .lease(Duration.ofSeconds(1))
                .polling(Duration.ofMillis(1), Duration.ofMillis(1)));
    refuseWrites();
    String id = startWorkflow();
    // so many that the pauses between tries have their full length, a sixth of the lease
    Eventually.until("refused writes", () -> refused.get() == 10);
    host.close();
    assertThat(refused).hasValueLessThanOrEqualTo(12);
    assertThat(step(id).status()).isNotEqualTo(PointerStatus.COMPLETE);
    HostRule.assertNoThreads();
  }

  @Test
  void closingEndsWhileEveryOperationFails() {
    WorkflowHost host = started(builder());
    interceptor.intercept(
        (operation, call) -> {
          throw refusal();
        });
    host.close();
    HostRule.assertNoThreads();
  }

  @Test
  void closingEndsWhileTheDatabaseDoesNotAnswer() {
    AtomicInteger waiting = new AtomicInteger();
    WorkflowHost host =
        started(builder().lease(Duration.ofSeconds(1)).closeTimeout(Duration.ofMillis(10)));
    startWorkflow();
    interceptor.intercept(
        (operation, call) -> {
          waiting.incrementAndGet();
          boolean silent = true;
          while (silent) {
            try {
              silence.await();
              silent = false;
            } catch (InterruptedException ignored) {
              // a driver that waits for its socket
            }
          }
          throw refusal();
        });
    Eventually.until("waiting threads", () -> waiting.get() >= 2);
    Thread closing = new Thread(host::close);
    closing.start();
    Eventually.until("close ends", () -> !closing.isAlive());
    silence.countDown();
    HostRule.assertNoThreads();
  }
}
