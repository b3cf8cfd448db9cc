package dev.wfe.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.model.PointerStatus;
import dev.wfe.model.WorkflowStatus;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The scenarios that WorkflowCore publishes for its stores, told with this host: what a workflow
 * does there, it does here.
 */
abstract class WorkflowCoreScenarios extends HostRule {
  private static final ActivityType<String, String> WORK =
      ActivityType.of("work", String.class, String.class);

  private WorkflowState<Notes> completed(Workflow<Notes> workflow) throws Exception {
    return completed(workflow, Notes.NONE);
  }

  private WorkflowState<Notes> completed(Workflow<Notes> workflow, Notes data) throws Exception {
    WorkflowHost host = host(workflow);
    String id = host.startWorkflow(workflow, data).id();
    WorkflowState<Notes> state = ended(host, workflow, id);
    assertThat(state.status()).isEqualTo(WorkflowStatus.COMPLETE);
    return state;
  }

  @Test
  void stepsFollowEachOther() throws Exception {
    AtomicInteger executions = new AtomicInteger();
    Workflow<Notes> workflow =
        define()
            .run("first", notes -> executions.incrementAndGet())
            .run("second", notes -> executions.incrementAndGet())
            .build();
    completed(workflow);
    assertThat(executions).hasValue(2);
  }

  @Test
  void outputOfOneStepIsTheInputOfTheNext() throws Exception {
    Workflow<Notes> workflow =
        define()
            .call("add", notes -> String.valueOf(2 + 3), Notes::and)
            .call("double", notes -> notes.notes().get(0) + notes.notes().get(0), Notes::and)
            .build();
    assertThat(completed(workflow).data().notes()).containsExactly("5", "55");
  }

  /** Data with everything that an application puts into it. */
  record Basket(String owner, List<Line> lines, Map<String, Long> totals, Duration limit) {
    Basket with(Line line) {
      Map<String, Long> sums = new TreeMap<>(totals);
      sums.merge(line.item(), line.cents(), Long::sum);
      return new Basket(
          owner, Stream.concat(lines.stream(), Stream.of(line)).toList(), sums, limit);
    }
  }

  record Line(String item, long cents) {}

  @Test
  void dataHasTheClassesOfTheApplication() throws Exception {
    Workflow<Basket> workflow =
        Workflow.define("basket", 1, Basket.class)
            .call("pick", basket -> new Line("tea", 250), Basket::with)
            .call("pick more", basket -> new Line("tea", basket.lines().size()), Basket::with)
            .build();
    WorkflowHost host = host(workflow);
    String id =
        host.startWorkflow(
                workflow, new Basket("ann", List.of(), Map.of("cake", 1L), Duration.ofDays(2)))
            .id();
    Basket basket = host.awaitEnd(workflow, id, Duration.ofSeconds(60)).data();
    assertThat(basket)
        .isEqualTo(
            new Basket(
                "ann",
                List.of(new Line("tea", 250), new Line("tea", 1)),
                Map.of("cake", 1L, "tea", 251L),
                Duration.ofDays(2)));
  }

  private static Workflow<Notes> deciding() {
    return define()
        .switchOn(
            "which",
            notes -> notes.notes().size(),
            cases ->
                cases
                    .on(1, one -> one.call("one", notes -> "one", Notes::and))
                    .on(2, two -> two.call("two", notes -> "two", Notes::and))
                    .otherwise(other -> {}))
        .when(
            "many",
            notes -> notes.notes().size() > 2,
            many -> many.call("yes", notes -> "many", Notes::and))
        .call("after", notes -> "after", Notes::and)
        .build();
  }

  @Test
  void decisionTakesOneBranch() throws Exception {
    assertThat(completed(deciding()).data().notes()).containsExactly("after");
    assertThat(completed(deciding(), Notes.NONE.and("x")).data().notes())
        .containsExactly("x", "one", "after");
    assertThat(completed(deciding(), Notes.NONE.and("x").and("y")).data().notes())
        .containsExactly("x", "y", "two", "many", "after");
  }

  @Test
  void delayPostponesTheNextStep() throws Exception {
    WorkflowState<Notes> state =
        completed(
            define()
                .delay("pause", Duration.ofMillis(50))
                .call("after", notes -> "after", Notes::and)
                .build());
    assertThat(
            Duration.between(
                state.step("pause").orElseThrow().startTime(),
                state.step("after").orElseThrow().startTime()))
        .isGreaterThanOrEqualTo(Duration.ofMillis(50));
  }

