package dev.wfe.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.model.PointerStatus;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.testing.WorkflowTest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** How sagas are compensated, in virtual time. */
final class SagaTest {
  private static final EventType<String> CALLED = EventType.of("called", String.class);
  private static final ActivityType<String, String> WORK =
      ActivityType.of("work", String.class, String.class);
  private static final Duration DAY = Duration.ofDays(1);

  private final List<String> log = new ArrayList<>();

  private static WorkflowBuilder<Notes> define() {
    return Workflow.define("saga", 1, Notes.class);
  }

  /** A step that is noted when it is executed, and when it is undone. */
  private <S extends Steps<?, S>> S step(Steps<?, S> steps, String name) {
    return steps
        .run(name, data -> log.add(name))
        .compensateWith(undo -> undo.run("undo " + name, data -> log.add("undo " + name)));
  }

  private <S extends Steps<?, S>> S failing(Steps<?, S> steps, String name) {
    return steps
        .run(
            name,
            data -> {
              log.add(name);
              throw new IllegalStateException(name + " is not possible");
            },
            RetryPolicy.none())
        .compensateWith(undo -> undo.run("undo " + name, data -> log.add("undo " + name)));
  }

  private Consumer<Branch<Notes>> logged(String name) {
    return branch -> branch.run(name, notes -> log.add(name));
  }

