package dev.wfe.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.wfe.memory.InMemoryPersistenceProvider;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.ItemResult;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.WorkflowStateException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls that change an instance while a host executes it: what is under way overwrites nothing. */
abstract class ControlContract extends HostRule {
  private final AtomicInteger executions = new AtomicInteger();
  private final AtomicInteger atATime = new AtomicInteger();
  private final AtomicInteger mostAtATime = new AtomicInteger();
  private final CountDownLatch begun = new CountDownLatch(1);

  /** In the in-memory provider, nothing else happens during a transaction. */
  private void assumeConcurrent(boolean inTransaction) {
    assumeFalse(inTransaction && store instanceof InMemoryPersistenceProvider);
  }

  /** The first execution is held until the gate opens. */
  private String execute(CountDownLatch hold) throws Exception {
    int number = executions.incrementAndGet();
    mostAtATime.accumulateAndGet(atATime.incrementAndGet(), Math::max);
    begun.countDown();
    if (number == 1) {
      hold.await();
    }
    atATime.decrementAndGet();
    return "execution " + number;
  }

  private Workflow<Notes> held(
      int version, CountDownLatch hold, boolean inTransaction, String after) {
    WorkflowBuilder<Notes> builder = Workflow.define("flow", version, Notes.class);
    if (inTransaction) {
      builder.callInTransaction("step", (notes, tx) -> execute(hold), Notes::and);
    } else {
      builder.call("step", notes -> execute(hold), Notes::and);
    }
    return builder.update("after", notes -> notes.and(after)).build();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void outcomeOfADiscardedStepUnderWayDoesNotCount(boolean inTransaction) throws Exception {
    assumeConcurrent(inTransaction);
    CountDownLatch hold = gate();
    Workflow<Notes> workflow = held(1, hold, inTransaction, "after");
    WorkflowHost host = host(workflow);
    String id = host.startWorkflow(workflow, Notes.NONE).id();
    begun.await();

    assertThat(host.rerun(id, "step")).hasSize(1);
    hold.countDown();

    WorkflowState<Notes> state = ended(host, workflow, id);
    assertThat(state.data().notes()).containsExactly("execution 2", "after");
    assertThat(mostAtATime).hasValue(1);
  }

  /** The other branch lets the host read what is stored. */
  @Test
  void stepIsNotBegunAgainBeforeItsDiscardedExecutionHasEnded() throws Exception {
    CountDownLatch hold = gate();
    CountDownLatch other = gate();
    Workflow<Notes> workflow =
        define()
            .parallel(
                "both",
                a -> a.call("step", notes -> execute(hold), Notes::and),
                b -> b.run("b1", notes -> other.await()).call("b2", notes -> "b2", Notes::and))
            .build();
    WorkflowHost host = host(workflow);
    String id = host.startWorkflow(workflow, Notes.NONE).id();
    begun.await();
    host.rerun(id, "step");
    other.countDown();
    awaitState(workflow, id, state -> state.data().notes().contains("b2"));
    assertThat(executions).hasValue(1);
    hold.countDown();
    assertThat(ended(host, workflow, id).data().notes()).containsExactly("b2", "execution 2");
    assertThat(mostAtATime).hasValue(1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void outcomeOfACancelledStepUnderWayDoesNotCount(boolean inTransaction) throws Exception {
    assumeConcurrent(inTransaction);
    CountDownLatch hold = gate();
    Workflow<Notes> workflow =
        define()
            .parallel(
                "both",
                a -> {
                  if (inTransaction) {
                    a.callInTransaction("step", (notes, tx) -> execute(hold), Notes::and);
                  } else {
                    a.call("step", notes -> execute(hold), Notes::and);
                  }
                  a.update("behind", notes -> notes.and("behind"));
                },
                b -> b.update("b", notes -> notes.and("b")))
            .update("after", notes -> notes.and("after"))
            .build();
    WorkflowHost host = host(workflow);
    String id = host.startWorkflow(workflow, Notes.NONE).id();
    begun.await();
    awaitState(workflow, id, state -> state.data().notes().contains("b"));

    assertThat(host.cancel(id, "step")).hasSize(1);
    hold.countDown();

    assertThat(ended(host, workflow, id).data().notes()).containsExactly("b", "after");
    assertThat(executions).hasValue(1);
  }

  @Test
  void eventsAreConsumedOnceWhileWaitsAreRunAgain() throws Exception {
    int events = 60;
    Workflow<Notes> workflow =
        define()
            .repeatWhile(
                "loop",
                notes -> notes.notes().size() < events,
                body -> body.await("wait", CALLED, notes -> "key", Notes::and))
            .build();
    WorkflowHost host = host(workflow);
    String id = host.startWorkflow(workflow, Notes.NONE).id();
    awaitState(workflow, id, state -> !state.waits().isEmpty());
    Thread publisher =
        new Thread(
            () ->
                IntStream.range(0, events)
                    .forEach(i -> host.publish(CALLED, "key", String.valueOf(i))));
    publisher.start();
    int reruns = 0;
    while (publisher.isAlive() && !host.state(workflow, id).hasEnded()) {
      host.rerun(id, "wait");
      reruns++;
    }
    publisher.join();
    assertThat(reruns).isPositive();
    assertThat(ended(host, workflow, id).data().notes())
        .containsExactlyElementsOf(IntStream.range(0, events).mapToObj(String::valueOf).toList());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void hostLeavesAWorkflowThatWasMovedToAVersionItDoesNotHave(boolean inTransaction)
      throws Exception {
    assumeConcurrent(inTransaction);
    CountDownLatch hold = gate();
    Workflow<Notes> one = held(1, hold, inTransaction, "old");
    Workflow<Notes> two = held(2, hold, inTransaction, "new");
    WorkflowHost first = started(builder(store, one).lease(Duration.ofDays(1)));
    String id = first.startWorkflow(one, Notes.NONE).id();
    begun.await();

    assertThat(first.move(id, two, StepMapping.sameNames())).isTrue();
    hold.countDown();
    Eventually.until("the first host leaves it", () -> first.size() == 0);
    assertThat(first.state(one, id).data().notes()).isEmpty();

    WorkflowHost second = host(two);
    assertThat(ended(second, two, id).data().notes()).containsExactly("execution 2", "new");
  }

  /** What a step has done counts, unless its transaction would have to be committed for it. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void hostGoesOnInAVersionThatItHas(boolean inTransaction) throws Exception {
    assumeConcurrent(inTransaction);
    CountDownLatch hold = gate();
    Workflow<Notes> one = held(1, hold, inTransaction, "old");
    Workflow<Notes> two = held(2, hold, inTransaction, "new");
    WorkflowHost host = host(one, two);
    String id = host.startWorkflow(one, Notes.NONE).id();
    begun.await();

    assertThat(host.move(id, two, StepMapping.sameNames())).isTrue();
    hold.countDown();

    assertThat(ended(host, two, id).data().notes())
        .containsExactly(inTransaction ? "execution 2" : "execution 1", "new");
  }

  /** Data of a later version. */
  record Text(String text) {
    Text and(String more) {
      return new Text(text + more);
    }
  }

  @Test
  void stepIsExecutedAgainIfTheClassOfTheDataIsAnother() throws Exception {
    CountDownLatch hold = gate();
    Workflow<Notes> one = held(1, hold, false, "old");
    Workflow<Text> two =
        Workflow.define("flow", 2, Text.class)
            .call("renamed", notes -> execute(hold), Text::and)
            .build();
    WorkflowHost host = host(one, two);
    String id = host.startWorkflow(one, Notes.NONE).id();
    begun.await();
    host.move(
        id,
        two,
        StepMapping.sameNames().step("step", "renamed").data(old -> new Text("converted, ")));
    hold.countDown();
    WorkflowState<Text> state = host.awaitEnd(two, id, Duration.ofSeconds(60));
    assertThat(state.data().text()).isEqualTo("converted, execution 2");
    assertThat(state.status()).isEqualTo(WorkflowStatus.COMPLETE);
  }

  /** The call does not know the definition, so it cannot tell which step follows. */
  @Test
  void branchThatEndedAfterTheTerminationIsNotLost() throws Exception {
    CountDownLatch hold = gate();
    Workflow<Notes> workflow =
        define()
            .parallel(
                "both",
                a -> a.call("step", notes -> execute(hold), Notes::and).run("behind", notes -> {}),
                b -> b.await("b", CALLED, notes -> "key", Notes::and))
            .build();
    WorkflowHost host = host(workflow);
    String id = host.startWorkflow(workflow, Notes.NONE).id();
    begun.await();
    awaitState(workflow, id, state -> !state.waits().isEmpty());
    host.terminate(id);
    hold.countDown();
    awaitState(workflow, id, state -> state.data().notes().contains("execution 1"));

    assertThatThrownBy(() -> host.rerun(id, "b"))
        .isInstanceOf(WorkflowStateException.class)
        .hasMessageContaining(
            "Step 'step' of another branch has ended since the workflow was terminated");
    host.rerun(id, "step");
    awaitState(workflow, id, state -> !state.waits().isEmpty());
    host.publish(CALLED, "key", "event");
    assertThat(ended(host, workflow, id).data().notes())
        .containsExactlyInAnyOrder("execution 1", "execution 2", "event");
  }

  @Test
  void thousandInstancesAreControlledInAFewRoundTrips() {
    Workflow<Notes> one = Workflow.define("flow", 1, Notes.class).run("step", n -> {}).build();
    Workflow<Notes> two = Workflow.define("flow", 2, Notes.class).run("step", n -> {}).build();
    started(builder(store, one)).close();
    List<String> ids = IntStream.range(0, 1_000).mapToObj(i -> "flow-" + i).toList();
    WorkflowClient.over(store)
        .startWorkflows(
            one, ids.stream().map(id -> new Start<>(Notes.NONE, StartOptions.id(id))).toList());
    List<String> asked = new ArrayList<>(ids);
    List<String> missing = List.of("missing 1", "missing 2", "missing 3");
    asked.addAll(500, missing);
    Interceptor interceptor = new Interceptor(store);
    Collection<String> operations = new ConcurrentLinkedQueue<>();
    interceptor.intercept(
        (operation, call) -> {
          operations.add(operation);
          return call.proceed();
        });
    BulkControl all = WorkflowClient.over(interceptor.provider()).all(asked);

    for (Map<String, ?> results :
        List.of(
            all.suspend(),
            all.move(two, StepMapping.sameNames()),
            all.rerun("step"),
            all.terminate())) {
      assertThat(results.keySet()).containsExactlyElementsOf(asked);
      results.forEach(
          (id, result) -> {
            if (missing.contains(id)) {
              assertThatThrownBy(() -> ((ItemResult<?>) result).orThrow())
                  .isInstanceOf(NotFoundException.class);
            } else {
              assertThat(result).isInstanceOf(ItemResult.Written.class);
            }
          });
    }
    assertThat(store.getLiveWorkflow("flow-999").status()).isEqualTo(WorkflowStatus.TERMINATED);
    assertThat(store.getLiveWorkflow("flow-999").version()).isEqualTo(2);
    // For each of 4 operations: 11 batches of a read and a write, the graph, and a look at each
    // missing one.
    assertThat(operations).hasSizeLessThanOrEqualTo(4 * (2 * 11 + 2 + missing.size()));
  }
}