  @Test
  void loopRepeatsUntilItsConditionFails() throws Exception {
    assertThat(
            completed(
                    define()
                        .repeatWhile(
                            "three times",
                            notes -> notes.notes().size() < 3,
                            body -> body.call("again", notes -> "again", Notes::and))
                        .build())
                .data()
                .notes())
        .hasSize(3);
  }

  @Test
  void workflowEndsInTheMiddleOfALoop() throws Exception {
    WorkflowState<Notes> state =
        completed(
            define()
                .repeatWhile(
                    "forever",
                    notes -> true,
                    body ->
                        body.call("again", notes -> "again", Notes::and)
                            .when(
                                "enough",
                                notes -> notes.notes().size() == 4,
                                yes -> yes.end("end")))
                .call("never", notes -> "never", Notes::and)
                .build());
    assertThat(state.data().notes()).hasSize(4).doesNotContain("never");
  }

  @Test
  void eachItemIsExecutedOnce() throws Exception {
    AtomicInteger sum = new AtomicInteger();
    WorkflowState<Notes> state =
        completed(
            define()
                .forEach(
                    "each",
                    notes -> IntStream.rangeClosed(1, 20).boxed().toList(),
                    Integer.class,
                    item -> item.run("add", sum::addAndGet),
                    (notes, item) -> notes.and(String.valueOf(item)),
                    Concurrency.of(4))
                .build());
    assertThat(sum).hasValue(210);
    assertThat(state.data().notes()).hasSize(20).doesNotHaveDuplicates();
  }

  @Test
  void branchesAreJoined() throws Exception {
    assertThat(
            completed(
                    define()
                        .parallel(
                            "both",
                            a ->
                                a.call("a", notes -> "a", Notes::and).delay("pause", Duration.ZERO),
                            b ->
                                b.call("b", notes -> "b", Notes::and)
                                    .call("c", n -> "c", Notes::and))
                        .call("after", notes -> "after", Notes::and)
                        .build())
                .data()
                .notes())
        .hasSize(4)
        .containsSubsequence("b", "c", "after")
        .containsSubsequence("a", "after");
  }

  private static Workflow<Notes> waiting() {
    return define()
        .await("first", CALLED, notes -> notes.notes().get(0), Notes::and)
        .await("second", CALLED, notes -> notes.notes().get(0), Notes::and)
        .build();
  }

  @Test
  void eventsBeforeAndAfterTheWaitArriveInTheirOrder() throws Exception {
    Workflow<Notes> workflow = waiting();
    WorkflowHost host = host(workflow);
    String id = host.startWorkflow(workflow, Notes.NONE.and("key")).id();
    host.publish(CALLED, "key", "1");
    awaitState(workflow, id, state -> state.data().notes().contains("1"));
    host.publish(CALLED, "other key", "0");
    host.publish(CALLED, "key", "2");
    assertThat(ended(host, workflow, id).data().notes()).containsExactly("key", "1", "2");
  }

  @Test
  void eventReachesEveryParallelWait() throws Exception {
    Workflow<Notes> workflow =
        define()
            .parallel(
                "both",
                a -> a.await("a", CALLED, notes -> "key", (notes, call) -> notes.and("a" + call)),
                b -> b.await("b", CALLED, notes -> "key", (notes, call) -> notes.and("b" + call)))
            .build();
    WorkflowHost host = host(workflow);
    String id = host.startWorkflow(workflow, Notes.NONE).id();
    awaitState(workflow, id, state -> state.waits().size() == 2);
    host.publish(CALLED, "key", "1");
    assertThat(ended(host, workflow, id).data().notes()).containsExactlyInAnyOrder("a1", "b1");
  }

  /** Somebody has to answer in time; otherwise somebody else is asked. */
  @Test
  void userIsAskedAndTheQuestionIsEscalated() throws Exception {
    Workflow<Notes> workflow =
        define()
            .await(
                "ask the user",
                CALLED,
                notes -> "user",
                Notes::and,
                Timeout.after(Duration.ofMillis(50))
                    .branch(
                        late -> late.await("ask the boss", CALLED, notes -> "boss", Notes::and)))
            .when(
                "approved",
                notes -> notes.notes().contains("yes"),
                yes -> yes.call("order", notes -> "ordered", Notes::and))
            .build();
    WorkflowHost host = host(workflow);
    String id = host.startWorkflow(workflow, Notes.NONE).id();
    awaitState(workflow, id, state -> state.step("ask the boss").isPresent());
    host.publish(CALLED, "boss", "yes");
    assertThat(ended(host, workflow, id).data().notes()).containsExactly("yes", "ordered");
  }

