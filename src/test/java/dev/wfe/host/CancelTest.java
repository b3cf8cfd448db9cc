package dev.wfe.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.model.PointerStatus;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.WorkflowStateException;
import dev.wfe.testing.WorkflowTest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Cancelling a step, and with it a branch, an iteration or an item; in virtual time. */
final class CancelTest {
  private static final EventType<String> CALLED = EventType.of("called", String.class);
  private static final ActivityType<String, String> WORK =
      ActivityType.of("work", String.class, String.class);

  private final List<String> executed = new ArrayList<>();

  private static WorkflowBuilder<Notes> define() {
    return Workflow.define("flow", 1, Notes.class);
  }

  private StepAction<Object> note(String name) {
    return data -> executed.add(name);
  }

  private static List<String> names(List<StepState> steps) {
    return steps.stream().map(StepState::name).toList();
  }

  private static void assertEnded(WorkflowTest test, Workflow<Notes> workflow, String id) {
    assertThat(test.state(workflow, id).status()).isEqualTo(WorkflowStatus.COMPLETE);
  }

  private Workflow<Notes> branches() {
    return define()
        .parallel(
            "both",
            a -> a.await("a1", CALLED, notes -> "a", Notes::and).run("a2", note("a2")),
            b -> b.await("b1", CALLED, notes -> "b", Notes::and).run("b2", note("b2")))
        .run("after", note("after"))
        .build();
  }

