package dev.wfe.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.memory.InMemoryPersistenceProvider;
import dev.wfe.model.PointerStatus;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.InvalidValueException;
import dev.wfe.postgres.testing.LogCapture;
import dev.wfe.testing.WorkflowTest;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever a step throws is its outcome. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class StepFailuresTest {
  /** What a step may throw. */
  @SuppressWarnings({"ImmutableEnumChecker", "OverrideThrowableToString"})
  enum Thrown {
    RUNTIME(() -> new IllegalStateException("message")),
    CHECKED(() -> new IOException("message")),
    ERROR(() -> new AssertionError("message")),
    LINKAGE(() -> new NoClassDefFoundError("message")),
    OUT_OF_MEMORY(() -> new OutOfMemoryError("message")),
    STACK_OVERFLOW(StackOverflowError::new),
    INTERRUPTED(() -> new InterruptedException("message")),
    OF_THE_STORE(() -> new InvalidValueException("operation", "id", "field", "is wrong")),
    NO_MESSAGE(RuntimeException::new),
    NUL_IN_MESSAGE(() -> new IllegalStateException("a\0b")),
    LONE_SURROGATE(() -> new IllegalStateException("a\ud83d")),
    LONG_MESSAGE(() -> new IllegalStateException("x" + "\ud83d\ude00".repeat(1_000_000))),
    TO_STRING_THROWS(
        () ->
            new IllegalStateException("message") {
              private static final long serialVersionUID = 1L;

              @Override
              public String toString() {
                throw new IllegalArgumentException("toString");
              }
            }),
    TO_STRING_THROWS_ERROR(
        () ->
            new IllegalStateException("message") {
              private static final long serialVersionUID = 1L;

              @Override
              public String toString() {
                throw new NoClassDefFoundError("toString");
              }
            }),
    CAUSE_THROWS(
        () ->
            new IllegalStateException("message") {
              private static final long serialVersionUID = 1L;

              @Override
              public synchronized Throwable getCause() {
                throw new IllegalArgumentException("getCause");
              }
            }),
    CIRCULAR(
        () -> {
          RuntimeException first = new RuntimeException("first");
          first.initCause(new RuntimeException("second", first));
          return first;
        });

    private final Supplier<Throwable> supplier;

    Thrown(Supplier<Throwable> supplier) {
      this.supplier = supplier;
    }
  }

  @SuppressWarnings("unchecked")
  private static <T extends Throwable> void sneak(Throwable error) throws T {
    throw (T) error;
  }

  private static Workflow<Notes> failing(Thrown thrown, AtomicInteger executions) {
    return Workflow.define("failing", 1, Notes.class)
        .run(
            "step",
            notes -> {
              if (executions.incrementAndGet() <= 2) {
                StepFailuresTest.<RuntimeException>sneak(thrown.supplier.get());
              }
            },
            RetryPolicy.fixed(Duration.ofMillis(1)).maxAttempts(2))
        .run("next", notes -> {})
        .build();
  }

  @ParameterizedTest
  @EnumSource(Thrown.class)
  void workflowIsSuspendedAfterTheLastAttemptAndCanBeRetried(Thrown thrown) throws Exception {
    AtomicInteger executions = new AtomicInteger();
    Workflow<Notes> workflow = failing(thrown, executions);
    try (WorkflowHost host =
        WorkflowHost.builder(new InMemoryPersistenceProvider())
            .workflow(workflow)
            .workers(2)
            .polling(Duration.ofMillis(10), Duration.ofMillis(100))
            .closeTimeout(Duration.ZERO)
            .build()) {
      host.start();
      String id = host.startWorkflow(workflow, Notes.NONE).id();
      Eventually.until(
          "suspended", () -> host.state(workflow, id).status() == WorkflowStatus.SUSPENDED);
      StepState step = host.state(workflow, id).step("step").orElseThrow();
      assertThat(step.failures()).isEqualTo(2);
      assertThat(step.error()).isNotEmpty().hasSizeLessThanOrEqualTo(10_001);
      assertThat(host.retry(id)).isEqualTo(1);
      assertThat(host.awaitEnd(workflow, id, Duration.ofSeconds(30)).status())
          .isEqualTo(WorkflowStatus.COMPLETE);
      assertThat(executions).hasValue(3);
    }
  }

  @ParameterizedTest
  @EnumSource(Thrown.class)
  void transactionThatThrowsIsRolledBackAndRepeated(Thrown thrown) {
    AtomicInteger executions = new AtomicInteger();
    Workflow<Notes> workflow =
        Workflow.define("failing", 1, Notes.class)
            .callInTransaction(
                "step",
                (notes, transaction) -> {
                  if (executions.incrementAndGet() == 1) {
                    StepFailuresTest.<RuntimeException>sneak(thrown.supplier.get());
                  }
                  return "done";
                },
                Notes::and)
            .build();
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      String id = test.start(workflow, Notes.NONE);
      assertThat(test.state(workflow, id).nextAttempt()).isNotNull();
      test.advance(Duration.ofMinutes(1));
      assertThat(test.state(workflow, id).data().notes()).containsExactly("done");
    }
  }

  /** What functions of a definition may throw; they have no checked exceptions. */
  @ParameterizedTest
  @EnumSource(Thrown.class)
  void functionThatThrowsSuspendsTheWorkflow(Thrown thrown) throws Exception {
    AtomicBoolean repaired = new AtomicBoolean();
    Workflow<Notes> workflow =
        Workflow.define("failing", 1, Notes.class)
            .run("before", notes -> {})
            .update(
                "step",
                notes -> {
                  if (!repaired.get()) {
                    StepFailuresTest.<RuntimeException>sneak(thrown.supplier.get());
                  }
                  return notes.and("done");
                })
            .build();
    try (WorkflowHost host =
        WorkflowHost.builder(new InMemoryPersistenceProvider()).workflow(workflow).build()) {
      host.start();
      String id = host.startWorkflow(workflow, Notes.NONE).id();
      Eventually.until(
          "suspended", () -> host.state(workflow, id).status() == WorkflowStatus.SUSPENDED);
      assertThat(host.state(workflow, id).step("step").orElseThrow().error()).isNotEmpty();
      repaired.set(true);
      host.retry(id);
      assertThat(host.awaitEnd(workflow, id, Duration.ofSeconds(30)).data().notes())
          .containsExactly("done");
    }
  }

  @Test
  void stepThatExceedsItsTimeLimitIsInterruptedAndHasFailed() throws Exception {
    AtomicInteger executions = new AtomicInteger();
    CountDownLatch never = new CountDownLatch(1);
    Workflow<Notes> workflow =
        Workflow.define("slow", 1, Notes.class)
            .run(
                "step",
                notes -> {
                  if (executions.incrementAndGet() == 1) {
                    never.await();
                  }
                },
                TimeLimit.of(Duration.ofMillis(20)),
                RetryPolicy.fixed(Duration.ofMillis(1)))
            .build();
    try (WorkflowHost host =
        WorkflowHost.builder(new InMemoryPersistenceProvider()).workflow(workflow).build()) {
      host.start();
      String id = host.startWorkflow(workflow, Notes.NONE).id();
      WorkflowState<Notes> state = host.awaitEnd(workflow, id, Duration.ofSeconds(30));
      assertThat(state.step("step").orElseThrow().error())
          .contains("longer than its time limit")
          .contains("PT0.02S");
      assertThat(state.step("step").orElseThrow().failures()).isEqualTo(1);
    }
  }

  @Test
  void transactionThatExceedsItsTimeLimitIsRolledBackAndRepeated() throws Exception {
    AtomicInteger executions = new AtomicInteger();
    CountDownLatch never = new CountDownLatch(1);
    Workflow<Notes> workflow =
        Workflow.define("slow", 1, Notes.class)
            .callInTransaction(
                "step",
                (notes, transaction) -> {
                  if (executions.incrementAndGet() == 1) {
                    never.await();
                  }
                  return "done";
                },
                Notes::and,
                TimeLimit.of(Duration.ofMillis(20)),
                RetryPolicy.fixed(Duration.ofMillis(1)))
            .build();
    try (WorkflowHost host =
        WorkflowHost.builder(new InMemoryPersistenceProvider()).workflow(workflow).build()) {
      host.start();
      String id = host.startWorkflow(workflow, Notes.NONE).id();
      WorkflowState<Notes> state = host.awaitEnd(workflow, id, Duration.ofSeconds(30));
      assertThat(state.data().notes()).containsExactly("done");
      assertThat(state.step("step").orElseThrow().error()).contains("time limit");
      assertThat(executions).hasValue(2);
    }
  }

  /** The other worker goes on; the step has failed when it ends at last. */
  @Test
  void stepThatIgnoresItsInterruptIsLoggedByName() throws Exception {
    AtomicInteger executions = new AtomicInteger();
    CountDownLatch hold = new CountDownLatch(1);
    Workflow<Notes> stubborn =
        Workflow.define("stubborn", 1, Notes.class)
            .run(
                "long loop",
                notes -> {
                  if (executions.incrementAndGet() == 1) {
                    awaitIgnoringInterrupts(hold);
                    throw new IllegalStateException("ended at last");
                  }
                },
                TimeLimit.of(Duration.ofMillis(20)),
                RetryPolicy.fixed(Duration.ofMillis(1)))
            .build();
    Workflow<Notes> other =
        Workflow.define("other", 1, Notes.class).run("step", notes -> {}).build();
    try (LogCapture log = new LogCapture();
        WorkflowHost host =
            WorkflowHost.builder(new InMemoryPersistenceProvider())
                .workflows(List.of(stubborn, other))
                .workers(2)
                .build()) {
      host.start();
      String id = host.startWorkflow(stubborn, Notes.NONE).id();
      Eventually.until("log", () -> log.text().contains("Step 'long loop' of workflow " + id));
      host.awaitEnd(other, host.startWorkflow(other, Notes.NONE).id(), Duration.ofSeconds(30));
      hold.countDown();
      WorkflowState<Notes> state = host.awaitEnd(stubborn, id, Duration.ofSeconds(30));
      assertThat(state.step("long loop").orElseThrow().error())
          .contains("time limit")
          .contains("ended at last");
      assertThat(log.text()).containsOnlyOnce("goes on although its thread was interrupted");
    }
  }

  private static void awaitIgnoringInterrupts(CountDownLatch latch) {
    while (latch.getCount() > 0) {
      try {
        latch.await();
      } catch (InterruptedException ignored) {
        // as a loop that swallows it
      }
    }
  }

  @Test
  void interruptOfOneStepDoesNotReachTheNext() throws Exception {
    List<Boolean> interrupted = new ArrayList<>();
    Workflow<Notes> workflow =
        Workflow.define("interrupting", 1, Notes.class)
            .run("one", notes -> Thread.currentThread().interrupt())
            .run("two", notes -> interrupted.add(Thread.currentThread().isInterrupted()))
            .run(
                "three",
                notes -> {
                  Thread.currentThread().interrupt();
                  throw new IllegalStateException("interrupted");
                },
                RetryPolicy.none(),
                AfterLastAttempt.CONTINUE)
            .runInTransaction(
                "four",
                (notes, transaction) -> {
                  interrupted.add(Thread.currentThread().isInterrupted());
                  Thread.currentThread().interrupt();
                })
            .run("five", notes -> interrupted.add(Thread.currentThread().isInterrupted()))
            .build();
    try (WorkflowHost host =
        WorkflowHost.builder(new InMemoryPersistenceProvider())
            .workflow(workflow)
            .workers(1)
            .build()) {
      host.start();
      String id = host.startWorkflow(workflow, Notes.NONE).id();
      host.awaitEnd(workflow, id, Duration.ofSeconds(30));
      assertThat(interrupted).containsExactly(false, false, false);
    }
  }

  @Test
  void stepIsAttemptedAsOftenAsThePolicySays() {
    AtomicInteger executions = new AtomicInteger();
    List<Integer> attempts = new ArrayList<>();
    List<String> keys = new ArrayList<>();
    Workflow<Notes> workflow =
        Workflow.define("failing", 1, Notes.class)
            .run(
                "step",
                (notes, context) -> {
                  executions.incrementAndGet();
                  attempts.add(context.attempt());
                  keys.add(context.idempotencyKey());
                  throw new IllegalStateException("always");
                },
                RetryPolicy.exponential(Duration.ofSeconds(1)).maxAttempts(4))
            .build();
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      String id = test.start(workflow, Notes.NONE);
      test.advance(Duration.ofHours(1));
      assertThat(executions).hasValue(4);
      assertThat(attempts).containsExactly(1, 2, 3, 4);
      assertThat(keys.stream().distinct()).hasSize(1);
      assertThat(test.state(workflow, id).status()).isEqualTo(WorkflowStatus.SUSPENDED);
      assertThat(test.retry(id)).isEqualTo(1);
      test.advance(Duration.ofHours(1));
      assertThat(executions).hasValue(8);
      assertThat(keys.stream().distinct()).hasSize(1);
    }
  }

  @Test
  void pausesDoubleUpToTheLongest() {
    RetryPolicy policy =
        RetryPolicy.exponential(Duration.ofSeconds(1)).maxDelay(Duration.ofSeconds(5));
    assertThat(policy.delay(1)).isBetween(Duration.ofMillis(900), Duration.ofMillis(1_100));
    assertThat(policy.delay(3)).isBetween(Duration.ofMillis(3_600), Duration.ofMillis(4_400));
    assertThat(policy.delay(1_000_000))
        .isBetween(Duration.ofMillis(4_500), Duration.ofMillis(5_500));
  }

  @Test
  void permanentFailureIsNotRetried() {
    AtomicInteger executions = new AtomicInteger();
    Workflow<Notes> workflow =
        Workflow.define("failing", 1, Notes.class)
            .run(
                "step",
                notes -> {
                  executions.incrementAndGet();
                  throw new IOException("subclass", new IllegalStateException("cause"));
                },
                RetryPolicy.fixed(Duration.ofSeconds(1))
                    .notOn(IllegalStateException.class)
                    .notOn(Exception.class))
            .build();
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      String id = test.start(workflow, Notes.NONE);
      assertThat(test.state(workflow, id).status()).isEqualTo(WorkflowStatus.SUSPENDED);
      assertThat(test.state(workflow, id).step("step").orElseThrow().error())
          .contains("subclass")
          .contains("caused by java.lang.IllegalStateException: cause");
      assertThat(executions).hasValue(1);
    }
  }

  private static WorkflowState<Notes> afterLastAttempt(AfterLastAttempt after) {
    Workflow<Notes> workflow =
        Workflow.define("failing", 1, Notes.class)
            .call(
                "step",
                notes -> {
                  throw new IllegalStateException("always");
                },
                (notes, output) -> notes.and("merged"),
                RetryPolicy.none(),
                after)
            .call("next", notes -> "next", Notes::and)
            .build();
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      String id = test.start(workflow, Notes.NONE);
      WorkflowState<Notes> state = test.state(workflow, id);
      assertThat(state.step("step").orElseThrow().status()).isEqualTo(PointerStatus.FAILED);
      assertThat(state.step("step").orElseThrow().error()).contains("always");
      if (after != AfterLastAttempt.SUSPEND) {
        assertThat(test.retry(id)).isZero();
      }
      return state;
    }
  }

  @Test
  void workflowIsSuspendedAfterTheLastAttempt() {
    WorkflowState<Notes> state = afterLastAttempt(AfterLastAttempt.SUSPEND);
    assertThat(state.status()).isEqualTo(WorkflowStatus.SUSPENDED);
    assertThat(state.step("next")).isEmpty();
  }

  @Test
  void workflowIsTerminatedAfterTheLastAttempt() {
    WorkflowState<Notes> state = afterLastAttempt(AfterLastAttempt.TERMINATE);
    assertThat(state.status()).isEqualTo(WorkflowStatus.TERMINATED);
    assertThat(state.completeTime()).isNotNull();
    assertThat(state.step("next")).isEmpty();
  }

  @Test
  void workflowGoesOnAfterTheLastAttempt() {
    WorkflowState<Notes> state = afterLastAttempt(AfterLastAttempt.CONTINUE);
    assertThat(state.status()).isEqualTo(WorkflowStatus.COMPLETE);
    assertThat(state.data().notes()).containsExactly("next");
  }

  @Test
  void stepAfterWhichTheWorkflowWentOnIsNotRetried() {
    Workflow<Notes> workflow =
        Workflow.define("failing", 1, Notes.class)
            .runInTransaction(
                "step", (notes, transaction) -> {}, RetryPolicy.none(), AfterLastAttempt.CONTINUE)
            .delay("pause", Duration.ofDays(1))
            .build();
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      test.failNext("step", new IOException("injected"));
      String id = test.start(workflow, Notes.NONE);
      assertThat(test.state(workflow, id).step("step").orElseThrow().error()).contains("injected");
      assertThat(test.retry(id)).isZero();
      test.advance(Duration.ofDays(1));
      assertThat(test.endedSteps(workflow, id)).containsExactly("step", "pause");
    }
  }

  @Test
  void resumeDoesNotSkipAStepThatHasFailed() {
    Workflow<Notes> workflow = failing(Thrown.RUNTIME, new AtomicInteger(2));
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      for (int i = 0; i < 2; i++) {
        test.failNext("step", new IllegalStateException("injected"));
      }
      String id = test.start(workflow, Notes.NONE);
      test.advance(Duration.ofMinutes(1));
      assertThat(test.state(workflow, id).status()).isEqualTo(WorkflowStatus.SUSPENDED);
      assertThat(test.resume(id)).isFalse();
      assertThat(test.state(workflow, id).status()).isEqualTo(WorkflowStatus.SUSPENDED);
      assertThat(test.retry(id)).isEqualTo(1);
      assertThat(test.endedSteps(workflow, id)).containsExactly("step", "next");
    }
  }
}
