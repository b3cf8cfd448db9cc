package dev.wfe.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.PointerStatus;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.testing.WorkflowTest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What blocks that contain steps do, in virtual time. */
final class ContainingBlocksTest {
  private static final EventType<String> CALLED = EventType.of("called", String.class);

  /** Data with items. */
  record Order(List<Line> lines, List<String> packed) {
    static Order of(String... items) {
      return new Order(Stream.of(items).map(item -> new Line(item, 0)).toList(), List.of());
    }

    Order and(Line line) {
      return new Order(
          lines, Stream.concat(packed.stream(), Stream.of(line.item() + line.count())).toList());
    }
  }

  record Line(String item, int count) {
    Line more() {
      return new Line(item, count + 1);
    }
  }

  private enum Kind {
    SMALL,
    LARGE
  }

  private static WorkflowBuilder<Notes> define() {
    return Workflow.define("blocks", 1, Notes.class);
  }

  private static WorkflowBuilder<Order> defineOrder() {
    return Workflow.define("order", 1, Order.class);
  }

  private static UnaryOperator<Notes> note(String note) {
    return notes -> notes.and(note);
  }

  private static <D> D result(Workflow<D> workflow, D data) {
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      String id = test.start(workflow, data);
      assertThat(test.state(workflow, id).status()).isEqualTo(WorkflowStatus.COMPLETE);
      return test.state(workflow, id).data();
    }
  }

  @Test
  void switchTakesTheBranchOfTheValue() {
    Workflow<Notes> workflow =
        define()
            .switchOn(
                "kind",
                notes -> notes.notes().size() > 1 ? Kind.LARGE : Kind.SMALL,
                cases ->
                    cases
                        .on(Kind.SMALL, small -> small.update("small", note("small")))
                        .on(Kind.LARGE, large -> large.update("large", note("large"))))
            .update("after", note("after"))
            .build();
    assertThat(result(workflow, Notes.NONE).notes()).containsExactly("small", "after");
    assertThat(result(workflow, Notes.NONE.and("a").and("b")).notes())
        .containsExactly("a", "b", "large", "after");
  }

  @Test
  void switchTakesOtherwiseForNullAndForOtherValues() {
    Workflow<Notes> workflow =
        define()
            .switchOn(
                "first",
                notes -> notes.notes().isEmpty() ? null : notes.notes().get(0),
                cases -> cases.on("a", a -> {}).otherwise(b -> b.update("other", note("other"))))
            .build();
    assertThat(result(workflow, Notes.NONE).notes()).containsExactly("other");
    assertThat(result(workflow, Notes.NONE.and("x")).notes()).containsExactly("x", "other");
    assertThat(result(workflow, Notes.NONE.and("a")).notes()).containsExactly("a");
  }

  @Test
  void switchWithoutAMatchingCaseSuspendsAndNamesTheValue() {
    Workflow<Notes> workflow =
        define().switchOn("size", notes -> 3, cases -> cases.on(1, one -> {})).build();
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      String id = test.start(workflow, Notes.NONE);
      assertThat(test.state(workflow, id).status()).isEqualTo(WorkflowStatus.SUSPENDED);
      assertThat(test.state(workflow, id).step("size").orElseThrow().error())
          .contains("No case matches the value 3");
    }
  }

  @Test
  void branchesShareTheDataAndTheStepBehindThemWaitsForAll() {
    Workflow<Notes> workflow =
        define()
            .parallel(
                "both",
                a -> a.call("a", notes -> "a", Notes::and).update("a2", note("a2")),
                b -> b.delay("b", Duration.ofDays(1)).update("b2", note("b2")))
            .update("after", note("after"))
            .build();
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      String id = test.start(workflow, Notes.NONE);
      assertThat(test.state(workflow, id).data().notes()).containsExactly("a", "a2");
      assertThat(test.state(workflow, id).step("both").orElseThrow().status())
          .isEqualTo(PointerStatus.RUNNING);
      test.advance(Duration.ofDays(1));
      assertThat(test.state(workflow, id).data().notes()).containsExactly("a", "a2", "b2", "after");
      assertThat(test.state(workflow, id).status()).isEqualTo(WorkflowStatus.COMPLETE);
    }
  }

  @Test
  void eachParallelWaitGetsTheEventAndTheNextWaitDoesNot() {
    Workflow<Notes> workflow =
        define()
            .parallel(
                "both",
                a -> a.await("a", CALLED, notes -> "key", (notes, e) -> notes.and("a" + e)),
                b -> b.await("b", CALLED, notes -> "key", (notes, e) -> notes.and("b" + e)))
            .await("next", CALLED, notes -> "key", (notes, e) -> notes.and("next" + e))
            .build();
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      String id = test.start(workflow, Notes.NONE);
      test.publish(CALLED, "key", "1");
      assertThat(test.state(workflow, id).data().notes()).containsExactlyInAnyOrder("a1", "b1");
      assertThat(test.state(workflow, id).hasEnded()).isFalse();
      test.publish(CALLED, "key", "2");
      assertThat(test.state(workflow, id).data().notes())
          .containsExactlyInAnyOrder("a1", "b1", "next2");
    }
  }

  @Test
  void failedBranchHoldsTheBlockUntilItIsRetried() {
    Workflow<Notes> workflow =
        define()
            .parallel(
                "both",
                a -> a.run("a", notes -> {}, RetryPolicy.none()).update("a2", note("a2")),
                b -> b.delay("b", Duration.ofDays(1)).update("b2", note("b2")))
            .update("after", note("after"))
            .build();
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      test.failNext("a", new IllegalStateException("broken"));
      String id = test.start(workflow, Notes.NONE);
      assertThat(test.state(workflow, id).status()).isEqualTo(WorkflowStatus.SUSPENDED);
      // The other branch can go on without it, but not the block.
      assertThat(test.resume(id)).isTrue();
      test.advance(Duration.ofDays(1));
      assertThat(test.state(workflow, id).data().notes()).containsExactly("b2");
      assertThat(test.state(workflow, id).status()).isEqualTo(WorkflowStatus.SUSPENDED);
      assertThat(test.resume(id)).isFalse();
      assertThat(test.retry(id)).isEqualTo(1);
      assertThat(test.state(workflow, id).data().notes()).containsExactly("b2", "a2", "after");
      assertThat(test.state(workflow, id).status()).isEqualTo(WorkflowStatus.COMPLETE);
    }
  }

  @Test
  void branchGoesOnBehindAFailureIfTheStepSaysSo() {
    Workflow<Notes> workflow =
        define()
            .parallel(
                "both",
                a -> a.run("a", notes -> {}, RetryPolicy.none(), AfterLastAttempt.CONTINUE),
                b -> b.delay("b", Duration.ofDays(1)))
            .build();
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      test.failNext("a", new IllegalStateException("broken"));
      String id = test.start(workflow, Notes.NONE);
      assertThat(test.retry(id)).isZero();
      test.advance(Duration.ofDays(1));
      assertThat(test.state(workflow, id).status()).isEqualTo(WorkflowStatus.COMPLETE);
    }
  }

  @Test
  void loopRepeatsAsLongAsTheConditionHolds() {
    Workflow<Notes> workflow =
        define()
            .repeatWhile(
                "loop",
                notes -> notes.notes().size() < 3,
                body -> body.call("step", notes -> "x", Notes::and))
            .update("after", note("after"))
            .build();
    assertThat(result(workflow, Notes.NONE).notes()).containsExactly("x", "x", "x", "after");
    assertThat(result(workflow, Notes.NONE.and("a").and("b").and("c")).notes())
        .containsExactly("a", "b", "c", "after");
  }

  @Test
  void waitsInALoopConsumeOneEventEach() {
    Workflow<Notes> workflow =
        define()
            .repeatWhile(
                "loop",
                notes -> notes.notes().size() < 3,
                body -> body.await("wait", CALLED, notes -> "key", Notes::and))
            .build();
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      test.publish(CALLED, "key", "too early");
      test.advance(Duration.ofSeconds(1));
      String id = test.start(workflow, Notes.NONE);
      List.of("1", "2", "3", "4").forEach(event -> test.publish(CALLED, "key", event));
      assertThat(test.state(workflow, id).data().notes()).containsExactly("1", "2", "3");
      assertThat(test.state(workflow, id).status()).isEqualTo(WorkflowStatus.COMPLETE);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"call", "update", "await"})
  void loopKeepsItsLastIterationsAndCountsAll(String body) {
    Workflow<Notes> workflow =
        define()
            .repeatWhile(
                "loop",
                notes -> Integer.parseInt(notes.notes().get(0)) < 250,
                each -> {
                  if (body.equals("call")) {
                    each.call("step", ContainingBlocksTest::next, (notes, next) -> next);
                  } else if (body.equals("update")) {
                    each.update("step", ContainingBlocksTest::next);
                  } else {
                    each.await("step", CALLED, notes -> "key", (notes, event) -> next(notes));
                  }
                },
                History.last(10))
            .build();
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      String id = test.start(workflow, Notes.NONE.and("0"));
      int most = 0;
      for (int i = 0; i < 250 && body.equals("await"); i++) {
        test.publish(CALLED, "key", "event");
        most = Math.max(most, test.state(workflow, id).steps().size());
      }
      WorkflowState<Notes> state = test.state(workflow, id);
      assertThat(state.status()).isEqualTo(WorkflowStatus.COMPLETE);
      assertThat(state.data().notes()).containsExactly("250");
      assertThat(Math.max(most, body.equals("update") ? 0 : state.steps().size()))
          .isLessThanOrEqualTo(1 + 10 + 20 + 2);
      assertThat(loop(test, id).outcome()).hasToString("250");
    }
  }

  @Test
  void loopOfTransactionsNeedsNoStack() {
    Workflow<Notes> workflow =
        define()
            .repeatWhile(
                "loop",
                notes -> Integer.parseInt(notes.notes().get(0)) < 5_000,
                body -> body.callInTransaction("step", (notes, tx) -> next(notes), (notes, n) -> n))
            .build();
    assertThat(result(workflow, Notes.NONE.and("0")).notes()).containsExactly("5000");
  }

  private static Notes next(Notes notes) {
    return Notes.NONE.and(String.valueOf(Integer.parseInt(notes.notes().get(0)) + 1));
  }

  private static ExecutionPointer loop(WorkflowTest test, String id) {
    return test.provider().getWorkflowInstance(id).executionPointers().get(0);
  }

  @Test
  void itemsAreSmallWorkflowsOfTheirOwnAndMergedOnce() {
    Workflow<Order> workflow =
        defineOrder()
            .forEach(
                "pack",
                Order::lines,
                Line.class,
                line ->
                    line.update("count", Line::more)
                        .when(
                            "first?",
                            each -> each.item().equals("a"),
                            a -> a.update("again", Line::more)),
                Order::and)
            .build();
    assertThat(result(workflow, Order.of("a", "b", "c")).packed())
        .containsExactly("a2", "b1", "c1");
    assertThat(result(workflow, Order.of()).packed()).isEmpty();
  }

  @Test
  void itemsFollowEachOther() {
    List<String> active = new ArrayList<>();
    Workflow<Order> workflow = packing(active);
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      String id = test.start(workflow, Order.of("a", "b", "c"));
      assertThat(active).containsExactly("a");
      test.advance(Duration.ofHours(1));
      assertThat(active).containsExactly("a", "b");
      test.advance(Duration.ofHours(2));
      assertThat(test.state(workflow, id).data().packed()).containsExactly("a0", "b0", "c0");
      assertThat(test.state(workflow, id).status()).isEqualTo(WorkflowStatus.COMPLETE);
    }
  }

  @Test
  void severalItemsAreUnderWayAtATime() {
    List<String> active = new ArrayList<>();
    Workflow<Order> workflow = packing(active, Concurrency.of(2));
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      String id = test.start(workflow, Order.of("a", "b", "c", "d", "e"));
      assertThat(active).containsExactly("a", "b");
      test.advance(Duration.ofHours(1));
      assertThat(active).containsExactly("a", "b", "c", "d");
      test.advance(Duration.ofHours(2));
      assertThat(test.state(workflow, id).data().packed())
          .containsExactlyInAnyOrder("a0", "b0", "c0", "d0", "e0");
      assertThat(test.state(workflow, id).status()).isEqualTo(WorkflowStatus.COMPLETE);
    }
  }

  private static Workflow<Order> packing(List<String> active, LoopOption... options) {
    return defineOrder()
        .forEach(
            "pack",
            Order::lines,
            Line.class,
            line ->
                line.run("begin", each -> active.add(each.item()))
                    .delay("pause", Duration.ofHours(1)),
            Order::and,
            options)
        .build();
  }

  @Test
  void itemIsMergedIntoTheDataAsItIsThen() {
    Workflow<Order> workflow =
        defineOrder()
            .parallel(
                "both",
                items ->
                    items.forEach(
                        "pack",
                        Order::lines,
                        Line.class,
                        line -> line.delay("pause", Duration.ofHours(1)),
                        Order::and),
                other ->
                    other
                        .delay("later", Duration.ofMinutes(30))
                        .update("add", order -> order.and(new Line("other", 7))))
            .build();
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      String id = test.start(workflow, Order.of("a"));
      test.advance(Duration.ofHours(1));
      assertThat(test.state(workflow, id).data().packed()).containsExactly("other7", "a0");
      assertThat(test.state(workflow, id).status()).isEqualTo(WorkflowStatus.COMPLETE);
    }
  }

  @Test
  void itemsOfItems() {
    Workflow<Notes> workflow =
        define()
            .forEach(
                "outer",
                notes -> List.of(Order.of("a", "b"), Order.of("c")),
                Order.class,
                order ->
                    order.forEach(
                        "inner",
                        Order::lines,
                        Line.class,
                        line -> line.update("count", Line::more),
                        Order::and),
                (notes, order) -> notes.and(String.join("+", order.packed())))
            .build();
    assertThat(result(workflow, Notes.NONE).notes()).containsExactly("a1+b1", "c1");
  }

  @Test
  void mergeThatFailsIsRepeatedByRetry() {
    boolean[] broken = {true};
    Workflow<Order> workflow =
        defineOrder()
            .forEach(
                "pack",
                Order::lines,
                Line.class,
                line -> line.update("count", Line::more),
                (order, line) -> {
                  if (broken[0] && line.item().equals("b")) {
                    throw new IllegalStateException("no room");
                  }
                  return order.and(line);
                })
            .build();
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      String id = test.start(workflow, Order.of("a", "b", "c"));
      assertThat(test.state(workflow, id).status()).isEqualTo(WorkflowStatus.SUSPENDED);
      assertThat(test.state(workflow, id).data().packed()).containsExactly("a1");
      broken[0] = false;
      assertThat(test.retry(id)).isEqualTo(1);
      assertThat(test.state(workflow, id).data().packed()).containsExactly("a1", "b1", "c1");
      assertThat(test.state(workflow, id).status()).isEqualTo(WorkflowStatus.COMPLETE);
    }
  }

  @Test
  void nullItemSuspendsTheWorkflow() {
    Workflow<Order> workflow =
        defineOrder()
            .forEach(
                "pack",
                order -> java.util.Arrays.asList(new Line("a", 1), null),
                Line.class,
                line -> line.update("count", Line::more),
                Order::and)
            .build();
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      String id = test.start(workflow, Order.of());
      assertThat(test.state(workflow, id).step("pack").orElseThrow().error())
          .contains("An item is null");
      assertThat(test.state(workflow, id).status()).isEqualTo(WorkflowStatus.SUSPENDED);
    }
  }

  @Test
  void historyOfManyItemsIsBounded() {
    Workflow<Order> workflow =
        defineOrder()
            .forEach(
                "pack",
                Order::lines,
                Line.class,
                line -> line.run("step", each -> {}),
                (order, line) -> order,
                Concurrency.of(3),
                History.last(5))
            .build();
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      String id =
          test.start(
              workflow,
              Order.of(IntStream.range(0, 200).mapToObj(String::valueOf).toArray(String[]::new)));
      WorkflowState<Order> state = test.state(workflow, id);
      assertThat(state.status()).isEqualTo(WorkflowStatus.COMPLETE);
      assertThat(state.steps()).hasSizeLessThanOrEqualTo(1 + 2 * (5 + 20 + 1 + 3));
      assertThat(loop(test, id).outcome()).hasToString("200");
    }
  }

  @Test
  void endCompletesTheWorkflowAndCancelsOtherBranches() {
    List<String> executed = new ArrayList<>();
    Workflow<Notes> workflow =
        define()
            .parallel(
                "both",
                a ->
                    a.when("done?", notes -> true, yes -> yes.end("stop"))
                        .run("no", notes -> executed.add("no")),
                b ->
                    b.await("wait", CALLED, notes -> "key", Notes::and)
                        .run("never", notes -> executed.add("never")))
            .run("after", notes -> executed.add("after"))
            .build();
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      String id = test.start(workflow, Notes.NONE);
      assertThat(test.state(workflow, id).status()).isEqualTo(WorkflowStatus.COMPLETE);
      assertThat(test.state(workflow, id).step("wait").orElseThrow().status())
          .isEqualTo(PointerStatus.CANCELLED);
      assertThat(test.provider().getSubscriptions(CALLED.name(), "key", test.now())).isEmpty();
      test.publish(CALLED, "key", "late");
      assertThat(executed).isEmpty();
    }
  }

  @Test
  void mistakesAreFoundWhenTheDefinitionIsBuilt() {
    assertMistake(
        () -> define().end("stop").run("after", notes -> {}).build(),
        "Step 'after' is never reached: what comes before it ends the workflow");
    assertMistake(() -> define().parallel("none").build(), "step 'none' has no branch");
    assertMistake(
        () -> define().parallel("p", a -> a.run("a", notes -> {}), b -> {}).build(),
        "step 'p' contains no step");
    assertMistake(
        () -> define().repeatWhile("w", notes -> true, body -> {}).build(),
        "step 'w' contains no step");
    assertMistake(
        () ->
            define()
                .repeatWhile("w", notes -> true, b -> b.run("a", n -> {}), Concurrency.of(2))
                .build(),
        "step 'w': the iterations follow each other");
    assertMistake(
        () ->
            define()
                .repeatWhile(
                    "w", notes -> true, b -> b.run("a", n -> {}), History.last(1), History.last(2))
                .build(),
        "step 'w': A step has the option History twice");
    assertMistake(
        () -> define().switchOn("s", notes -> 1, c -> c.on(1, a -> {}).on("1", b -> {})).build(),
        "step 's' has the case '1' twice");
    assertMistake(() -> Concurrency.of(0), "A concurrency has to be between 1 and 1,000, not 0");
    assertMistake(
        () -> History.last(0), "A history has to be between 1 and 10,000 iterations, not 0");
  }

  private static void assertMistake(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String message) {
    assertThatThrownBy(call)
        .isInstanceOf(WorkflowDefinitionException.class)
        .hasMessageContaining(message);
  }
}
