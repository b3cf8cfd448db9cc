package dev.wfe.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.memory.InMemoryPersistenceProvider;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.WorkflowStateException;
import dev.wfe.testing.WorkflowTest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Moving an instance to another version of its definition, in virtual time. */
final class MoveTest {
  private static final EventType<String> CALLED = EventType.of("called", String.class);
  private static final EventType<String> OTHER = EventType.of("other", String.class);
  private static final ActivityType<String, String> WORK =
      ActivityType.of("work", String.class, String.class);

  private final List<String> executed = new ArrayList<>();

  /** Data of a later version. */
  record Letter(String text, int pages) {
    Letter and(String more) {
      return new Letter(text + more, pages);
    }
  }

  private static WorkflowBuilder<Notes> version(int version) {
    return Workflow.define("flow", version, Notes.class);
  }

  private StepAction<Object> note(String name) {
    return data -> executed.add(name);
  }

  private Workflow<Notes> waiting(int version, String wait, String after) {
    return version(version)
        .await(wait, CALLED, notes -> "key", Notes::and)
        .run(after, note(after))
        .build();
  }

  private static void assertMoves(WorkflowClient client, Workflow<?> target, String id) {
    assertThat(client.move(id, target, StepMapping.sameNames())).isTrue();
  }

  private static void assertRefused(
      WorkflowTest test, String id, Workflow<?> target, StepMapping mapping, String... problems) {
    WorkflowInstance before = test.provider().getWorkflowInstance(id);
    assertThatThrownBy(() -> test.move(id, target, mapping))
        .isInstanceOf(WorkflowStateException.class)
        .hasMessageContainingAll(problems);
    assertThat(test.provider().getWorkflowInstance(id)).isEqualTo(before);
  }

  @Test
  void waitGoesOnInTheOtherVersion() {
    Workflow<Notes> one = waiting(1, "wait", "old");
    Workflow<Notes> two = waiting(2, "wait", "new");
    try (WorkflowTest test = WorkflowTest.of(one, two)) {
      String id = test.start(one, Notes.NONE);
      assertMoves(test, two, id);
      assertMoves(test, two, id);
      assertThat(test.state(two, id).version()).isEqualTo(2);
      test.publish(CALLED, "key", "event");
      assertThat(test.state(two, id).status()).isEqualTo(WorkflowStatus.COMPLETE);
      assertThat(executed).containsExactly("new");
      assertThat(test.move(id, one, StepMapping.sameNames())).isFalse();
      assertThat(test.state(two, id).version()).isEqualTo(2);
    }
  }

  @Test
  void stepIsMappedToAnotherName() {
    Workflow<Notes> one = waiting(1, "wait", "old");
    Workflow<Notes> two =
        version(2)
            .run("first", note("first"))
            .await("decision", CALLED, notes -> "key", Notes::and)
            .run("new", note("new"))
            .build();
    try (WorkflowTest test = WorkflowTest.of(one, two)) {
      String id = test.start(one, Notes.NONE);
      assertRefused(
          test,
          id,
          two,
          StepMapping.sameNames(),
          "It cannot be moved from version 1 to 2: it stands at step 'wait', and version 2 has no step 'wait': map the step");
      assertThat(test.move(id, two, StepMapping.sameNames().step("wait", "decision"))).isTrue();
      assertThat(test.state(two, id).waits().get(0).step()).isEqualTo("decision");
      assertThat(test.provider().getLiveWorkflow(id).pointers().get(0).stepId()).isEqualTo(1);
      test.publish(CALLED, "key", "event");
      assertThat(test.state(two, id).status()).isEqualTo(WorkflowStatus.COMPLETE);
      assertThat(executed).containsExactly("new");
    }
  }

