package dev.wfe.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.memory.InMemoryPersistenceProvider;
import dev.wfe.model.PointerStatus;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.DuplicateException;
import dev.wfe.persistence.InvalidValueException;
import dev.wfe.persistence.ItemResult;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.testing.WorkflowTest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Starting, controlling and closing. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class ControlTest {
  private static final EventType<String> CALLED = EventType.of("called", String.class);

  private final Workflow<Notes> waiting =
      Workflow.define("waiting", 1, Notes.class)
          .await("wait", CALLED, notes -> notes.notes().get(0), Notes::and)
          .run("after", notes -> {})
          .build();

  @Test
  void awaitingTheEndInVainNamesTheStepsThatHaveNotEnded() {
    try (WorkflowTest test = WorkflowTest.of(waiting)) {
      String id = test.start(waiting, Notes.NONE.and("key"));
      assertThatThrownBy(() -> test.awaitEnd(waiting, id, Duration.ZERO))
          .isInstanceOf(TimeoutException.class)
          .hasMessage(
              "Workflow %s has not ended after PT0S; it is Runnable; open steps: [wait (WaitingForEvent)]; failed steps: []",
              id);
    }
  }

  @Test
  void aFailureOfAnUnknownStepIsRefused() {
    try (WorkflowTest test = WorkflowTest.of(waiting)) {
      assertThatThrownBy(() -> test.failNext("weight", new IllegalStateException()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("No definition has a step 'weight'");
      test.failNext("after", new IllegalStateException());
    }
  }

  /** The last attempt of a step may be stored between the look and the write. */
  @Test
  void aWorkflowWhoseStepHasFailedForGoodMeanwhileIsNotResumed() {
    InMemoryPersistenceProvider store = new InMemoryPersistenceProvider();
    String id = WorkflowClient.over(store).startWorkflow(waiting, Notes.NONE.and("a")).id();
    WorkflowClient.over(store).suspend(id);
    Interceptor interceptor = new Interceptor(store);
    AtomicInteger writes = new AtomicInteger();
    interceptor.intercept(
        (operation, call) -> {
          if (operation.equals("write") && writes.incrementAndGet() == 1) {
            WorkflowInstance instance = store.getWorkflowInstance(id);
            store.persistWorkflow(
                instance.toBuilder()
                    .executionPointers(
                        instance.executionPointers().stream()
                            .map(
                                pointer ->
                                    pointer.toBuilder()
                                        .status(PointerStatus.FAILED)
                                        .active(false)
                                        .build())
                            .toList())
                    .build());
          }
          return call.proceed();
        });

    assertThat(WorkflowClient.over(interceptor.provider()).resume(id)).isFalse();

    assertThat(writes).hasValue(1);
    assertThat(store.getWorkflowInstance(id).status()).isEqualTo(WorkflowStatus.SUSPENDED);
  }

  @Test
  void repeatedStartReturnsTheInstanceThatExists() {
    try (WorkflowTest test = WorkflowTest.of(waiting)) {
      StartOptions options = StartOptions.id("order-1");
      assertThat(test.startWorkflow(waiting, Notes.NONE.and("a"), options))
          .isEqualTo(new StartResult("order-1", true));
      assertThat(test.startWorkflow(waiting, Notes.NONE.and("b"), options))
          .isEqualTo(new StartResult("order-1", false));
      assertThat(test.state(waiting, "order-1").data().notes()).containsExactly("a");
      assertThatThrownBy(() -> test.startWorkflow(waiting, Notes.NONE.and("c"), options.onlyNew()))
          .isInstanceOf(DuplicateException.class);
    }
  }

  @Test
  void manyStartsGetAResultEach() {
    try (WorkflowTest test = WorkflowTest.of(waiting)) {
      Start<Notes> start = new Start<>(Notes.NONE.and("a"), StartOptions.id("one"));
      Start<Notes> invalid = new Start<>(Notes.NONE.and("a"), StartOptions.id("a\0b"));
      List<ItemResult<StartResult>> results =
          test.startWorkflows(
              waiting,
              List.of(
                  start,
                  start,
                  new Start<>(Notes.NONE.and("a"), StartOptions.id("one").onlyNew()),
                  invalid,
                  new Start<>(Notes.NONE.and("a"), StartOptions.none())));
      assertThat(results.get(0).orThrow().created()).isTrue();
      assertThat(results.get(1).orThrow()).isEqualTo(new StartResult("one", false));
      assertThatThrownBy(() -> results.get(2).orThrow()).isInstanceOf(DuplicateException.class);
      assertThatThrownBy(() -> results.get(3).orThrow()).isInstanceOf(InvalidValueException.class);
      assertThat(results.get(4).orThrow().created()).isTrue();
    }
  }

  @Test
  void idOfAnotherDefinitionIsRefused() {
    Workflow<Notes> other = Workflow.define("other", 1, Notes.class).run("x", n -> {}).build();
    try (WorkflowTest test = WorkflowTest.of(waiting, other)) {
      test.startWorkflow(waiting, Notes.NONE.and("a"), StartOptions.id("one"));
      assertThatThrownBy(() -> test.startWorkflow(other, Notes.NONE, StartOptions.id("one")))
          .isInstanceOf(DuplicateException.class);
      assertThatThrownBy(() -> test.state(other, "one")).isInstanceOf(NotFoundException.class);
    }
  }

  @Test
  void emptyIdIsRefused() {
    assertThatThrownBy(() -> StartOptions.id("")).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void startAtALaterTimeWaits() {
    Workflow<Notes> workflow =
        Workflow.define("later", 1, Notes.class).run("step", notes -> {}).build();
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      String id =
          test.startWorkflow(
                  workflow, Notes.NONE, StartOptions.none().at(test.now().plus(Duration.ofDays(1))))
              .id();
      test.advance(Duration.ofHours(23));
      assertThat(test.endedSteps(workflow, id)).isEmpty();
      test.advance(Duration.ofHours(1));
      assertThat(test.endedSteps(workflow, id)).containsExactly("step");
      String never =
          test.startWorkflow(workflow, Notes.NONE, StartOptions.none().at(Instant.MAX)).id();
      String past =
          test.startWorkflow(workflow, Notes.NONE, StartOptions.none().at(Instant.MIN)).id();
      assertThat(test.state(workflow, never).hasEnded()).isFalse();
      assertThat(test.state(workflow, past).hasEnded()).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"a'b\"c\\d", "ключ", "a\u001fb", " ", "%s%n", "😀", "a\nb"})
  void unusualIdsNamesAndKeysAreText(String text) {
    Workflow<Notes> workflow =
        Workflow.define(text, 1, Notes.class)
            .await(text, EventType.of(text, String.class), notes -> text, Notes::and)
            .build();
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      StartOptions options = StartOptions.id(text).name(text + "!").reference(text);
      String id = test.startWorkflow(workflow, Notes.NONE, options).id();
      assertThat(test.idOf(text + "!")).isEqualTo(text);
      test.publish(EventType.of(text, String.class), text, text);
      assertThat(test.state(workflow, id).data().notes()).containsExactly(text);
      assertThat(test.state(workflow, id).status()).isEqualTo(WorkflowStatus.COMPLETE);
    }
  }

  @Test
  void textThatCannotBeStoredIsRefusedNamingTheField() {
    try (WorkflowTest test = WorkflowTest.of(waiting)) {
      for (String text : List.of("a\0b", "x".repeat(2_000), "a\ud83d")) {
        for (StartOptions options :
            List.of(StartOptions.id(text), StartOptions.none().name(text))) {
          assertThatThrownBy(() -> test.startWorkflow(waiting, Notes.NONE.and("a"), options))
              .isInstanceOf(InvalidValueException.class);
        }
        assertThatThrownBy(() -> test.publish(CALLED, text, "payload"))
            .isInstanceOf(InvalidValueException.class)
            .hasMessageContaining("eventKey");
      }
      assertThatThrownBy(() -> test.publish(CALLED, "key", "a\0b"))
          .isInstanceOf(InvalidValueException.class);
    }
  }

  @Test
  void keyThatCannotBeStoredSuspendsTheWorkflow() {
    try (WorkflowTest test = WorkflowTest.of(waiting)) {
      for (String key : List.of("a\ud83d", "x".repeat(2_000))) {
        Workflow<Notes> workflow = waiting;
        String id;
        try {
          id = test.start(workflow, Notes.NONE.and(key));
        } catch (InvalidValueException data) {
          continue;
        }
        assertThat(test.state(workflow, id).status()).isEqualTo(WorkflowStatus.SUSPENDED);
        assertThat(test.state(workflow, id).step("wait").orElseThrow().error()).isNotEmpty();
      }
    }
  }

  @Test
  void terminatedWorkflowWaitsForNothing() {
    try (WorkflowTest test = WorkflowTest.of(waiting)) {
      String id = test.start(waiting, Notes.NONE.and("key"));
      assertThat(test.terminate(id)).isTrue();
      assertThat(test.terminate(id)).isFalse();
      assertThat(test.suspend(id)).isFalse();
      assertThat(test.resume(id)).isFalse();
      assertThat(test.retry(id)).isZero();
      test.publish(CALLED, "key", "event");
      assertThat(test.state(waiting, id).data().notes()).containsExactly("key");
      assertThat(test.provider().getSubscriptions(CALLED.name(), "key", test.now())).isEmpty();
    }
  }

  @Test
  void suspendAndResumeHaveNoEffectTwice() {
    try (WorkflowTest test = WorkflowTest.of(waiting)) {
      String id = test.start(waiting, Notes.NONE.and("key"));
      assertThat(test.resume(id)).isTrue();
      assertThat(test.suspend(id)).isTrue();
      assertThat(test.suspend(id)).isTrue();
      assertThat(test.resume(id)).isTrue();
      test.publish(CALLED, "key", "event");
      assertThat(test.state(waiting, id).status()).isEqualTo(WorkflowStatus.COMPLETE);
    }
  }

  @Test
  void nothingIsEvaluatedWhileAWorkflowIsSuspended() {
    Workflow<Notes> workflow =
        Workflow.define("flow", 1, Notes.class)
            .await("wait", CALLED, notes -> "key", Notes::and)
            .update("after", notes -> notes.and("after"))
            .build();
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      String id = test.start(workflow, Notes.NONE);
      test.suspend(id);
      test.publish(CALLED, "key", "event");
      assertThat(test.state(workflow, id).data().notes()).containsExactly("event");
      test.resume(id);
      assertThat(test.state(workflow, id).data().notes()).containsExactly("event", "after");
    }
  }

  @Test
  void timeLimitPassesWhileAWorkflowIsSuspended() {
    Workflow<Notes> workflow =
        Workflow.define("limited", 1, Notes.class)
            .await(
                "wait",
                CALLED,
                notes -> "key",
                Notes::and,
                dev.wfe.host.Timeout.after(Duration.ofDays(1)).goOn())
            .build();
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      String id = test.start(workflow, Notes.NONE);
      test.suspend(id);
      test.advance(Duration.ofDays(2));
      assertThat(test.timedOutSteps(workflow, id)).isEmpty();
      test.resume(id);
      assertThat(test.timedOutSteps(workflow, id)).containsExactly("wait");
    }
  }

  @Test
  void unknownIdsAreNotFound() {
    try (WorkflowTest test = WorkflowTest.of(waiting)) {
      assertThatThrownBy(() -> test.suspend("x")).isInstanceOf(NotFoundException.class);
      assertThatThrownBy(() -> test.resume("x")).isInstanceOf(NotFoundException.class);
      assertThatThrownBy(() -> test.retry("x")).isInstanceOf(NotFoundException.class);
      assertThatThrownBy(() -> test.terminate("x")).isInstanceOf(NotFoundException.class);
      assertThatThrownBy(() -> test.idOf("x")).isInstanceOf(NotFoundException.class);
      assertThatThrownBy(() -> test.state(waiting, "x")).isInstanceOf(NotFoundException.class);
    }
  }

  @Test
  void publishOnceHasNoEffectTwice() {
    Workflow<Notes> twice =
        Workflow.define("twice", 1, Notes.class)
            .await("first", CALLED, notes -> "key", Notes::and)
            .await("second", CALLED, notes -> "key", Notes::and)
            .build();
    try (WorkflowTest test = WorkflowTest.of(twice)) {
      String id = test.start(twice, Notes.NONE);
      assertThat(test.publishOnce("message-1", CALLED, "key", "event")).isTrue();
      assertThat(test.publishOnce("message-1", CALLED, "key", "event")).isFalse();
      assertThat(test.state(twice, id).data().notes()).containsExactly("event");
      assertThat(test.state(twice, id).waits()).hasSize(1);
    }
  }

  private WorkflowHost.Builder builder(Workflow<?>... workflows) {
    return WorkflowHost.builder(new InMemoryPersistenceProvider())
        .workflows(List.of(workflows))
        .polling(Duration.ofMillis(10), Duration.ofMillis(100));
  }

  @Test
  void closeBeforeStartEndsTheHost() {
    WorkflowHost host = builder(waiting).build();
    host.close();
    host.close();
    assertThatThrownBy(host::start).isInstanceOf(IllegalStateException.class);
    HostRule.assertNoThreads();
  }

  @Test
  void startTwiceHasNoEffect() {
    try (WorkflowHost host = builder(waiting).build()) {
      host.start();
      int threads = HostRule.hostThreads().size();
      host.start();
      assertThat(HostRule.hostThreads()).hasSizeLessThanOrEqualTo(threads);
    }
    HostRule.assertNoThreads();
  }

  @Test
  void closeWaitsForStepsAndStoresTheirOutcomes() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch hold = new CountDownLatch(1);
    AtomicInteger next = new AtomicInteger();
    Workflow<Notes> workflow =
        Workflow.define("slow", 1, Notes.class)
            .call(
                "step",
                notes -> {
                  begun.countDown();
                  hold.await();
                  return "done";
                },
                Notes::and)
            .run("next", notes -> next.incrementAndGet())
            .build();
    InMemoryPersistenceProvider provider = new InMemoryPersistenceProvider();
    WorkflowHost host = WorkflowHost.builder(provider).workflow(workflow).build();
    host.start();
    String id = host.startWorkflow(workflow, Notes.NONE).id();
    begun.await();
    Thread closing = new Thread(host::close);
    closing.start();
    Eventually.until(
        "the host is closing", () -> !HostRule.hostThreads().contains("wfe-host-claims"));
    hold.countDown();
    closing.join();
    assertThat(host.state(workflow, id).data().notes()).containsExactly("done");
    assertThat(next).hasValue(0);
    HostRule.assertNoThreads();
    try (WorkflowHost other = WorkflowHost.builder(provider).workflow(workflow).build()) {
      other.start();
      other.awaitEnd(workflow, id, Duration.ofSeconds(30));
      assertThat(next).hasValue(1);
    }
  }

  @Test
  void stepsAreExecutedOnTheGivenExecutor() throws Exception {
    ExecutorService executor = Executors.newSingleThreadExecutor(task -> new Thread(task, "mine"));
    Workflow<Notes> workflow =
        Workflow.define("named", 1, Notes.class)
            .call("step", notes -> Thread.currentThread().getName(), Notes::and)
            .build();
    try (WorkflowHost host = builder(workflow).executor(executor).build()) {
      host.start();
      String id = host.startWorkflow(workflow, Notes.NONE).id();
      assertThat(host.awaitEnd(workflow, id, Duration.ofSeconds(30)).data().notes())
          .containsExactly("mine");
    }
    assertThat(executor.isShutdown()).isTrue();
  }

  @Test
  void endedInstancesLeaveTheHost() throws Exception {
    Workflow<Notes> workflow =
        Workflow.define("mixed", 1, Notes.class)
            .run(
                "step",
                notes -> {
                  if (notes.notes().contains("fails")) {
                    throw new IllegalStateException("fails");
                  }
                },
                RetryPolicy.none())
            .runInTransaction("transaction", (notes, transaction) -> {})
            .await("wait", CALLED, notes -> "key", Notes::and)
            .build();
    SteppedHost host = builder(workflow).buildStepped(java.time.InstantSource.system());
    host.register();
    for (String note : List.of("fails", "waits", "waits")) {
      host.client().startWorkflow(workflow, Notes.NONE.and(note));
    }
    host.runDue();
    assertThat(host.instancesUnderWay()).isZero();
  }
}
