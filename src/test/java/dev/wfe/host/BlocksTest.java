package dev.wfe.host;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.wfe.model.Event;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.testing.WorkflowTest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the blocks of a definition do, in virtual time. */
final class BlocksTest {
  private static final EventType<String> CALLED = EventType.of("called", String.class);

  private static WorkflowBuilder<Notes> define() {
    return Workflow.define("blocks", 1, Notes.class);
  }

  private static List<String> stepsOf(Workflow<Notes> workflow, Notes data) {
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      String id = test.start(workflow, data);
      assertThat(test.state(workflow, id).status()).isEqualTo(WorkflowStatus.COMPLETE);
      return test.endedSteps(workflow, id);
    }
  }

  private static UnaryOperator<Notes> note(String note) {
    return notes -> notes.and(note);
  }

  @Test
  void decisionTakesOneBranch() {
    Workflow<Notes> workflow =
        define()
            .when(
                "empty?",
                notes -> notes.notes().isEmpty(),
                yes -> yes.update("yes", note("yes")),
                no -> no.update("no", note("no")).update("no more", note("no more")))
            .update("after", note("after"))
            .build();
    assertThat(stepsOf(workflow, Notes.NONE)).containsExactly("empty?", "yes", "after");
    assertThat(stepsOf(workflow, Notes.NONE.and("x")))
        .containsExactly("empty?", "no", "no more", "after");
  }

  @Test
  void decisionWithoutNoBranchEndsTheWorkflow() {
    Workflow<Notes> workflow =
        define()
            .when("empty?", notes -> notes.notes().isEmpty(), yes -> yes.run("yes", notes -> {}))
            .build();
    assertThat(stepsOf(workflow, Notes.NONE)).containsExactly("empty?", "yes");
    assertThat(stepsOf(workflow, Notes.NONE.and("x"))).containsExactly("empty?");
  }

  @Test
  void emptyBranchesGoOn() {
    Workflow<Notes> workflow =
        define()
            .when("one", notes -> true, yes -> {}, no -> {})
            .when("two", notes -> true, yes -> yes.when("three", notes -> false, inner -> {}))
            .run("after", notes -> {})
            .build();
    assertThat(stepsOf(workflow, Notes.NONE)).containsExactly("one", "two", "three", "after");
  }

  @Test
  void decisionIsMadeOnce() {
    try (WorkflowTest test = WorkflowTest.of(waitInBranch())) {
      Workflow<Notes> workflow = waitInBranch();
      String id = test.start(workflow, Notes.NONE);
      test.publish(CALLED, "key", "changed");
      assertThat(test.endedSteps(workflow, id)).containsExactly("empty?", "wait", "in branch");
    }
  }

  private static Workflow<Notes> waitInBranch() {
    return define()
        .when(
            "empty?",
            notes -> notes.notes().isEmpty(),
            yes ->
                yes.await("wait", CALLED, notes -> "key", Notes::and).run("in branch", notes -> {}),
            no -> no.run("other", notes -> {}))
        .build();
  }

  @Test
  void delayEndsAtItsTimeAndNotBefore() {
    Workflow<Notes> workflow =
        define()
            .delay("pause", Duration.ofDays(2))
            .delay("computed", notes -> Duration.ofHours(notes.notes().size()))
            .run("after", notes -> {})
            .build();
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      String id = test.start(workflow, Notes.NONE.and("x"));
      test.advance(Duration.ofDays(2).minusMillis(2));
      assertThat(test.endedSteps(workflow, id)).isEmpty();
      test.advance(Duration.ofMillis(2));
      assertThat(test.endedSteps(workflow, id)).containsExactly("pause");
      test.advance(Duration.ofHours(1));
      assertThat(test.endedSteps(workflow, id)).containsExactly("pause", "computed", "after");
    }
  }

  @Test
  void delayOfNoTimeOrLessDoesNotWait() {
    Workflow<Notes> workflow =
        define()
            .delay("zero", Duration.ZERO)
            .delay("negative", Duration.ofDays(-1))
            .delay("endless", Duration.ofSeconds(Long.MIN_VALUE))
            .run("after", notes -> {})
            .build();
    assertThat(stepsOf(workflow, Notes.NONE))
        .containsExactly("zero", "negative", "endless", "after");
  }

  @Test
  void delayThatNoClockCanReachSuspendsTheWorkflow() {
    for (Duration delay :
        List.of(Duration.ofSeconds(Long.MAX_VALUE), Duration.ofDays(400_000_000))) {
      Workflow<Notes> workflow = define().delay("pause", delay).build();
      try (WorkflowTest test = WorkflowTest.of(workflow)) {
        String id = test.start(workflow, Notes.NONE);
        assertThat(test.state(workflow, id).status()).isEqualTo(WorkflowStatus.SUSPENDED);
        assertThat(test.state(workflow, id).step("pause").orElseThrow().error()).isNotEmpty();
      }
    }
  }

  @Test
  void eventBeforeTheTimeLimitIsMerged() {
    Workflow<Notes> workflow = limited();
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      String id = test.start(workflow, Notes.NONE);
      test.advance(Duration.ofDays(1).minusMillis(2));
      test.publish(CALLED, "key", "event");
      test.advance(Duration.ofDays(10));
      assertThat(test.state(workflow, id).data().notes()).containsExactly("event", "after");
      assertThat(test.timedOutSteps(workflow, id)).isEmpty();
    }
  }

  @Test
  void eventAfterTheTimeLimitIsLeftToTheNextWait() {
    Workflow<Notes> workflow =
        define()
            .await(
                "first",
                CALLED,
                notes -> "key",
                Notes::and,
                dev.wfe.host.Timeout.after(Duration.ofDays(1)).update("late", note("late")))
            .await("second", CALLED, notes -> "key", Notes::and)
            .build();
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      String id = test.start(workflow, Notes.NONE);
      test.advance(Duration.ofDays(1));
      test.publish(CALLED, "key", "event");
      assertThat(test.state(workflow, id).data().notes()).containsExactly("late", "event");
      assertThat(test.timedOutSteps(workflow, id)).containsExactly("first");
    }
  }

  @Test
  void waitWithoutEventTakesTheLateBranch() {
    Workflow<Notes> workflow = limited();
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      String id = test.start(workflow, Notes.NONE);
      assertThat(test.state(workflow, id).waits().get(0).until())
          .isEqualTo(test.now().plus(Duration.ofDays(1)));
      test.advance(Duration.ofDays(1));
      assertThat(test.state(workflow, id).data().notes()).containsExactly("late", "after");
      assertThat(test.provider().getSubscriptions(CALLED.name(), "key", test.now())).isEmpty();
    }
  }

  private static Workflow<Notes> limited() {
    return define()
        .await(
            "wait",
            CALLED,
            notes -> "key",
            Notes::and,
            dev.wfe.host.Timeout.after(Duration.ofDays(1)).update("late", note("late")))
        .update("after", note("after"))
        .build();
  }

  @Test
  void moreThanHundredWaitsConsumeEventsOfOneMomentOnce() {
    int waits = 150;
    WorkflowBuilder<Notes> builder = define().delay("pause", Duration.ofSeconds(1));
    for (int i = 0; i < waits; i++) {
      builder.await("wait " + i, CALLED, notes -> "key", Notes::and);
    }
    Workflow<Notes> workflow = builder.build();
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      String id = test.start(workflow, Notes.NONE);
      List<String> payloads = IntStream.range(0, 400).mapToObj(String::valueOf).toList();
      payloads.forEach(payload -> test.publish(CALLED, "key", payload));
      test.advance(Duration.ofSeconds(1));
      assertThat(test.state(workflow, id).data().notes()).isEqualTo(payloads.subList(0, waits));
    }
  }

  /** An event with an earlier time than a consumed one, which is committed between two waits. */
  @ParameterizedTest
  @ValueSource(strings = {"run", "transaction", "nothing"})
  void eventThatIsCommittedLateBetweenTwoWaitsIsDelivered(String between) {
    WorkflowBuilder<Notes> builder =
        define()
            .delay("begin", Duration.ofSeconds(5))
            .await("first", CALLED, notes -> "key", Notes::and)
            .delay("pause", Duration.ofSeconds(2));
    if (between.equals("run")) {
      builder.run("between", notes -> {});
    } else if (between.equals("transaction")) {
      builder.runInTransaction("between", (notes, transaction) -> {});
    }
    Workflow<Notes> workflow = builder.await("second", CALLED, notes -> "key", Notes::and).build();
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      String id = test.start(workflow, Notes.NONE);
      test.advance(Duration.ofSeconds(5));
      Instant earlier = test.now().minusSeconds(1);
      test.publish(CALLED, "key", "later");
      assertThat(test.state(workflow, id).data().notes()).containsExactly("later");
      test.provider()
          .createEvent(
              Event.builder(CALLED.name(), "key")
                  .eventData(JsonNodeFactory.instance.textNode("earlier"))
                  .eventTime(earlier)
                  .build());
      test.advance(Duration.ofSeconds(1));
      test.advance(Duration.ofSeconds(1));
      assertThat(test.state(workflow, id).data().notes()).containsExactly("later", "earlier");
    }
  }

  @Test
  void timersOfManyWorkflowsPassInOrder() {
    List<String> order = new java.util.ArrayList<>();
    Workflow<Notes> workflow =
        define()
            .delay("pause", notes -> Duration.ofMinutes(Long.parseLong(notes.notes().get(0))))
            .run("step", notes -> order.add(notes.notes().get(0)))
            .build();
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      for (String minutes : List.of("3", "1", "2")) {
        test.start(workflow, Notes.NONE.and(minutes));
      }
      test.advance(Duration.ofHours(1));
      assertThat(order).containsExactly("1", "2", "3");
    }
  }
}