  @Test
  void dataIsConverted() {
    Workflow<Notes> one = waiting(1, "wait", "old");
    Workflow<Letter> two =
        Workflow.define("flow", 2, Letter.class)
            .await("wait", CALLED, letter -> "key", Letter::and)
            .build();
    try (WorkflowTest test = WorkflowTest.of(one, two)) {
      String id = test.start(one, Notes.NONE.and("a"));
      assertRefused(test, id, two, StepMapping.sameNames(), "the data cannot be read: ");
      assertRefused(
          test,
          id,
          two,
          StepMapping.sameNames()
              .data(
                  old -> {
                    throw new IllegalArgumentException("no letter");
                  }),
          "The data cannot be converted: java.lang.IllegalArgumentException: no letter");
      assertThat(
              test.move(
                  id,
                  two,
                  StepMapping.sameNames()
                      .data(old -> new Letter(old.path("notes").path(0).asText(), 3))))
          .isTrue();
      test.publish(CALLED, "key", "b");
      assertThat(test.state(two, id).data()).isEqualTo(new Letter("ab", 3));
    }
  }

  @Test
  void failedStepIsMovedAndRetried() {
    Workflow<Notes> one =
        version(1).run("step", notes -> executed.add("old"), RetryPolicy.none()).build();
    Workflow<Notes> two =
        version(2).call("repaired", notes -> "new", Notes::and, RetryPolicy.none()).build();
    try (WorkflowTest test = WorkflowTest.of(one, two)) {
      test.failNext("step", new IllegalStateException("broken"));
      String id = test.start(one, Notes.NONE);
      assertThat(test.move(id, two, StepMapping.sameNames().step("step", "repaired"))).isTrue();
      assertThat(test.state(two, id).status()).isEqualTo(WorkflowStatus.SUSPENDED);
      assertThat(test.retry(id)).isEqualTo(1);
      assertThat(test.state(two, id).data().notes()).containsExactly("new");
      assertThat(executed).isEmpty();
    }
  }

  private Workflow<Notes> blocks(int version, String both, String each) {
    return version(version)
        .parallel(
            both,
            a -> a.await("a", CALLED, notes -> "a", Notes::and).run("a after", note("a" + version)),
            b ->
                b.forEach(
                    each,
                    notes -> List.of("x", "y"),
                    String.class,
                    item ->
                        item.await("item", CALLED, text -> text, (text, event) -> event)
                            .update("version", text -> text + version),
                    Notes::and))
        .run("after", note("after" + version))
        .build();
  }

  @Test
  void blocksAndItemsAreMovedTogether() {
    Workflow<Notes> one = blocks(1, "both", "each");
    Workflow<Notes> two = blocks(2, "two", "items");
    try (WorkflowTest test = WorkflowTest.of(one, two)) {
      String id = test.start(one, Notes.NONE);
      assertRefused(
          test,
          id,
          two,
          StepMapping.sameNames(),
          "no step 'both'",
          "no step 'each'",
          "'each.item'");
      assertThat(
              test.move(id, two, StepMapping.sameNames().step("both", "two").step("each", "items")))
          .isTrue();
      test.publish(CALLED, "x", "1");
      test.publish(CALLED, "a", "2");
      test.publish(CALLED, "y", "3");
      assertThat(test.state(two, id).status()).isEqualTo(WorkflowStatus.COMPLETE);
      assertThat(test.state(two, id).data().notes()).containsExactly("12", "2", "32");
      assertThat(executed).containsExactly("a2", "after2");
    }
  }

  @Test
  void stepThatStandsElsewhereIsRefused() {
    Consumer<Branch<Notes>> a = branch -> branch.await("a", CALLED, notes -> "a", Notes::and);
    Consumer<Branch<Notes>> b = branch -> branch.await("b", CALLED, notes -> "b", Notes::and);
    Workflow<Notes> one = version(1).parallel("both", a, b).build();
    Workflow<Notes> outside =
        version(2)
            .parallel("both", branch -> branch.run("other", note("other")), b)
            .await("a", CALLED, notes -> "a", Notes::and)
            .build();
    Workflow<Notes> together = version(3).parallel("both", a.andThen(b)).build();
    Workflow<Notes> swapped = version(4).parallel("both", b, a).build();
    try (WorkflowTest test = WorkflowTest.of(one, outside, together, swapped)) {
      String id = test.start(one, Notes.NONE);
      assertRefused(
          test,
          id,
          outside,
          StepMapping.sameNames(),
          "step 'a' has to stand in block 'both', and stands in no block");
      assertRefused(
          test,
          id,
          together,
          StepMapping.sameNames(),
          "two branches of step 'both' would both stand in its branch 1");
      assertMoves(test, swapped, id);
      test.publish(CALLED, "a", "1");
      test.publish(CALLED, "b", "2");
      assertThat(test.state(swapped, id).status()).isEqualTo(WorkflowStatus.COMPLETE);
    }
  }

