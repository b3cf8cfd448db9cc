package dev.wfe.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.model.LiveWorkflow;
import dev.wfe.model.PointerStatus;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.ClaimedWorkflows;
import dev.wfe.persistence.ItemResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rule 4: Sleeping and waiting instances cost nothing until their time or event comes. */
abstract class Rule04IdleCost extends HostRule {
  /** Polls so seldom that in a test only a wake-up can be the reason for a claim. */
  private static final Duration NEVER = Duration.ofHours(1);

  private static final Workflow<Notes> SLEEPING =
      Workflow.define("sleeping", 1, Notes.class).delay("pause", Duration.ofDays(1)).build();

  private static final Workflow<Notes> RETRYING =
      Workflow.define("retrying", 1, Notes.class)
          .run(
              "step",
              notes -> {
                throw new IllegalStateException("not yet");
              },
              RetryPolicy.fixed(Duration.ofDays(1)))
          .build();

  private static final Workflow<Notes> WAITING =
      Workflow.define("waiting", 1, Notes.class)
          .await(
              "wait",
              CALLED,
              notes -> notes.notes().get(0),
              Notes::and,
              dev.wfe.host.Timeout.after(Duration.ofDays(1)).goOn())
          .build();

  private List<String> start(Workflow<Notes> workflow, int count) {
    return WorkflowClient.over(store)
        .startWorkflows(
            workflow,
            IntStream.range(0, count)
                .mapToObj(i -> new Start<>(Notes.NONE.and("key " + i), StartOptions.none()))
                .toList())
        .stream()
        .map(ItemResult::orThrow)
        .map(StartResult::id)
        .toList();
  }

  /** About so many instances sleep, wait for an event, or wait for their next attempt. */
  private List<String> idle(int count) {
    List<String> ids = new ArrayList<>();
    for (Workflow<Notes> workflow : List.of(SLEEPING, RETRYING, WAITING)) {
      ids.addAll(start(workflow, (count + 2) / 3));
    }
    WorkflowHost host = host(SLEEPING, RETRYING, WAITING);
    Eventually.until(
        "all are idle",
        () -> store.getLiveWorkflows(ids).stream().allMatch(Rule04IdleCost::isIdle));
    host.close();
    return ids;
  }

