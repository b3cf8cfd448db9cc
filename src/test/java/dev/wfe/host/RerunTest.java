package dev.wfe.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.PointerStatus;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.WorkflowStateException;
import dev.wfe.testing.WorkflowTest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Running an instance again from a step, in virtual time. */
final class RerunTest {
  private static final EventType<String> CALLED = EventType.of("called", String.class);
  private static final ActivityType<String, String> WORK =
      ActivityType.of("work", String.class, String.class);

  private final List<String> keys = new ArrayList<>();
  private final List<String> executed = new ArrayList<>();

  private static WorkflowBuilder<Notes> define() {
    return Workflow.define("flow", 1, Notes.class);
  }

  private StepAction<Object> note(String name) {
    return data -> executed.add(name);
  }

  private static UnaryOperator<Notes> add(String note) {
    return notes -> notes.and(note);
  }

  private static List<String> names(List<StepState> steps) {
    return steps.stream().map(StepState::name).toList();
  }

  private static void assertEnded(WorkflowTest test, Workflow<Notes> workflow, String id) {
    assertThat(test.state(workflow, id).status()).isEqualTo(WorkflowStatus.COMPLETE);
  }

  private static PointerStatus status(
      WorkflowTest test, Workflow<Notes> workflow, String id, String step) {
    return test.state(workflow, id).step(step).orElseThrow().status();
  }