  @Test
  void eachProblemIsNamed() {
    Workflow<Notes> child =
        Workflow.define("child", 1, Notes.class)
            .await("wait", CALLED, notes -> "child", Notes::and)
            .build();
    Workflow<Notes> one =
        version(1)
            .parallel(
                "all",
                a -> a.await("a", CALLED, notes -> "a", Notes::and),
                b -> b.activity("b", WORK, notes -> "input", Notes::and),
                c -> c.child("c", child, notes -> notes, (notes, ended) -> notes),
                d ->
                    d.await(
                        "d",
                        CALLED,
                        notes -> "d",
                        Notes::and,
                        Timeout.after(Duration.ofDays(1)).goOn()))
            .build();
    Workflow<Notes> two =
        version(2)
            .parallel(
                "all",
                a -> a.await("a", OTHER, notes -> "a", Notes::and),
                b -> b.run("b", note("b")),
                c ->
                    c.activity(
                        "c",
                        ActivityType.of("toil", String.class, String.class),
                        notes -> "input",
                        Notes::and),
                d -> d.await("d", CALLED, notes -> "d", Notes::and))
            .build();
    try (WorkflowTest test = WorkflowTest.of(one, two)) {
      String id = test.start(one, Notes.NONE);
      assertRefused(
          test,
          id,
          two,
          StepMapping.sameNames().step("e", "a").step("a", "f"),
          "version 1 has no step 'e', which is mapped",
          "version 2 has no step 'f', to which 'a' is mapped",
          "step 'b' is of kind activity, and step 'b' is of kind run",
          "step 'c' is of kind child, and step 'c' is of kind activity",
          "the time limit of step 'd' has begun, and step 'd' has none");
      assertRefused(
          test,
          id,
          two,
          StepMapping.sameNames(),
          "the event of step 'a' is called, and that of step 'a' is other");
      Workflow<Notes> stranger = Workflow.define("stranger", 2, Notes.class).end("x").build();
      assertRefused(
          test, id, stranger, StepMapping.sameNames(), "It runs definition 'flow', not 'stranger'");
      assertThatThrownBy(() -> test.move("x", two, StepMapping.sameNames()))
          .isInstanceOf(NotFoundException.class);
    }
  }

  @Test
  void versionThatNoHostHasExecutedIsRefused() {
    WorkflowClient client = WorkflowClient.over(new InMemoryPersistenceProvider());
    String id = client.startWorkflow(waiting(1, "wait", "old"), Notes.NONE).id();
    assertThatThrownBy(() -> client.move(id, waiting(2, "wait", "new"), StepMapping.sameNames()))
        .isInstanceOf(WorkflowStateException.class)
        .hasMessageContaining(
            "The graph of version 1 is not stored: no host was started with this version");
  }

  @Test
  void stepOfAnOldVersionCannotBeRunAgain() {
    Workflow<Notes> one =
        version(1)
            .run("gone", note("gone"))
            .await("wait", CALLED, notes -> "key", Notes::and)
            .build();
    Workflow<Notes> two = waiting(2, "wait", "new");
    try (WorkflowTest test = WorkflowTest.of(one, two)) {
      String id = test.start(one, Notes.NONE);
      assertMoves(test, two, id);
      assertThatThrownBy(() -> test.rerun(id, "gone"))
          .isInstanceOf(WorkflowStateException.class)
          .hasMessageContaining("Version 2 has no step 'gone'");
      assertThat(test.rerun(id, "wait")).hasSize(1);
    }
  }
}