  private static boolean isIdle(LiveWorkflow live) {
    PointerStatus status = live.pointers().get(0).status();
    return status == PointerStatus.SLEEPING || status == PointerStatus.WAITING_FOR_EVENT;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 500})
  void hostOnlyPollsHoweverManyInstancesSleepAndWait(int count) {
    idle(count);
    Collection<String> operations = new ConcurrentLinkedQueue<>();
    AtomicInteger claims = new AtomicInteger();
    AtomicInteger found = new AtomicInteger();
    Interceptor watched = new Interceptor(store);
    watched.intercept(
        (operation, call) -> {
          Object result = call.proceed();
          operations.add(operation);
          if (result instanceof ClaimedWorkflows claimed) {
            found.addAndGet(claimed.workflows().size());
            claims.incrementAndGet();
          } else if (result instanceof List<?> events) {
            found.addAndGet(events.size());
          }
          return result;
        });
    started(
        builder(watched.provider(), SLEEPING, RETRYING, WAITING)
            .polling(Duration.ofMillis(1), Duration.ofMillis(4)));
    Eventually.until("polls", () -> claims.get() >= 10);
    assertThat(operations)
        .filteredOn(operation -> !operation.equals("registerDefinition"))
        .filteredOn(operation -> !operation.equals("registerHost"))
        .containsOnly("onWorkDue", "claimWorkflows", "claimEvents", "getDueDefinitions");
    assertThat(found).hasValue(0);
    Eventually.until("heartbeat", () -> operations.contains("registerHost"));
    assertThat(operations).filteredOn(operation -> operation.equals("registerHost")).hasSize(1);
  }

  @Test
  void eventIsReadAndWrittenForTheInstanceThatWaitsForItAndNoOther() throws Exception {
    List<String> ids = start(WAITING, 100);
    Interceptor watched = new Interceptor(store);
    WorkflowHost host = started(builder(watched.provider(), WAITING));
    Eventually.until(
        "all are idle",
        () -> store.getLiveWorkflows(ids).stream().allMatch(Rule04IdleCost::isIdle));
    Collection<Integer> sizes = new ConcurrentLinkedQueue<>();
    watched.intercept(
        (operation, call) -> {
          if (operation.equals("getLiveWorkflows") || operation.equals("writeAll")) {
            sizes.add(((Collection<?>) call.arguments().get(0)).size());
          }
          return call.proceed();
        });
    host.publish(CALLED, "key 7", "event");
    ended(host, WAITING, ids.get(7));
    assertThat(sizes).isNotEmpty().containsOnly(1);
    assertThat(store.getLiveWorkflows(ids)).filteredOn(live -> live.status().isEnded()).hasSize(1);
  }

  @Test
  void hostThatWasFullClaimsTheRestWithoutPolling() throws Exception {
    Workflow<Notes> workflow = define().run("step", notes -> {}).build();
    List<String> ids = start(workflow, 20);
    WorkflowHost host = started(builder(store, workflow).workers(1).polling(NEVER, NEVER));
    for (String id : ids) {
      assertThat(ended(host, workflow, id).status()).isEqualTo(WorkflowStatus.COMPLETE);
    }
  }

  /** On threads of the application, steps need not wait for workers. */
  @Test
  void hostThatIsNearlyFullClaimsTheLastWhenItPolls() throws Exception {
    int capacity = 16;
    CountDownLatch gate = gate();
    AtomicInteger executing = new AtomicInteger();
    Workflow<Notes> workflow =
        define()
            .run(
                "step",
                notes -> {
                  executing.incrementAndGet();
                  gate.await();
                })
            .build();
    start(workflow, capacity - 1);
    started(
        builder(store, workflow)
            .workers(capacity / 2)
            .executor(Executors.newCachedThreadPool())
            .polling(Duration.ofMillis(1), Duration.ofMillis(4)));
    Eventually.until("nearly full", () -> executing.get() == capacity - 1);

    start(workflow, 1);
    Eventually.until("full", () -> executing.get() == capacity);
  }

  @Test
  void timesComeWithoutPolling() throws Exception {
    AtomicInteger attempts = new AtomicInteger();
    Workflow<Notes> workflow =
        define()
            .delay("pause", Duration.ofMillis(20))
            .run(
                "step",
                notes -> {
                  if (attempts.incrementAndGet() == 1) {
                    throw new IllegalStateException("not yet");
                  }
                },
                RetryPolicy.fixed(Duration.ofMillis(20)))
            .await(
                "wait",
                CALLED,
                notes -> "key",
                Notes::and,
                dev.wfe.host.Timeout.after(Duration.ofMillis(20)).goOn())
            .build();
    WorkflowHost host = started(builder(store, workflow).polling(NEVER, NEVER));
    String id = host.startWorkflow(workflow, Notes.NONE).id();
    assertThat(ended(host, workflow, id).status()).isEqualTo(WorkflowStatus.COMPLETE);
  }

  @Test
  void timeOfAnInstanceThatAnotherHostStoredComesWithoutPolling() throws Exception {
    Workflow<Notes> workflow = define().delay("pause", Duration.ofMillis(100)).build();
    WorkflowHost first = host(workflow);
    String id = first.startWorkflow(workflow, Notes.NONE).id();
    Eventually.until("it is idle", () -> isIdle(store.getLiveWorkflow(id)));
    first.close();
    WorkflowHost host = started(builder(store, workflow).polling(NEVER, NEVER));
    assertThat(ended(host, workflow, id).hasEnded()).isTrue();
  }

  @Test
  void eventsComeWithoutPolling() throws Exception {
    Workflow<Notes> workflow =
        define().await("wait", CALLED, notes -> "key", Notes::and).run("next", n -> {}).build();
    WorkflowHost host = started(builder(store, workflow).polling(NEVER, NEVER));
    String id = host.startWorkflow(workflow, Notes.NONE).id();
    awaitState(workflow, id, state -> !state.waits().isEmpty());
    WorkflowClient.over(store).publish(CALLED, "key", "event");
    assertThat(ended(host, workflow, id).data().notes()).containsExactly("event");
  }
}
