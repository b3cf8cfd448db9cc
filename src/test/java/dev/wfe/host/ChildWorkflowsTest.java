package dev.wfe.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.model.PointerStatus;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.testing.WorkflowTest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Rule 9: Children, in virtual time. */
final class ChildWorkflowsTest {
  private static final EventType<String> CALLED = EventType.of("called", String.class);

  private final Workflow<Notes> child =
      Workflow.define("child", 1, Notes.class)
          .await("wait", CALLED, notes -> "key", Notes::and)
          .update("done", notes -> notes.and("done"))
          .build();

  private static WorkflowBuilder<Notes> define() {
    return Workflow.define("parent", 1, Notes.class);
  }

  private static Notes all(Notes data, Notes child) {
    Notes all = data;
    for (String note : child.notes()) {
      all = all.and(note);
    }
    return all;
  }

  private Workflow<Notes> parent(StepOption... options) {
    return define()
        .child("child", child, notes -> Notes.NONE.and("given"), ChildWorkflowsTest::all, options)
        .update("after", notes -> notes.and("after"))
        .build();
  }

  private static String childOf(WorkflowTest test, Workflow<Notes> parent, String id) {
    return test.state(parent, id).waits().get(0).eventKey();
  }

  @Test
  void parentWaitsForTheChildAndMergesItsData() {
    Workflow<Notes> parent = parent();
    try (WorkflowTest test = WorkflowTest.of(parent)) {
      String id = test.start(parent, Notes.NONE);
      String childId = childOf(test, parent, id);
      assertThat(childId).isEqualTo(test.state(parent, id).step("child").orElseThrow().id());
      assertThat(test.provider().getWorkflowInstance(childId).rootWorkflowId()).isEqualTo(id);
      assertThat(test.state(child, childId).status()).isEqualTo(WorkflowStatus.RUNNABLE);

      test.publish(CALLED, "key", "event");

      assertThat(test.state(child, childId).status()).isEqualTo(WorkflowStatus.COMPLETE);
      assertThat(test.state(parent, id).status()).isEqualTo(WorkflowStatus.COMPLETE);
      assertThat(test.state(parent, id).data().notes())
          .containsExactly("given", "event", "done", "after");
    }
  }

  @Test
  void terminatedChildIsAFailedStepAndRetryStartsAnother() {
    Workflow<Notes> parent = parent();
    try (WorkflowTest test = WorkflowTest.of(parent)) {
      String id = test.start(parent, Notes.NONE);
      String first = childOf(test, parent, id);
      test.terminate(first);
      test.advance(Duration.ZERO);
      assertThat(test.state(parent, id).status()).isEqualTo(WorkflowStatus.SUSPENDED);
      assertThat(test.state(parent, id).step("child").orElseThrow().error())
          .isEqualTo("Child workflow %s was terminated".formatted(first));

      assertThat(test.retry(id)).isEqualTo(1);
      assertThat(childOf(test, parent, id)).isEqualTo(first + ".1");
      test.publish(CALLED, "key", "event");
      assertThat(test.state(parent, id).data().notes())
          .containsExactly("given", "event", "done", "after");
    }
  }

  @Test
  void retryPolicyStartsAnotherChild() {
    Workflow<Notes> parent =
        parent(RetryPolicy.fixed(Duration.ofHours(1)).maxAttempts(2), AfterLastAttempt.CONTINUE);
    try (WorkflowTest test = WorkflowTest.of(parent)) {
      String id = test.start(parent, Notes.NONE);
      String first = childOf(test, parent, id);
      test.terminate(first);
      test.advance(Duration.ofHours(2));
      test.terminate(first + ".1");
      test.advance(Duration.ZERO);
      assertThat(test.state(parent, id).data().notes()).containsExactly("after");
      assertThat(test.state(parent, id).step("child").orElseThrow().failures()).isEqualTo(2);
      assertThat(test.state(parent, id).status()).isEqualTo(WorkflowStatus.COMPLETE);
    }
  }

  @Test
  void childThatTerminatesItselfIsAFailedStep() {
    Workflow<Notes> broken =
        Workflow.define("broken", 1, Notes.class)
            .run("step", notes -> {}, RetryPolicy.none(), AfterLastAttempt.TERMINATE)
            .build();
    Workflow<Notes> parent =
        define().child("child", broken, notes -> notes, (notes, ended) -> notes).build();
    try (WorkflowTest test = WorkflowTest.of(parent)) {
      test.failNext("step", new IllegalStateException("broken"));
      String id = test.start(parent, Notes.NONE);
      assertThat(test.state(parent, id).step("child").orElseThrow().status())
          .isEqualTo(PointerStatus.FAILED);
      assertThat(test.retry(id)).isEqualTo(1);
      assertThat(test.state(parent, id).status()).isEqualTo(WorkflowStatus.COMPLETE);
    }
  }