  @Test
  void branchEndsAndTheBlockGoesOnWithoutIt() {
    Workflow<Notes> workflow = branches();
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      String id = test.start(workflow, Notes.NONE);
      List<StepState> cancelled = test.cancel(id, "a1");
      assertThat(names(cancelled)).containsExactly("a1");
      assertThat(cancelled.get(0).status()).isEqualTo(PointerStatus.CANCELLED);
      assertThat(test.provider().getSubscriptions(CALLED.name(), "a", test.now())).isEmpty();
      assertThat(test.cancel(id, "a1")).isEmpty();
      assertThat(test.state(workflow, id).hasEnded()).isFalse();
      test.publish(CALLED, "a", "late");
      test.publish(CALLED, "b", "event");
      assertEnded(test, workflow, id);
      assertThat(test.state(workflow, id).data().notes()).containsExactly("event");
      assertThat(executed).containsExactly("b2", "after");
      assertThat(test.cancel(id, "b1")).isEmpty();
    }
  }

  @Test
  void lastBranchEndsTheBlock() {
    Workflow<Notes> workflow = branches();
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      String id = test.start(workflow, Notes.NONE);
      test.cancel(id, "a1");
      test.cancel(id, "b1");
      assertEnded(test, workflow, id);
      assertThat(executed).containsExactly("after");
    }
  }

  @Test
  void failedStepIsCancelledAndTheWorkflowStaysSuspended() {
    Workflow<Notes> workflow =
        define()
            .parallel(
                "both", a -> a.run("a", note("a"), RetryPolicy.none()), b -> b.run("b", note("b")))
            .run("after", note("after"))
            .build();
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      test.failNext("a", new IllegalStateException("broken"));
      String id = test.start(workflow, Notes.NONE);
      assertThat(test.cancel(id, "a").get(0).error()).contains("broken");
      assertThat(test.state(workflow, id).status()).isEqualTo(WorkflowStatus.SUSPENDED);
      assertThat(test.retry(id)).isZero();
      assertThat(test.resume(id)).isTrue();
      assertEnded(test, workflow, id);
      assertThat(executed).containsExactly("b", "after");
    }
  }

  @Test
  void blockIsCancelledWithAllThatItContains() {
    Workflow<Notes> child =
        Workflow.define("child", 1, Notes.class)
            .await("wait", CALLED, notes -> "child", Notes::and)
            .build();
    Workflow<Notes> workflow =
        define()
            .parallel(
                "outer",
                a ->
                    a.parallel(
                            "inner",
                            c -> c.child("child", child, notes -> notes, (notes, ended) -> notes),
                            d -> d.activity("work", WORK, notes -> "input", Notes::and),
                            e -> e.delay("pause", Duration.ofDays(1)),
                            f ->
                                f.forEach(
                                    "each",
                                    notes -> List.of("x", "y"),
                                    String.class,
                                    item -> item.delay("item pause", Duration.ofDays(1)),
                                    Notes::and),
                            g -> g.run("done", note("done")))
                        .run("never", note("never")),
                b -> b.delay("short", Duration.ofHours(1)))
            .run("after", note("after"))
            .build();
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      String id = test.start(workflow, Notes.NONE);
      String childId =
          test.state(workflow, id).waits().stream()
              .filter(wait -> wait.step().equals("child"))
              .findFirst()
              .orElseThrow()
              .eventKey();

      assertThat(names(test.cancel(id, "inner")))
          .containsExactlyInAnyOrder(
              "inner", "child", "work", "pause", "each", "each.item", "item pause");

      assertThat(test.state(child, childId).status()).isEqualTo(WorkflowStatus.TERMINATED);
      assertThat(test.take(WORK)).isEmpty();
      test.advance(Duration.ofHours(1));
      assertEnded(test, workflow, id);
      assertThat(executed).containsExactly("done", "after");
      assertThat(test.state(workflow, id).step("done").orElseThrow().status())
          .isEqualTo(PointerStatus.COMPLETE);
    }
  }

  private Workflow<Notes> items() {
    return define()
        .forEach(
            "each",
            notes -> List.of("a", "b", "c"),
            String.class,
            item ->
                item.await("wait", CALLED, text -> text, (text, event) -> text + event)
                    .update("done", text -> text + "!"),
            Notes::and)
        .run("after", note("after"))
        .build();
  }

  @Test
  void cancelledItemIsNotMergedAndTheNextOneBegins() {
    Workflow<Notes> workflow = items();
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      String id = test.start(workflow, Notes.NONE);
      assertThat(names(test.cancel(id, "each.item"))).containsExactly("each.item", "wait");
      test.publish(CALLED, "a", "1");
      test.publish(CALLED, "b", "2");
      test.publish(CALLED, "c", "3");
      assertEnded(test, workflow, id);
      assertThat(test.state(workflow, id).data().notes()).containsExactly("b2!", "c3!");
    }
  }

  @Test
  void itemWhoseStepIsCancelledIsMergedAsItIs() {
    Workflow<Notes> workflow = items();
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      String id = test.start(workflow, Notes.NONE);
      test.cancel(id, "wait");
      test.publish(CALLED, "b", "2");
      test.publish(CALLED, "c", "3");
      assertEnded(test, workflow, id);
      assertThat(test.state(workflow, id).data().notes()).containsExactly("a", "b2!", "c3!");
    }
  }

  @Test
  void cancelledIterationIsFollowedByTheNextOne() {
    Workflow<Notes> workflow =
        define()
            .repeatWhile(
                "loop",
                notes -> notes.notes().isEmpty(),
                body -> body.await("wait", CALLED, notes -> "key", Notes::and))
            .build();
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      String id = test.start(workflow, Notes.NONE);
      String first = test.state(workflow, id).step("wait").orElseThrow().id();
      assertThat(test.cancel(id, "wait")).extracting(StepState::id).containsExactly(first);
      assertThat(test.state(workflow, id).waits()).hasSize(1);
      test.publish(CALLED, "key", "event");
      assertEnded(test, workflow, id);
    }
  }

  @Test
  void cancelledBranchCanBeRunAgain() {
    Workflow<Notes> workflow = branches();
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      String id = test.start(workflow, Notes.NONE);
      test.cancel(id, "a1");
      test.rerun(id, "a1");
      test.publish(CALLED, "b", "b");
      assertThat(test.state(workflow, id).hasEnded()).isFalse();
      test.publish(CALLED, "a", "a");
      assertEnded(test, workflow, id);
      assertThat(executed).containsExactly("b2", "a2", "after");
    }
  }

  @Test
  void stepOutsideOfBlocksIsRefused() {
    Workflow<Notes> workflow = define().await("wait", CALLED, notes -> "key", Notes::and).build();
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      String id = test.start(workflow, Notes.NONE);
      assertThatThrownBy(() -> test.cancel(id, "wait"))
          .isInstanceOf(WorkflowStateException.class)
          .hasMessageContaining("Step 'wait' stands in no block");
      assertThatThrownBy(() -> test.cancel(id, "x"))
          .isInstanceOf(WorkflowStateException.class)
          .hasMessageContaining("Step 'x' has not begun");
      assertThatThrownBy(() -> test.cancel("x", "wait")).isInstanceOf(NotFoundException.class);
      assertThat(test.state(workflow, id).waits()).hasSize(1);
    }
  }
}