  @Test
  void activityIsDoneByAWorkerAndAnotherOneAfterAFailure() throws Exception {
    Workflow<Notes> workflow =
        define()
            .activity(
                "work",
                WORK,
                notes -> "input",
                Notes::and,
                RetryPolicy.fixed(Duration.ofMillis(1)).maxAttempts(2))
            .build();
    AtomicInteger attempts = new AtomicInteger();
    started(
        worker(store)
            .activity(
                WORK,
                task -> {
                  if (attempts.incrementAndGet() == 1) {
                    throw new IllegalStateException("not now");
                  }
                  return task.input() + " done";
                }));
    assertThat(completed(workflow).data().notes()).containsExactly("input done");
    assertThat(attempts).hasValue(2);
  }

  private static Workflow<Notes> saga(int failures) {
    AtomicInteger failed = new AtomicInteger();
    return define()
        .repeatWhile(
            "until it works",
            notes -> !notes.notes().contains("done"),
            again ->
                again.saga(
                    "saga",
                    saga ->
                        saga.call("one", notes -> "one", Notes::and)
                            .compensateWith(
                                undo ->
                                    undo.call("undo one", notes -> "undo one", Notes::and)
                                        .call("and more", notes -> "and more", Notes::and))
                            .call("two", notes -> "two", Notes::and)
                            .compensateWith(
                                undo -> undo.call("undo two", notes -> "undo two", Notes::and))
                            .run(
                                "three",
                                notes -> {
                                  if (failed.incrementAndGet() <= failures) {
                                    throw new IllegalStateException("three");
                                  }
                                },
                                RetryPolicy.none())
                            .call("four", notes -> "done", Notes::and),
                    compensated -> {}))
        .build();
  }

  @Test
  void sagaIsCompensatedInReverseAndTriedAgain() throws Exception {
    WorkflowState<Notes> state = completed(saga(1));
    assertThat(state.data().notes())
        .containsExactly("one", "two", "undo two", "undo one", "and more", "one", "two", "done");
    assertThat(state.steps())
        .filteredOn(step -> step.name().equals("saga"))
        .extracting(StepState::status)
        .containsExactly(PointerStatus.COMPENSATED, PointerStatus.COMPLETE);
  }

  @Test
  void failedStepIsAttemptedAgain() throws Exception {
    AtomicInteger attempts = new AtomicInteger();
    Workflow<Notes> workflow =
        define()
            .run(
                "fail twice",
                notes -> {
                  if (attempts.incrementAndGet() < 3) {
                    throw new IllegalStateException("not yet");
                  }
                },
                RetryPolicy.fixed(Duration.ofMillis(1)))
            .build();
    assertThat(completed(workflow).step("fail twice").orElseThrow().failures()).isEqualTo(2);
    assertThat(attempts).hasValue(3);
  }

  @Test
  void stoppedHostFinishesItsStepAndAnotherHostGoesOn() throws Exception {
    CountDownLatch begun = gate();
    CountDownLatch hold = gate();
    AtomicInteger executions = new AtomicInteger();
    Workflow<Notes> workflow =
        define()
            .run(
                "first",
                notes -> {
                  executions.incrementAndGet();
                  begun.countDown();
                  hold.await();
                })
            .run("second", notes -> executions.incrementAndGet())
            .build();
    WorkflowHost first = host(workflow);
    String id = first.startWorkflow(workflow, Notes.NONE).id();
    begun.await();
    Thread closing = new Thread(first::close);
    closing.start();
    hold.countDown();
    closing.join();
    assertThat(ended(host(workflow), workflow, id).status()).isEqualTo(WorkflowStatus.COMPLETE);
    assertThat(executions).hasValue(2);
  }

  @Test
  void suspendedWorkflowGoesOnAfterResume() throws Exception {
    Workflow<Notes> workflow = waiting();
    WorkflowHost host = host(workflow);
    String id = host.startWorkflow(workflow, Notes.NONE.and("key")).id();
    awaitState(workflow, id, state -> !state.waits().isEmpty());
    assertThat(host.suspend(id)).isTrue();
    host.publish(CALLED, "key", "1");
    awaitState(workflow, id, state -> state.data().notes().contains("1"));
    assertThat(host.state(workflow, id).waits()).isEmpty();
    assertThat(host.resume(id)).isTrue();
    host.publish(CALLED, "key", "2");
    assertThat(ended(host, workflow, id).data().notes()).containsExactly("key", "1", "2");
  }
}