  @Test
  void suspendedChildHasNotEnded() {
    Workflow<Notes> parent = parent();
    try (WorkflowTest test = WorkflowTest.of(parent)) {
      String id = test.start(parent, Notes.NONE);
      test.suspend(childOf(test, parent, id));
      test.publish(CALLED, "key", "event");
      assertThat(test.state(parent, id).hasEnded()).isFalse();
      test.resume(childOf(test, parent, id));
      test.advance(Duration.ZERO);
      assertThat(test.state(parent, id).status()).isEqualTo(WorkflowStatus.COMPLETE);
    }
  }

  @Test
  void childrenOfATerminatedParentAreTerminatedDownToTheLast() {
    Workflow<Notes> middle =
        Workflow.define("middle", 1, Notes.class)
            .child("child", child, notes -> notes, ChildWorkflowsTest::all)
            .build();
    Workflow<Notes> parent =
        define().child("child", middle, notes -> notes, ChildWorkflowsTest::all).build();
    try (WorkflowTest test = WorkflowTest.of(parent)) {
      String id = test.start(parent, Notes.NONE);
      String middleId = childOf(test, parent, id);
      String lastId = childOf(test, middle, middleId);
      assertThat(test.provider().getWorkflowInstance(lastId).rootWorkflowId()).isEqualTo(id);

      test.terminate(id);
      test.advance(Duration.ZERO);

      assertThat(test.state(middle, middleId).status()).isEqualTo(WorkflowStatus.TERMINATED);
      assertThat(test.state(child, lastId).status()).isEqualTo(WorkflowStatus.TERMINATED);
      assertThat(test.state(parent, id).status()).isEqualTo(WorkflowStatus.TERMINATED);
    }
  }

  @Test
  void endOfTheParentTerminatesItsChildren() {
    List<String> begun = new ArrayList<>();
    Workflow<Notes> parent =
        define()
            .parallel(
                "both",
                a -> a.child("child", child, notes -> notes, ChildWorkflowsTest::all),
                b -> b.delay("pause", Duration.ofHours(1)).end("stop"))
            .run("after", notes -> begun.add("after"))
            .build();
    try (WorkflowTest test = WorkflowTest.of(parent)) {
      String id = test.start(parent, Notes.NONE);
      String childId = childOf(test, parent, id);
      test.advance(Duration.ofHours(1));
      assertThat(test.state(parent, id).status()).isEqualTo(WorkflowStatus.COMPLETE);
      assertThat(test.state(child, childId).status()).isEqualTo(WorkflowStatus.TERMINATED);
      assertThat(begun).isEmpty();
    }
  }

  @Test
  void parentThatEndsAtOnceStartsNoChild() {
    Workflow<Notes> parent =
        define()
            .parallel(
                "both",
                a -> a.child("child", child, notes -> notes, ChildWorkflowsTest::all),
                b -> b.end("stop"))
            .build();
    try (WorkflowTest test = WorkflowTest.of(parent)) {
      String id = test.start(parent, Notes.NONE);
      String childId = test.state(parent, id).step("child").orElseThrow().id();
      assertThat(test.state(parent, id).status()).isEqualTo(WorkflowStatus.COMPLETE);
      assertThat(test.provider().getWorkflowInstances(List.of(childId))).isEmpty();
    }
  }

  @Test
  void eachItemHasAChild() {
    Workflow<Notes> quick =
        Workflow.define("quick", 1, Notes.class)
            .call("step", notes -> notes.notes().get(0) + "!", Notes::and)
            .build();
    Workflow<Notes> parent =
        define()
            .forEach(
                "each",
                Notes::notes,
                String.class,
                item ->
                    item.child(
                        "child", quick, Notes.NONE::and, (text, ended) -> ended.notes().get(1)),
                Notes::and,
                Concurrency.of(2))
            .build();
    try (WorkflowTest test = WorkflowTest.of(parent)) {
      String id = test.start(parent, Notes.NONE.and("a").and("b").and("c"));
      assertThat(test.state(parent, id).data().notes())
          .containsExactlyInAnyOrder("a", "b", "c", "a!", "b!", "c!");
    }
  }

  @Test
  void mistakesAreFoundWhenTheDefinitionIsBuilt() {
    assertThatThrownBy(() -> parent(TimeLimit.of(Duration.ofHours(1))))
        .isInstanceOf(WorkflowDefinitionException.class)
        .hasMessageContaining("step 'child': a child workflow has no time limit");
    Workflow<Notes> other =
        Workflow.define("child", 1, Notes.class).run("other", notes -> {}).build();
    Workflow<Notes> parent = parent();
    assertThatThrownBy(() -> WorkflowTest.of(parent, other))
        .isInstanceOf(WorkflowDefinitionException.class)
        .hasMessageContaining("Workflow 'child' version 1 is given twice");
    WorkflowTest.of(parent, child).close();
  }
}