  @Test
  void completeWorkflowGoesOnFromTheStepWithAnotherKey() {
    Workflow<Notes> workflow =
        define()
            .run("a", note("a"))
            .call(
                "b",
                (Notes notes, StepContext context) -> {
                  keys.add(context.idempotencyKey());
                  return "b" + keys.size();
                },
                Notes::and)
            .run("c", note("c"))
            .build();
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      String id = test.start(workflow, Notes.NONE);

      List<StepState> discarded = test.rerun(id, "b");

      assertThat(names(discarded)).containsExactly("b", "c");
      assertThat(discarded)
          .allSatisfy(step -> assertThat(step.status()).isEqualTo(PointerStatus.CANCELLED));
      WorkflowState<Notes> state = test.state(workflow, id);
      assertThat(state.status()).isEqualTo(WorkflowStatus.COMPLETE);
      assertThat(state.data().notes()).containsExactly("b1", "b2");
      assertThat(executed).containsExactly("a", "c", "c");
      assertThat(keys).doesNotHaveDuplicates().hasSize(2);
      assertThat(names(state.steps())).containsExactly("a", "b", "c", "b", "c");
      assertThat(state.step("c").orElseThrow().status()).isEqualTo(PointerStatus.COMPLETE);
    }
  }

  @Test
  void dataIsChangedInTheSameWrite() {
    Workflow<Notes> workflow = define().update("a", add("a")).update("b", add("b")).build();
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      String id = test.start(workflow, Notes.NONE);
      test.rerun(workflow, id, "b", notes -> Notes.NONE.and("fresh"));
      assertThat(test.state(workflow, id).data().notes()).containsExactly("fresh", "b");

      Workflow<Notes> other = Workflow.define("other", 1, Notes.class).end("x").build();
      assertThatThrownBy(() -> test.rerun(other, id, "b", notes -> notes))
          .isInstanceOf(WorkflowStateException.class)
          .hasMessage("Workflow '%s': It runs definition 'flow', not 'other'", id);
      assertThatThrownBy(
              () ->
                  test.rerun(
                      workflow,
                      id,
                      "b",
                      notes -> {
                        throw new IllegalArgumentException("no");
                      }))
          .isInstanceOf(WorkflowStateException.class)
          .hasMessageContaining(
              "The data cannot be changed: java.lang.IllegalArgumentException: no");
    }
  }

  @Test
  void failedStepIsRepairedFromAnEarlierOne() {
    Workflow<Notes> workflow =
        define().update("a", add("a")).run("b", note("b"), RetryPolicy.none()).build();
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      test.failNext("b", new IllegalStateException("broken"));
      String id = test.start(workflow, Notes.NONE);
      assertThat(test.state(workflow, id).status()).isEqualTo(WorkflowStatus.SUSPENDED);
      test.rerun(id, "a");
      assertEnded(test, workflow, id);
      assertThat(test.state(workflow, id).data().notes()).containsExactly("a", "a");
    }
  }

  /** Discarded steps are not attempted again, although they have failed. */
  @Test
  void retryLeavesDiscardedFailuresAlone() {
    Workflow<Notes> workflow =
        define()
            .await("a", CALLED, notes -> "key", Notes::and)
            .run("b", note("b"), RetryPolicy.none())
            .build();
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      test.failNext("b", new IllegalStateException("broken"));
      String id = test.start(workflow, Notes.NONE);
      test.publish(CALLED, "key", "1");
      test.rerun(id, "a");
      assertThat(test.retry(id)).isZero();
      test.publish(CALLED, "key", "2");
      assertEnded(test, workflow, id);
      assertThat(executed).containsExactly("b");
    }
  }

  @Test
  void waitGetsTheNextEventThatWasNotConsumed() {
    Workflow<Notes> workflow =
        define()
            .await("first", CALLED, notes -> "key", Notes::and)
            .await("second", CALLED, notes -> "key", Notes::and)
            .update("after", add("after"))
            .build();
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      String id = test.start(workflow, Notes.NONE);
      List.of("1", "2", "3").forEach(event -> test.publish(CALLED, "key", event));
      assertEnded(test, workflow, id);

      test.rerun(id, "second");
      assertThat(test.state(workflow, id).data().notes())
          .containsExactly("1", "2", "after", "3", "after");

      test.rerun(id, "second");
      assertThat(test.state(workflow, id).waits()).hasSize(1);
      test.rerun(id, "first");
      assertThat(test.state(workflow, id).waits())
          .singleElement()
          .satisfies(wait -> assertThat(wait.step()).isEqualTo("first"));
      assertThat(test.provider().getSubscriptions(CALLED.name(), "key", test.now())).hasSize(1);
      test.publish(CALLED, "key", "4");
      test.publish(CALLED, "key", "5");
      assertEnded(test, workflow, id);
      assertThat(test.state(workflow, id).data().notes())
          .containsExactly("1", "2", "after", "3", "after", "4", "5", "after");
    }
  }

  @Test
  void discardedActivityIsOverAndOfferedAgain() {
    Workflow<Notes> workflow =
        define().activity("work", WORK, notes -> "input", Notes::and).build();
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      String id = test.start(workflow, Notes.NONE);
      ActivityTask<String, String> old = test.take(WORK).orElseThrow();
      test.rerun(id, "work");
      assertThat(old.renew(Duration.ofHours(1))).isFalse();
      old.complete("old");
      test.take(WORK).orElseThrow().complete("new");
      test.advance(Duration.ZERO);
      assertThat(test.state(workflow, id).data().notes()).containsExactly("new");
      assertEnded(test, workflow, id);
      assertThat(test.take(WORK)).isEmpty();
    }
  }

  private final Workflow<Notes> child =
      Workflow.define("child", 1, Notes.class)
          .await("wait", CALLED, notes -> "child", Notes::and)
          .build();

  private Workflow<Notes> parent() {
    return define()
        .child("child", child, notes -> Notes.NONE, (notes, ended) -> notes.and("child"))
        .await("more", CALLED, notes -> "more", Notes::and)
        .build();
  }

  @Test
  void discardedChildIsTerminatedAndAnotherOneStarted() {
    Workflow<Notes> parent = parent();
    try (WorkflowTest test = WorkflowTest.of(parent)) {
      String id = test.start(parent, Notes.NONE);
      String first = test.state(parent, id).waits().get(0).eventKey();
      test.rerun(id, "child");
      String second = test.state(parent, id).waits().get(0).eventKey();
      assertThat(second).isNotEqualTo(first);
      assertThat(test.state(child, first).status()).isEqualTo(WorkflowStatus.TERMINATED);
      test.publish(CALLED, "child", "event");
      test.publish(CALLED, "more", "more");
      assertEnded(test, parent, id);
      assertThat(test.state(parent, id).data().notes()).containsExactly("child", "more");
    }
  }

  @Test
  void childThatHasEndedEndsAgainWithoutTellingTheParentTwice() {
    Workflow<Notes> parent = parent();
    try (WorkflowTest test = WorkflowTest.of(parent)) {
      String id = test.start(parent, Notes.NONE);
      String childId = test.state(parent, id).waits().get(0).eventKey();
      test.publish(CALLED, "child", "event");
      assertThat(test.state(child, childId).hasEnded()).isTrue();
      test.rerun(childId, "wait");
      assertThat(test.state(child, childId).hasEnded()).isFalse();
      test.publish(CALLED, "child", "again");
      assertThat(test.state(child, childId).status()).isEqualTo(WorkflowStatus.COMPLETE);
      assertThat(test.state(parent, id).data().notes()).containsExactly("child");
    }
  }

  private Workflow<Notes> branches() {
    return define()
        .parallel(
            "both",
            a -> a.update("a1", add("a1")).run("a2", note("a2")),
            b -> b.await("b1", CALLED, notes -> "key", Notes::and).run("b2", note("b2")))
        .run("after", note("after"))
        .build();
  }

  @Test
  void endedBranchIsOpenedAgainAndTheOtherOneWaits() {
    Workflow<Notes> workflow = branches();
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      String id = test.start(workflow, Notes.NONE);
      assertThat(names(test.rerun(id, "a1"))).containsExactly("a1", "a2");
      assertThat(names(test.rerun(id, "a2"))).containsExactly("a2");
      assertThat(executed).containsExactly("a2", "a2", "a2");
      assertThat(test.state(workflow, id).hasEnded()).isFalse();
      test.publish(CALLED, "key", "event");
      assertEnded(test, workflow, id);
      assertThat(executed).containsExactly("a2", "a2", "a2", "b2", "after");
    }
  }

  @Test
  void openBranchIsRunAgainAndTheBlockStillEnds() {
    Workflow<Notes> workflow = branches();
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      String id = test.start(workflow, Notes.NONE);
      assertThat(names(test.rerun(id, "b1"))).containsExactly("b1");
      test.publish(CALLED, "key", "event");
      assertEnded(test, workflow, id);
      assertThat(test.state(workflow, id).data().notes()).containsExactly("a1", "event");
    }
  }

  @Test
  void endedBlockIsOpenedAgainAndWhatFollowedItIsDiscarded() {
    Workflow<Notes> workflow = branches();
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      String id = test.start(workflow, Notes.NONE);
      test.publish(CALLED, "key", "event");
      assertThat(names(test.rerun(id, "b1"))).containsExactly("b1", "b2", "after");
      assertThat(status(test, workflow, id, "both")).isEqualTo(PointerStatus.RUNNING);
      assertThat(status(test, workflow, id, "after")).isEqualTo(PointerStatus.CANCELLED);
      test.publish(CALLED, "key", "again");
      assertEnded(test, workflow, id);
      assertThat(executed).containsExactly("a2", "b2", "after", "b2", "after");
      assertThat(test.state(workflow, id).data().notes()).containsExactly("a1", "event", "again");
    }
  }

  @Test
  void wholeBlockIsRunAgain() {
    Workflow<Notes> workflow = branches();
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      String id = test.start(workflow, Notes.NONE);
      assertThat(names(test.rerun(id, "both"))).containsExactly("both", "a1", "b1", "a2");
      assertThatThrownBy(() -> test.rerun(id, "b2"))
          .isInstanceOf(WorkflowStateException.class)
          .hasMessageContaining("Step 'b2' has not begun, or its history was removed");
      test.publish(CALLED, "key", "event");
      assertEnded(test, workflow, id);
      assertThat(executed).containsExactly("a2", "a2", "b2", "after");
    }
  }

  @Test
  void failedBranchIsRunAgainWhileTheOtherOneWaits() {
    Workflow<Notes> workflow =
        define()
            .parallel(
                "both",
                a -> a.run("a1", note("a1")).run("a2", note("a2"), RetryPolicy.none()),
                b -> b.await("b1", CALLED, notes -> "key", Notes::and))
            .build();
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      test.failNext("a2", new IllegalStateException("broken"));
      String id = test.start(workflow, Notes.NONE);
      assertThat(names(test.rerun(id, "a1"))).containsExactly("a1", "a2");
      assertThat(executed).containsExactly("a1", "a1", "a2");
      assertThat(test.state(workflow, id).status()).isEqualTo(WorkflowStatus.RUNNABLE);
      test.publish(CALLED, "key", "event");
      assertEnded(test, workflow, id);
    }
  }

  private Workflow<Notes> loop() {
    return define()
        .repeatWhile(
            "loop",
            notes -> notes.notes().size() < 4,
            body ->
                body.when(
                        "first?",
                        notes -> notes.notes().isEmpty(),
                        yes -> yes.run("once", note("once")))
                    .await("wait", CALLED, notes -> "key", Notes::and)
                    .run("step", note("step")))
        .run("after", note("after"))
        .build();
  }

  @Test
  void newestIterationIsRunAgain() {
    Workflow<Notes> workflow = loop();
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      String id = test.start(workflow, Notes.NONE);
      test.publish(CALLED, "key", "1");
      // The third iteration begins after the second one's step was executed again.
      test.publish(CALLED, "key", "2");
      assertThat(names(test.rerun(id, "step"))).containsExactly("step", "first?", "wait");
      test.publish(CALLED, "key", "3");
      test.publish(CALLED, "key", "4");
      assertEnded(test, workflow, id);
      assertThat(executed).containsExactly("once", "step", "step", "step", "step", "step", "after");
      assertThat(begun(test, id)).isEqualTo(4);
    }
  }

  private static int begun(WorkflowTest test, String id) {
    ExecutionPointer loop = test.provider().getWorkflowInstance(id).executionPointers().get(0);
    return Objects.requireNonNull(BlockState.of(loop)).begun();
  }

  @Test
  void iterationsBehindTheStepAreDiscarded() {
    Workflow<Notes> workflow = loop();
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      String id = test.start(workflow, Notes.NONE);
      test.publish(CALLED, "key", "1");
      test.publish(CALLED, "key", "2");
      assertThat(begun(test, id)).isEqualTo(3);
      assertThat(names(test.rerun(workflow, id, "once", notes -> Notes.NONE)))
          .containsExactly("once", "wait", "step", "first?", "wait", "step", "first?", "wait");
      assertThat(begun(test, id)).isEqualTo(1);
      List.of("3", "4", "5", "6").forEach(event -> test.publish(CALLED, "key", event));
      assertEnded(test, workflow, id);
      assertThat(test.state(workflow, id).data().notes()).containsExactly("3", "4", "5", "6");
      assertThat(begun(test, id)).isEqualTo(4);
      test.rerun(id, "step");
      assertEnded(test, workflow, id);
      assertThat(begun(test, id)).isEqualTo(4);
    }
  }

  private Workflow<Notes> items(LoopOption... options) {
    return define()
        .forEach(
            "each",
            notes -> List.of("a", "b", "c"),
            String.class,
            item ->
                item.when("a?", "a"::equals, yes -> yes.run("special", note("special")))
                    .delay("pause", Duration.ofHours(1))
                    .update("done", text -> text + "!"),
            Notes::and,
            options)
        .run("after", note("after"))
        .build();
  }

  @Test
  void itemUnderWayIsRunAgain() {
    Workflow<Notes> workflow = items();
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      String id = test.start(workflow, Notes.NONE);
      test.rerun(id, "special");
      test.rerun(id, "each.item");
      test.rerun(id, "pause");
      test.advance(Duration.ofHours(3));
      assertEnded(test, workflow, id);
      assertThat(test.state(workflow, id).data().notes()).containsExactly("a!", "b!", "c!");
      assertThat(executed).containsExactly("special", "special", "special", "after");
    }
  }

  @Test
  void endedItemIsOpenedAgainOnlyWhenNoOtherIsUnderWay() {
    Workflow<Notes> workflow = items();
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      String id = test.start(workflow, Notes.NONE);
      test.advance(Duration.ofHours(1));
      assertThatThrownBy(() -> test.rerun(id, "special"))
          .isInstanceOf(WorkflowStateException.class)
          .hasMessageContaining(
              "The item in which the step stands has ended, and other items of step 'each' have not.");
      test.advance(Duration.ofHours(2));
      assertThat(names(test.rerun(id, "special")))
          .containsExactly("special", "pause", "done", "after");
      assertThat(status(test, workflow, id, "each")).isEqualTo(PointerStatus.RUNNING);
      test.advance(Duration.ofHours(1));
      assertEnded(test, workflow, id);
      assertThat(test.state(workflow, id).data().notes()).containsExactly("a!", "b!", "c!", "a!!");
      assertThat(executed).containsExactly("special", "after", "special", "after");
    }
  }

  @Test
  void wholeForEachComputesItsItemsAgain() {
    Workflow<Notes> workflow = items(Concurrency.of(3));
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      String id = test.start(workflow, Notes.NONE);
      test.rerun(id, "each");
      test.advance(Duration.ofHours(1));
      assertEnded(test, workflow, id);
      assertThat(test.state(workflow, id).data().notes()).containsExactly("a!", "b!", "c!");
    }
  }

  @Test
  void workflowThatWasEndedByEndGoesOnFromACancelledBranch() {
    Workflow<Notes> workflow =
        define()
            .parallel(
                "both",
                a -> a.await("stop?", CALLED, notes -> "stop", Notes::and).end("stop"),
                b ->
                    b.forEach(
                        "each",
                        notes -> List.of("x", "y"),
                        String.class,
                        item -> item.await("wait", CALLED, text -> text, (text, event) -> event),
                        Notes::and))
            .run("after", note("after"))
            .build();
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      String id = test.start(workflow, Notes.NONE);
      test.publish(CALLED, "stop", "now");
      assertEnded(test, workflow, id);
      assertThat(names(test.state(workflow, id).steps()))
          .containsExactly("both", "stop?", "each", "each.item", "wait", "stop");
      assertThat(names(test.rerun(id, "wait"))).containsExactly("wait");
      test.publish(CALLED, "x", "x event");
      test.publish(CALLED, "y", "y event");
      assertEnded(test, workflow, id);
      assertThat(test.state(workflow, id).data().notes())
          .containsExactly("now", "x event", "y event");
      assertThat(executed).containsExactly("after");
    }
  }

  @Test
  void terminatedWorkflowGoesOnAndWaitsAgainInOtherBranches() {
    Workflow<Notes> workflow =
        define()
            .parallel(
                "all",
                a -> a.await("a", CALLED, notes -> "a", Notes::and),
                b -> b.child("b", child, notes -> notes, (notes, ended) -> notes.and("child")),
                c -> c.activity("c", WORK, notes -> "input", Notes::and),
                d -> d.run("d", note("d"), RetryPolicy.none(), AfterLastAttempt.TERMINATE))
            .run("after", note("after"))
            .build();
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      test.failNext("d", new IllegalStateException("broken"));
      String id = test.start(workflow, Notes.NONE);
      test.advance(Duration.ZERO);
      assertThat(test.state(workflow, id).status()).isEqualTo(WorkflowStatus.TERMINATED);

      assertThat(names(test.rerun(id, "d"))).containsExactly("d");

      assertThat(test.state(workflow, id).status()).isEqualTo(WorkflowStatus.RUNNABLE);
      assertThat(test.state(workflow, id).completeTime()).isNull();
      test.publish(CALLED, "a", "event");
      test.publish(CALLED, "child", "event");
      test.take(WORK).orElseThrow().complete("work");
      test.advance(Duration.ZERO);
      assertEnded(test, workflow, id);
      assertThat(test.state(workflow, id).data().notes())
          .containsExactlyInAnyOrder("event", "child", "work");
      assertThat(executed).containsExactly("d", "after");
    }
  }

  @Test
  void stepCanBeNamedByTheIdOfAnExecution() {
    Workflow<Notes> workflow =
        define()
            .forEach(
                "each",
                notes -> List.of("a", "b"),
                String.class,
                item -> item.await("wait", CALLED, text -> text, (text, event) -> event),
                Notes::and,
                Concurrency.of(2))
            .build();
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      String id = test.start(workflow, Notes.NONE);
      String ofA =
          test.state(workflow, id).steps().stream()
              .filter(step -> step.name().equals("wait"))
              .findFirst()
              .orElseThrow()
              .id();
      assertThat(test.rerun(id, ofA)).extracting(StepState::id).containsExactly(ofA);
      test.publish(CALLED, "a", "1");
      test.publish(CALLED, "b", "2");
      assertEnded(test, workflow, id);
      assertThat(test.state(workflow, id).data().notes()).containsExactly("1", "2");
    }
  }

  @Test
  void unknownInstancesAndStepsAreRefused() {
    Workflow<Notes> workflow = define().run("a", note("a")).build();
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      String id = test.start(workflow, Notes.NONE);
      assertThatThrownBy(() -> test.rerun("x", "a")).isInstanceOf(NotFoundException.class);
      assertThatThrownBy(() -> test.rerun(id, "x"))
          .isInstanceOfSatisfying(
              WorkflowStateException.class,
              refused -> {
                assertThat(refused.retryable()).isFalse();
                assertThat(refused.ids()).containsExactly(id);
              });
      assertEnded(test, workflow, id);
    }
  }
}