  private WorkflowState<Notes> complete(Workflow<Notes> workflow) {
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      String id = test.start(workflow, Notes.NONE);
      return complete(test, workflow, id);
    }
  }

  private static WorkflowState<Notes> complete(
      WorkflowTest test, Workflow<Notes> workflow, String id) {
    WorkflowState<Notes> state = test.state(workflow, id);
    assertThat(state.status()).as("%s", state).isEqualTo(WorkflowStatus.COMPLETE);
    return state;
  }

  @Test
  void stepsAreCompensatedTheLastOneFirst() {
    WorkflowState<Notes> state =
        complete(
            define()
                .saga(
                    "trip",
                    trip -> {
                      step(trip, "flight").update("between", notes -> notes.and("between"));
                      failing(step(trip, "hotel"), "car").run("never", notes -> log.add("never"));
                    },
                    logged("sorry"))
                .run("after", notes -> log.add("after"))
                .build());
    assertThat(log)
        .containsExactly(
            "flight", "hotel", "car", "undo car", "undo hotel", "undo flight", "sorry", "after");
    assertThat(state.data().notes()).containsExactly("between");
    assertThat(state.step("trip").orElseThrow().status()).isEqualTo(PointerStatus.COMPENSATED);
    assertThat(state.step("trip").orElseThrow().error()).contains("car is not possible");
    assertThat(state.step("flight").orElseThrow().status()).isEqualTo(PointerStatus.COMPENSATED);
    assertThat(state.step("between").orElseThrow().status()).isEqualTo(PointerStatus.COMPLETE);
    assertThat(state.step("car").orElseThrow().error()).contains("car is not possible");
  }

  @Test
  void sagaWithoutAFailureIsNotCompensated() {
    WorkflowState<Notes> state =
        complete(
            define()
                .saga("trip", trip -> step(step(trip, "flight"), "hotel"), logged("sorry"))
                .run("after", notes -> log.add("after"))
                .build());
    assertThat(log).containsExactly("flight", "hotel", "after");
    assertThat(state.step("trip").orElseThrow().status()).isEqualTo(PointerStatus.COMPLETE);
  }

  @Test
  void attemptsComeBeforeTheCompensation() {
    Workflow<Notes> workflow =
        define()
            .saga(
                "trip",
                trip ->
                    step(trip, "flight")
                        .run(
                            "hotel",
                            notes -> {
                              log.add("hotel");
                              throw new IllegalStateException("full");
                            },
                            RetryPolicy.fixed(Duration.ofMillis(1)).maxAttempts(3)),
                sorry -> {})
            .build();
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      String id = test.start(workflow, Notes.NONE);
      test.advance(DAY);
      complete(test, workflow, id);
      assertThat(log).containsExactly("flight", "hotel", "hotel", "hotel", "undo flight");
    }
  }

  @Test
  void compensateEndsTheSagaWithAReason() {
    Workflow<Notes> workflow =
        define()
            .saga(
                "trip",
                trip ->
                    step(trip, "flight")
                        .await(
                            "paid",
                            CALLED,
                            notes -> "key",
                            Notes::and,
                            Timeout.after(DAY)
                                .branch(late -> late.compensate("too late", notes -> "not paid"))),
                sorry -> sorry.end("sorry"))
            .run("after", notes -> log.add("after"))
            .build();
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      String id = test.start(workflow, Notes.NONE);
      assertThat(log).containsExactly("flight");
      test.advance(DAY);
      assertThat(log).containsExactly("flight", "undo flight");
      assertThat(complete(test, workflow, id).step("trip").orElseThrow().error())
          .isEqualTo("not paid");
    }
  }

  @Test
  void branchesIterationsAndItemsAreCompensated() {
    complete(
        define()
            .saga(
                "all",
                all ->
                    failing(
                        all.parallel("both", a -> step(a, "a"), b -> step(b, "b"))
                            .forEach(
                                "each",
                                notes -> List.of(1, 2),
                                Integer.class,
                                item ->
                                    item.update("more", number -> number * 10)
                                        .run("item", number -> log.add("item " + number))
                                        .compensateWith(
                                            undo ->
                                                undo.run(
                                                    "undo item",
                                                    number -> log.add("undo item " + number))),
                                (notes, number) -> notes.and("item " + number))
                            .repeatWhile(
                                "loop",
                                notes -> notes.notes().size() < 4,
                                body -> step(body.update("count", notes -> notes.and("i")), "i")),
                        "last"),
                sorry -> {})
            .build());
    assertThat(log)
        .containsExactly(
            "a",
            "b",
            "item 10",
            "item 20",
            "i",
            "i",
            "last",
            "undo last",
            "undo i",
            "undo i",
            "undo item 20",
            "undo item 10",
            "undo b",
            "undo a");
  }

  @Test
  void manyItemsAreCompensatedInOrder() {
    int items = 250;
    complete(
        define()
            .saga(
                "all",
                all ->
                    failing(
                        all.forEach(
                            "each",
                            notes -> IntStream.range(0, items).boxed().toList(),
                            Integer.class,
                            item ->
                                item.run("item", number -> {})
                                    .compensateWith(
                                        undo ->
                                            undo.run(
                                                "undo item", number -> log.add("undo " + number))),
                            (notes, number) -> notes,
                            History.last(1)),
                        "last"),
                sorry -> {})
            .build());
    List<String> expected = new ArrayList<>(List.of("last", "undo last"));
    IntStream.range(0, items).forEach(i -> expected.add("undo " + (items - 1 - i)));
    assertThat(log).containsExactlyElementsOf(expected);
  }

  @Test
  void whatWaitsInTheSagaIsCancelled() {
    Workflow<Notes> child =
        Workflow.define("child", 1, Notes.class)
            .await("forever", CALLED, notes -> "never", Notes::and)
            .build();
    Workflow<Notes> workflow =
        define()
            .saga(
                "all",
                all ->
                    all.parallel(
                        "parallel",
                        a ->
                            a.await("wait", CALLED, notes -> "other", Notes::and)
                                .run("never", notes -> log.add("never")),
                        b ->
                            b.activity("work", WORK, notes -> "input", Notes::and)
                                .compensateWith(logged("undo work")),
                        c ->
                            c.child("child", child, notes -> notes, (notes, ended) -> notes)
                                .compensateWith(logged("undo child")),
                        d -> d.delay("pause", DAY),
                        e -> failing(e.await("call", CALLED, notes -> "key", Notes::and), "last")),
                sorry -> {})
            .await("behind", CALLED, notes -> "key", Notes::and)
            .build();
    try (WorkflowTest test = WorkflowTest.of(workflow, child)) {
      String id = test.start(workflow, Notes.NONE);
      String childId = test.state(workflow, id).step("child").orElseThrow().id();
      assertThat(test.state(child, childId).status()).isEqualTo(WorkflowStatus.RUNNABLE);
      test.publish(CALLED, "key", "call");
      assertThat(log).containsExactly("last", "undo last", "undo child", "undo work");
      assertThat(test.state(child, childId).status()).isEqualTo(WorkflowStatus.TERMINATED);
      assertThat(test.state(workflow, id).waits()).hasSize(1);
      assertThat(test.state(workflow, id).status()).isEqualTo(WorkflowStatus.RUNNABLE);
      test.publish(CALLED, "key", "behind");
      assertThat(complete(test, workflow, id).data().notes()).containsExactly("call", "behind");
    }
  }

  @Test
  void innerSagaIsCompensatedFirstAndOnce() {
    complete(
        define()
            .saga(
                "outer",
                outer -> {
                  step(outer, "a")
                      .saga(
                          "inner",
                          inner -> failing(step(inner, "b"), "c"),
                          compensated -> step(compensated, "instead"))
                      .saga("complete", inner -> step(inner, "d"), compensated -> {});
                  failing(outer, "e");
                },
                sorry -> {})
            .build());
    assertThat(log)
        .containsExactly(
            "a",
            "b",
            "c",
            "undo c",
            "undo b",
            "instead",
            "d",
            "e",
            "undo e",
            "undo d",
            "undo instead",
            "undo a");
  }

  @Test
  void outerSagaFailsWhileTheInnerOneIsCompensated() {
    Workflow<Notes> workflow =
        define()
            .saga(
                "outer",
                outer ->
                    outer.parallel(
                        "both",
                        a ->
                            a.saga(
                                "inner",
                                inner ->
                                    inner
                                        .run("b", notes -> log.add("b"))
                                        .compensateWith(
                                            undo ->
                                                undo.delay("slow", DAY)
                                                    .run("undo b", notes -> log.add("undo b")))
                                        .compensate("fail", notes -> "no"),
                                instead -> instead.run("never", notes -> log.add("never"))),
                        c -> failing(step(c, "c").delay("pause", DAY.dividedBy(2)), "d")),
                sorry -> {})
            .build();
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      String id = test.start(workflow, Notes.NONE);
      test.advance(DAY.dividedBy(2));
      assertThat(log).containsExactly("c", "b", "d");
      test.advance(DAY);
      assertThat(log).containsExactly("c", "b", "d", "undo b", "undo d", "undo c");
      complete(test, workflow, id);
    }
  }

  @Test
  void failedCompensationSuspendsAndGoesOnAfterRetry() {
    boolean[] works = new boolean[1];
    Workflow<Notes> workflow =
        define()
            .saga(
                "trip",
                trip ->
                    failing(
                        step(trip, "flight")
                            .run("hotel", notes -> log.add("hotel"))
                            .compensateWith(
                                undo ->
                                    undo.run(
                                        "undo hotel",
                                        notes -> {
                                          if (!works[0]) {
                                            throw new IllegalStateException("closed");
                                          }
                                          log.add("undo hotel");
                                        },
                                        RetryPolicy.none())),
                        "car"),
                sorry -> {})
            .build();
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      String id = test.start(workflow, Notes.NONE);
      assertThat(test.state(workflow, id).status()).isEqualTo(WorkflowStatus.SUSPENDED);
      assertThat(test.resume(id)).isFalse();
      works[0] = true;
      assertThat(test.retry(id)).isEqualTo(1);
      complete(test, workflow, id);
      assertThat(log)
          .containsExactly("flight", "hotel", "car", "undo car", "undo hotel", "undo flight");
    }
  }

  @Test
  void otherEndsOfAStepDoNotCompensate() {
    Workflow<Notes> suspending =
        define()
            .saga(
                "trip",
                trip ->
                    step(trip, "flight")
                        .run("no", notes -> fail(), RetryPolicy.none(), AfterLastAttempt.SUSPEND),
                sorry -> {})
            .build();
    try (WorkflowTest test = WorkflowTest.of(suspending)) {
      String id = test.start(suspending, Notes.NONE);
      assertThat(test.state(suspending, id).status()).isEqualTo(WorkflowStatus.SUSPENDED);
    }
    complete(
        define()
            .saga(
                "trip",
                trip ->
                    step(trip, "hotel")
                        .run("no", notes -> fail(), RetryPolicy.none(), AfterLastAttempt.CONTINUE),
                sorry -> {})
            .build());
    assertThat(log).containsExactly("flight", "hotel");
  }

  private static void fail() {
    throw new IllegalStateException("no");
  }

  @Test
  void suspendedSagaIsCompensatedAfterResume() {
    Workflow<Notes> workflow =
        define()
            .saga(
                "trip",
                trip ->
                    step(trip, "flight")
                        .activity("work", WORK, notes -> "", Notes::and, RetryPolicy.none()),
                sorry -> {})
            .build();
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      String id = test.start(workflow, Notes.NONE);
      test.suspend(id);
      test.take(WORK).orElseThrow().fail("broken");
      assertThat(log).containsExactly("flight");
      assertThat(test.resume(id)).isTrue();
      complete(test, workflow, id);
      assertThat(log).containsExactly("flight", "undo flight");
    }
  }

  @Test
  void finishedSagasInALoopAreTrimmed() {
    WorkflowState<Notes> state =
        complete(
            define()
                .repeatWhile(
                    "loop",
                    notes -> notes.notes().size() < 80,
                    body ->
                        body.update("count", notes -> notes.and("i"))
                            .saga(
                                "trip",
                                trip -> failing(step(trip, "flight"), "hotel"),
                                sorry -> {}),
                    History.last(3))
                .build());
    assertThat(state.steps()).hasSizeLessThan(150);
    assertThat(log).hasSize(80 * 4);
  }

  @Test
  void mistakesAreFound() {
    assertMistake(
        () -> define().run("a", notes -> {}).compensateWith(undo -> undo.run("b", notes -> {})),
        "step 'a' has a compensation, but is in no saga");
    assertMistake(
        () -> define().run("a", notes -> {}, AfterLastAttempt.COMPENSATE),
        "step 'a' would have a saga compensated, but is in no saga");
    assertMistake(
        () -> define().compensate("a", notes -> "reason"),
        "step 'a' would have a saga compensated, but is in no saga");
    assertMistake(() -> define().saga("s", body -> {}, sorry -> {}), "step 's' contains no step");
    assertMistake(
        inSaga(body -> body.run("a", notes -> {}).compensateWith(undo -> {})),
        "the compensation of step 'a' contains no step");
    assertMistake(
        inSaga(
            body ->
                body.run("a", notes -> {})
                    .compensateWith(undo -> undo.run("b", notes -> {}))
                    .compensateWith(undo -> undo.run("c", notes -> {}))),
        "step 'a' has two compensations");
    assertMistake(
        inSaga(
            body ->
                body.run("a", notes -> {})
                    .compensateWith(
                        undo -> undo.run("b", notes -> {}, AfterLastAttempt.COMPENSATE))),
        "step 'b' would have a saga compensated, but is in no saga");
    assertMistake(
        inSaga(
            body ->
                body.update("a", notes -> notes).compensateWith(undo -> undo.run("b", n -> {}))),
        "compensateWith has to follow a step that executes code");
  }

  private static Runnable inSaga(Consumer<Branch<Notes>> body) {
    return () -> define().saga("s", body, sorry -> {});
  }

  private static void assertMistake(Runnable definition, String message) {
    assertThatThrownBy(definition::run)
        .isInstanceOf(WorkflowDefinitionException.class)
        .hasMessageContaining(message);
  }
}
