package dev.wfe.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.wfe.model.Event;
import dev.wfe.model.PointerStatus;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.ClaimRequest;
import dev.wfe.persistence.ClaimedWorkflow;
import dev.wfe.persistence.DefinitionVersion;
import dev.wfe.persistence.InvalidValueException;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.persistence.StoreUnavailableException;
import dev.wfe.persistence.UnknownOutcomeException;
import dev.wfe.persistence.WorkflowWrite;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What hosts promise on any provider, with real threads. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
abstract class HostContract {
  private static final Duration SHORT_LEASE = Duration.ofSeconds(1);
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final EventType<String> CALLED = EventType.of("called", String.class);

  private final List<WorkflowHost> hosts = new ArrayList<>();
  private final List<CountDownLatch> gates = new ArrayList<>();
  private PersistenceProvider store;

  /** An empty store. */
  protected abstract PersistenceProvider emptyStore();

  @BeforeEach
  void openStore() {
    store = emptyStore();
  }

  @AfterEach
  void closeHosts() {
    gates.forEach(CountDownLatch::countDown);
    hosts.forEach(WorkflowHost::close);
  }

  private WorkflowHost.Builder builder(PersistenceProvider provider, Workflow<?>... workflows) {
    return WorkflowHost.builder(provider)
        .workflows(List.of(workflows))
        .workers(4)
        .polling(Duration.ofMillis(10), Duration.ofMillis(200))
        .closeTimeout(Duration.ofSeconds(10));
  }

  private WorkflowHost started(WorkflowHost.Builder builder) {
    WorkflowHost host = builder.build();
    hosts.add(host);
    host.start();
    return host;
  }

  private WorkflowHost host(Workflow<?>... workflows) {
    return started(builder(store, workflows));
  }

  /** A latch that is opened at the end of the test, whatever happens. */
  private CountDownLatch gate() {
    CountDownLatch gate = new CountDownLatch(1);
    gates.add(gate);
    return gate;
  }

  private static WorkflowBuilder<Notes> define() {
    return Workflow.define("flow", 1, Notes.class);
  }

  private WorkflowState<Notes> ended(WorkflowClient client, Workflow<Notes> workflow, String id)
      throws Exception {
    return client.awaitEnd(workflow, id, PATIENCE);
  }

  private void awaitState(
      Workflow<Notes> workflow, String id, Predicate<WorkflowState<Notes>> condition) {
    WorkflowClient client = WorkflowClient.over(store);
    Eventually.until(
        "state of " + id + ", " + client.state(workflow, id),
        () -> condition.test(client.state(workflow, id)));
  }

  private static StoreUnavailableException unavailable() {
    return new StoreUnavailableException("no connection", List.of(), null);
  }

  private static UnknownOutcomeException unknown(String operation) {
    return new UnknownOutcomeException(operation, false, List.of(), null);
  }

  /** The provider of a host that can die: nothing it does reaches the store any more. */
  private static void die(Interceptor interceptor) {
    interceptor.intercept(
        (operation, call) -> {
          throw unavailable();
        });
  }

  @Nested
  @DisplayName("1. Steps are executed at least once")
  final class Rule1 {
    @Test
    void stepWhoseOutcomeWasStoredIsNotExecutedAgain() throws Exception {
      AtomicInteger first = new AtomicInteger();
      AtomicInteger second = new AtomicInteger();
      CountDownLatch hold = gate();
      Workflow<Notes> workflow =
          define()
              .run("first", notes -> first.incrementAndGet())
              .run(
                  "second",
                  notes -> {
                    if (second.incrementAndGet() == 1) {
                      hold.await();
                    }
                  })
              .build();
      Interceptor dying = new Interceptor(store);
      started(builder(dying.provider(), workflow).lease(SHORT_LEASE).closeTimeout(Duration.ZERO));
      String id = WorkflowClient.over(store).startWorkflow(workflow, Notes.NONE).id();
      Eventually.until("second step", () -> second.get() == 1);
      die(dying);
      WorkflowHost other = host(workflow);
      assertThat(ended(other, workflow, id).status()).isEqualTo(WorkflowStatus.COMPLETE);
      assertThat(first).hasValue(1);
      assertThat(second).hasValue(2);
    }

    @Test
    void hostThatLostItsLeaseCannotWrite() throws Exception {
      AtomicInteger executions = new AtomicInteger();
      CountDownLatch hold = gate();
      AtomicBoolean interrupted = new AtomicBoolean();
      AtomicInteger returned = new AtomicInteger();
      Workflow<Notes> workflow =
          define()
              .call(
                  "step",
                  notes -> {
                    int execution = executions.incrementAndGet();
                    while (execution == 1 && hold.getCount() > 0) {
                      try {
                        hold.await();
                      } catch (InterruptedException leaseLost) {
                        interrupted.set(true);
                      }
                    }
                    returned.incrementAndGet();
                    return "by execution " + execution;
                  },
                  Notes::and)
              .build();
      Interceptor paused = new Interceptor(store);
      started(builder(paused.provider(), workflow).lease(SHORT_LEASE));
      String id = WorkflowClient.over(store).startWorkflow(workflow, Notes.NONE).id();
      Eventually.until("first execution", () -> executions.get() == 1);
      die(paused);
      WorkflowHost other = host(workflow);
      assertThat(ended(other, workflow, id).data().notes()).containsExactly("by execution 2");
      paused.pass();
      Eventually.until("interrupt", interrupted::get);
      hold.countDown();
      Eventually.until("return of the first execution", () -> returned.get() == 2);
      hosts.forEach(WorkflowHost::close);
      assertThat(WorkflowClient.over(store).state(workflow, id).data().notes())
          .containsExactly("by execution 2");
    }
  }

  @Nested
  @DisplayName("2. Outcomes are applied again if a write is stale")
  final class Rule2 {
    private final AtomicInteger executions = new AtomicInteger();
    private final CountDownLatch begun = gate();
    private final CountDownLatch hold = gate();
    private final AtomicInteger following = new AtomicInteger();

    private final Workflow<Notes> workflow =
        define()
            .call(
                "step",
                notes -> {
                  executions.incrementAndGet();
                  begun.countDown();
                  hold.await();
                  return "done";
                },
                Notes::and)
            .run("next", notes -> following.incrementAndGet())
            .build();

    @Test
    void thousandEventsArriveDuringOneStepAndItIsExecutedOnce() throws Exception {
      WorkflowHost host = host(workflow);
      String id = host.startWorkflow(workflow, Notes.NONE).id();
      begun.await();
      for (int i = 0; i < 1_000; i++) {
        host.publish(CALLED, id, "event " + i);
        store.write(WorkflowWrite.of(store.getLiveWorkflow(id)).build());
      }
      hold.countDown();
      assertThat(ended(host, workflow, id).data().notes()).containsExactly("done");
      assertThat(executions).hasValue(1);
      assertThat(following).hasValue(1);
    }

    @Test
    void suspendedMeanwhileTheOutcomeIsRecordedAndNothingBegins() throws Exception {
      WorkflowHost host = host(workflow);
      String id = host.startWorkflow(workflow, Notes.NONE).id();
      begun.await();
      host.suspend(id);
      hold.countDown();
      awaitState(workflow, id, state -> state.data().notes().contains("done"));
      assertThat(host.state(workflow, id).status()).isEqualTo(WorkflowStatus.SUSPENDED);
      host.close();
      assertThat(following).hasValue(0);
      WorkflowHost other = host(workflow);
      other.resume(id);
      ended(other, workflow, id);
      assertThat(executions).hasValue(1);
      assertThat(following).hasValue(1);
    }

    @Test
    void terminatedMeanwhileTheOutcomeIsRecordedAndNothingFollows() throws Exception {
      WorkflowHost host = host(workflow);
      String id = host.startWorkflow(workflow, Notes.NONE).id();
      begun.await();
      host.terminate(id);
      hold.countDown();
      awaitState(workflow, id, state -> state.data().notes().contains("done"));
      assertThat(host.state(workflow, id).status()).isEqualTo(WorkflowStatus.TERMINATED);
      assertThat(host.state(workflow, id).step("next")).isEmpty();
    }

    @Test
    void failureWhileSuspendedIsNotTakenForTheEndByResume() throws Exception {
      CountDownLatch started = gate();
      CountDownLatch fail = gate();
      AtomicInteger failures = new AtomicInteger();
      Workflow<Notes> failing =
          define()
              .run(
                  "step",
                  notes -> {
                    started.countDown();
                    fail.await();
                    if (failures.incrementAndGet() == 1) {
                      throw new IllegalStateException("broken");
                    }
                  },
                  RetryPolicy.none())
              .run("next", notes -> following.incrementAndGet())
              .build();
      WorkflowHost host = host(failing);
      String id = host.startWorkflow(failing, Notes.NONE).id();
      started.await();
      host.suspend(id);
      fail.countDown();
      awaitState(
          failing, id, state -> state.step("step").orElseThrow().status() == PointerStatus.FAILED);
      assertThat(host.resume(id)).isFalse();
      assertThat(host.state(failing, id).status()).isEqualTo(WorkflowStatus.SUSPENDED);
      assertThat(host.retry(id)).isEqualTo(1);
      assertThat(ended(host, failing, id).status()).isEqualTo(WorkflowStatus.COMPLETE);
      assertThat(following).hasValue(1);
    }
  }

  @Nested
  @DisplayName("3. A finished step is written with the next group")
  final class Rule3 {
    @Test
    void hostThatKeepsTheLeaseReadsNothingBetweenWrites() throws Exception {
      Set<String> operations = ConcurrentHashMap.newKeySet();
      Interceptor watched = new Interceptor(store);
      Workflow<Notes> workflow =
          define()
              .call("one", notes -> "1", Notes::and)
              .update("two", notes -> notes.and("2"))
              .call("three", notes -> "3", Notes::and)
              .build();
      started(builder(watched.provider(), workflow));
      watched.intercept(
          (operation, call) -> {
            operations.add(operation);
            return call.proceed();
          });
      WorkflowClient client = WorkflowClient.over(store);
      String id = client.startWorkflow(workflow, Notes.NONE).id();
      assertThat(ended(client, workflow, id).data().notes()).containsExactly("1", "2", "3");
      assertThat(operations).isSubsetOf("claimWorkflows", "claimEvents", "writeAll", "renew");
    }

    @Test
    void manyInstancesEndWithFewWorkers() throws Exception {
      AtomicInteger executions = new AtomicInteger();
      Workflow<Notes> workflow =
          define()
              .run("one", notes -> executions.incrementAndGet())
              .runInTransaction("two", (notes, transaction) -> executions.incrementAndGet())
              .build();
      WorkflowHost host =
          started(
              builder(store, workflow)
                  .workers(1)
                  .polling(Duration.ofMillis(10), Duration.ofMinutes(10)));
      List<String> ids =
          IntStream.range(0, 100)
              .mapToObj(i -> host.startWorkflow(workflow, Notes.NONE).id())
              .toList();
      for (String id : ids) {
        ended(host, workflow, id);
      }
      assertThat(executions).hasValue(200);
    }
  }

  @Nested
  @DisplayName("5. A dead host's work goes on elsewhere")
  final class Rule5 {
    @Test
    void workOfManyInstancesGoesOnElsewhere() throws Exception {
      CountDownLatch hold = gate();
      AtomicBoolean isFirstAlive = new AtomicBoolean(true);
      AtomicInteger atFirst = new AtomicInteger();
      Workflow<Notes> workflow =
          define()
              .run(
                  "step",
                  notes -> {
                    if (isFirstAlive.get()) {
                      atFirst.incrementAndGet();
                      hold.await();
                    }
                  })
              .build();
      Interceptor dying = new Interceptor(store);
      started(builder(dying.provider(), workflow).lease(SHORT_LEASE).closeTimeout(Duration.ZERO));
      WorkflowClient client = WorkflowClient.over(store);
      List<String> ids =
          IntStream.range(0, 20)
              .mapToObj(i -> client.startWorkflow(workflow, Notes.NONE).id())
              .toList();
      Eventually.until("steps of the first host", () -> atFirst.get() == 4);
      die(dying);
      isFirstAlive.set(false);
      WorkflowHost other = started(builder(store, workflow).lease(SHORT_LEASE));
      for (String id : ids) {
        assertThat(ended(other, workflow, id).status()).isEqualTo(WorkflowStatus.COMPLETE);
      }
    }

    @Test
    void leaseOfALongStepIsRenewed() throws Exception {
      AtomicInteger executions = new AtomicInteger();
      AtomicInteger renewals = new AtomicInteger();
      CountDownLatch hold = gate();
      Workflow<Notes> workflow =
          define()
              .run(
                  "step",
                  notes -> {
                    executions.incrementAndGet();
                    hold.await();
                  })
              .build();
      Interceptor watched = new Interceptor(store);
      watched.intercept(
          (operation, call) -> {
            Object result = call.proceed();
            if (operation.equals("renew")) {
              renewals.incrementAndGet();
            }
            return result;
          });
      WorkflowHost host = started(builder(watched.provider(), workflow).lease(SHORT_LEASE));
      started(builder(watched.provider(), workflow).lease(SHORT_LEASE));
      String id = WorkflowClient.over(store).startWorkflow(workflow, Notes.NONE).id();
      Eventually.until(
          "renewals for more than a lease", () -> renewals.get() >= 5 || executions.get() > 1);
      hold.countDown();
      ended(host, workflow, id);
      assertThat(executions).hasValue(1);
    }

    @Test
    void closedHostGivesItsWorkBackAtOnce() throws Exception {
      AtomicInteger executions = new AtomicInteger();
      AtomicBoolean interrupted = new AtomicBoolean();
      CountDownLatch hold = gate();
      Workflow<Notes> workflow =
          define()
              .run(
                  "step",
                  notes -> {
                    if (executions.incrementAndGet() == 1) {
                      try {
                        hold.await();
                      } catch (InterruptedException closing) {
                        interrupted.set(true);
                        throw closing;
                      }
                    }
                  })
              .build();
      WorkflowHost first =
          started(builder(store, workflow).lease(Duration.ofHours(1)).closeTimeout(Duration.ZERO));
      String id = first.startWorkflow(workflow, Notes.NONE).id();
      Eventually.until("first execution", () -> executions.get() == 1);
      first.close();
      Eventually.until("interrupt", interrupted::get);
      WorkflowHost other = host(workflow);
      ended(other, workflow, id);
      assertThat(executions).hasValue(2);
    }
  }

  @Nested
  @DisplayName("6. Events are delivered")
  final class Rule6 {
    private Workflow<Notes> waits(int count) {
      WorkflowBuilder<Notes> builder = define().run("begin", notes -> {});
      for (int i = 0; i < count; i++) {
        builder.await("wait " + i, CALLED, notes -> "key", Notes::and);
      }
      return builder.build();
    }

    private boolean isWaiting(WorkflowState<Notes> state) {
      return !state.waits().isEmpty();
    }

    @Test
    void eventBeforeTheWaitIsDelivered() throws Exception {
      CountDownLatch begun = gate();
      CountDownLatch hold = gate();
      Workflow<Notes> workflow =
          define()
              .run(
                  "begin",
                  notes -> {
                    begun.countDown();
                    hold.await();
                  })
              .await("wait", CALLED, notes -> "key", Notes::and)
              .build();
      WorkflowHost host = host(workflow);
      String id = host.startWorkflow(workflow, Notes.NONE).id();
      begun.await();
      String event = host.publish(CALLED, "key", "early");
      Eventually.until("event is processed", () -> store.getEvent(event).processed());
      hold.countDown();
      assertThat(ended(host, workflow, id).data().notes()).containsExactly("early");
    }

    @Test
    void eventDuringTheWaitIsDelivered() throws Exception {
      Workflow<Notes> workflow = waits(1);
      WorkflowHost host = host(workflow);
      String id = host.startWorkflow(workflow, Notes.NONE).id();
      awaitState(workflow, id, this::isWaiting);
      host.publish(CALLED, "key", "now");
      assertThat(ended(host, workflow, id).data().notes()).containsExactly("now");
    }

    @Test
    void eventOfTheTimeBeforeTheWorkflowIsNotDelivered() throws Exception {
      Workflow<Notes> workflow = waits(1);
      WorkflowHost host = host(workflow);
      host.publish(CALLED, "key", "too early");
      String id = host.startWorkflow(workflow, Notes.NONE).id();
      awaitState(workflow, id, this::isWaiting);
      host.publish(CALLED, "key", "now");
      assertThat(ended(host, workflow, id).data().notes()).containsExactly("now");
    }

    @Test
    void sequentialWaitsGetOneEventEachOldestFirst() throws Exception {
      Workflow<Notes> workflow = waits(3);
      WorkflowHost host = host(workflow);
      String id = host.startWorkflow(workflow, Notes.NONE).id();
      host.publish(CALLED, "key", "1");
      host.publish(CALLED, "key", "2");
      awaitState(workflow, id, state -> state.data().notes().size() == 2 && isWaiting(state));
      host.publish(CALLED, "key", "3");
      assertThat(ended(host, workflow, id).data().notes()).containsExactly("1", "2", "3");
    }

    @Test
    void eventOfAnEarlierTimeThatIsCommittedLateIsDelivered() throws Exception {
      Workflow<Notes> workflow = waits(2);
      WorkflowHost host = host(workflow);
      String id = host.startWorkflow(workflow, Notes.NONE).id();
      awaitState(workflow, id, this::isWaiting);
      Instant created = Objects.requireNonNull(store.getLiveWorkflow(id).createTime());
      publish("later", created.plusSeconds(2));
      awaitState(
          workflow, id, state -> state.data().notes().equals(List.of("later")) && isWaiting(state));
      publish("earlier", created.plusSeconds(1));
      assertThat(ended(host, workflow, id).data().notes()).containsExactly("later", "earlier");
    }

    private void publish(String payload, Instant time) {
      store.createEvent(
          Event.builder(CALLED.name(), "key")
              .eventData(JsonNodeFactory.instance.textNode(payload))
              .eventTime(time)
              .build());
      Eventually.until("time of the event", () -> !Instant.now().isBefore(time));
    }

    @Test
    void manyEventsAreConsumedOnceEachByTwoHosts() throws Exception {
      int waits = 30;
      Workflow<Notes> workflow = waits(waits);
      WorkflowHost host = host(workflow);
      host(workflow);
      List<String> ids =
          IntStream.range(0, 5)
              .mapToObj(i -> host.startWorkflow(workflow, Notes.NONE).id())
              .toList();
      List<String> payloads = IntStream.range(0, waits).mapToObj(String::valueOf).toList();
      payloads.forEach(payload -> host.publish(CALLED, "key", payload));
      for (String id : ids) {
        assertThat(ended(host, workflow, id).data().notes()).isEqualTo(payloads);
      }
    }

    @Test
    void deliveryEndsTheSubscription() throws Exception {
      Workflow<Notes> workflow = waits(1);
      WorkflowHost host = host(workflow);
      String id = host.startWorkflow(workflow, Notes.NONE).id();
      String event = host.publish(CALLED, "key", "now");
      ended(host, workflow, id);
      assertThat(store.getSubscriptions(CALLED.name(), "key", Instant.now().plusSeconds(60)))
          .isEmpty();
      Eventually.until("event is processed", () -> store.getEvent(event).processed());
    }

    @Test
    void eventIsDeliveredToASuspendedWorkflow() throws Exception {
      Workflow<Notes> workflow = waits(1);
      WorkflowHost host = host(workflow);
      String id = host.startWorkflow(workflow, Notes.NONE).id();
      awaitState(workflow, id, this::isWaiting);
      host.suspend(id);
      host.publish(CALLED, "key", "now");
      awaitState(workflow, id, state -> state.data().notes().equals(List.of("now")));
      assertThat(host.state(workflow, id).status()).isEqualTo(WorkflowStatus.SUSPENDED);
      host.resume(id);
      assertThat(ended(host, workflow, id).status()).isEqualTo(WorkflowStatus.COMPLETE);
    }

    @Test
    void eventReachesAWaitBehindManyOfUnknownDefinitions() throws Exception {
      Workflow<Notes> unknown =
          Workflow.define("unknown", 1, Notes.class)
              .await("wait", CALLED, notes -> "key", Notes::and)
              .build();
      WorkflowHost other = host(unknown);
      List<String> ids =
          IntStream.range(0, 120)
              .mapToObj(i -> other.startWorkflow(unknown, Notes.NONE).id())
              .toList();
      for (String id : ids) {
        awaitState(unknown, id, this::isWaiting);
      }
      other.close();
      Workflow<Notes> workflow = waits(1);
      WorkflowHost host = host(workflow);
      String id = host.startWorkflow(workflow, Notes.NONE).id();
      awaitState(workflow, id, this::isWaiting);
      host.publish(CALLED, "key", "now");
      assertThat(ended(host, workflow, id).data().notes()).containsExactly("now");
    }
  }

  @Nested
  @DisplayName("7. A failed step leaves its error readable")
  final class Rule7 {
    @Test
    void errorOfTheLastAttemptIsReadable() {
      Workflow<Notes> workflow =
          define()
              .call("before", notes -> "kept", Notes::and)
              .run(
                  "step",
                  notes -> {
                    throw new IllegalStateException("the disk is full");
                  },
                  RetryPolicy.fixed(Duration.ofMillis(1)).maxAttempts(3))
              .build();
      WorkflowHost host = host(workflow);
      String id = host.startWorkflow(workflow, Notes.NONE).id();
      awaitState(workflow, id, state -> state.status() == WorkflowStatus.SUSPENDED);
      WorkflowState<Notes> state = host.state(workflow, id);
      StepState step = state.step("step").orElseThrow();
      assertThat(step.error()).contains("IllegalStateException").contains("the disk is full");
      assertThat(step.failures()).isEqualTo(3);
      assertThat(step.status()).isEqualTo(PointerStatus.FAILED);
      assertThat(state.data().notes()).containsExactly("kept");
    }

    @Test
    void failedTransactionIsRepeatedAsThePolicySays() throws Exception {
      AtomicInteger executions = new AtomicInteger();
      Workflow<Notes> workflow =
          define()
              .callInTransaction(
                  "step",
                  (notes, transaction) -> {
                    if (executions.incrementAndGet() < 3) {
                      throw new IllegalStateException("conflict");
                    }
                    return "attempt " + transaction.attempt();
                  },
                  Notes::and,
                  RetryPolicy.fixed(Duration.ofMillis(1)).maxAttempts(3))
              .build();
      WorkflowHost host = host(workflow);
      String id = host.startWorkflow(workflow, Notes.NONE).id();
      assertThat(ended(host, workflow, id).data().notes()).containsExactly("attempt 3");
      assertThat(executions).hasValue(3);
    }

    @Test
    void transactionWithAnUnknownOutcomeThatWasStoredIsNotRepeated() throws Exception {
      assertThat(executionsWithUnknownOutcome(true)).isEqualTo(1);
    }

    @Test
    void transactionWithAnUnknownOutcomeThatWasNotStoredIsRepeated() throws Exception {
      assertThat(executionsWithUnknownOutcome(false)).isEqualTo(2);
    }

    private int executionsWithUnknownOutcome(boolean isStored) throws Exception {
      AtomicInteger executions = new AtomicInteger();
      AtomicBoolean broken = new AtomicBoolean();
      Workflow<Notes> workflow =
          define()
              .callInTransaction(
                  "step",
                  (notes, transaction) -> {
                    executions.incrementAndGet();
                    return "written";
                  },
                  Notes::and)
              .run("next", notes -> {})
              .build();
      Interceptor interceptor = new Interceptor(store);
      interceptor.intercept(
          (operation, call) -> {
            if (operation.equals("inTransaction") && broken.compareAndSet(false, true)) {
              if (isStored) {
                call.proceed();
              } else {
                executions.incrementAndGet();
              }
              throw unknown(operation);
            }
            return call.proceed();
          });
      WorkflowHost host = started(builder(interceptor.provider(), workflow));
      String id = host.startWorkflow(workflow, Notes.NONE).id();
      assertThat(ended(host, workflow, id).data().notes()).containsExactly("written");
      return executions.get();
    }

    @Test
    void transactionWaitsWhileTheDatabaseIsAway() throws Exception {
      AtomicInteger attempts = new AtomicInteger();
      Workflow<Notes> workflow =
          define().runInTransaction("step", (notes, transaction) -> {}, RetryPolicy.none()).build();
      Interceptor interceptor = new Interceptor(store);
      interceptor.intercept(
          (operation, call) -> {
            if (operation.equals("inTransaction") && attempts.incrementAndGet() <= 5) {
              throw unavailable();
            }
            return call.proceed();
          });
      WorkflowHost host = started(builder(interceptor.provider(), workflow));
      String id = host.startWorkflow(workflow, Notes.NONE).id();
      assertThat(ended(host, workflow, id).status()).isEqualTo(WorkflowStatus.COMPLETE);
      assertThat(attempts).hasValue(6);
    }
  }

  @Nested
  @DisplayName("8. Poison is contained")
  final class Rule8 {
    @Test
    void instanceThatWasClaimedTenTimesWithoutAWriteIsSuspended() {
      AtomicInteger executions = new AtomicInteger();
      Workflow<Notes> workflow =
          define().run("step", notes -> executions.incrementAndGet()).build();
      String id = WorkflowClient.over(store).startWorkflow(workflow, Notes.NONE).id();
      for (int i = 0; i < 10; i++) {
        Eventually.until("the lease has expired", () -> !claim().isEmpty());
      }
      host(workflow);
      awaitState(workflow, id, state -> state.status() == WorkflowStatus.SUSPENDED);
      assertThat(WorkflowClient.over(store).state(workflow, id).step("step").orElseThrow().error())
          .contains("claimed 10 times");
      assertThat(executions).hasValue(0);
    }

    private List<ClaimedWorkflow> claim() {
      return store
          .claimWorkflows(
              new ClaimRequest(
                  "dying host",
                  List.of(new DefinitionVersion("flow", 1)),
                  1,
                  1_000,
                  Duration.ofMillis(1)))
          .workflows();
    }

    @Test
    void outputThatIsTooLargeSuspendsTheWorkflowAndNoOther() throws Exception {
      AtomicInteger executions = new AtomicInteger();
      Workflow<Notes> workflow =
          define()
              .call(
                  "step",
                  notes -> {
                    executions.incrementAndGet();
                    return notes.notes().contains("large") ? "x".repeat(33 << 20) : "small";
                  },
                  Notes::and)
              .build();
      WorkflowHost host = host(workflow);
      String large = host.startWorkflow(workflow, Notes.NONE.and("large")).id();
      String small = host.startWorkflow(workflow, Notes.NONE).id();
      assertThat(ended(host, workflow, small).data().notes()).containsExactly("small");
      awaitState(workflow, large, state -> state.status() == WorkflowStatus.SUSPENDED);
      assertThat(host.state(workflow, large).step("step").orElseThrow().error()).isNotEmpty();
      assertThat(executions).hasValue(2);
    }

    @Test
    void outcomesThatTogetherExceedAWriteAreAllStored() throws Exception {
      AtomicInteger refused = new AtomicInteger();
      Interceptor small = new Interceptor(store);
      small.intercept(
          (operation, call) -> {
            if (operation.equals("writeAll") && call.arguments().get(0) instanceof List<?> writes) {
              if (writes.size() > 1) {
                refused.incrementAndGet();
                throw new InvalidValueException("writeAll", "", "writes", "are too large together");
              }
            }
            return call.proceed();
          });
      Workflow<Notes> workflow = define().call("step", notes -> "done", Notes::and).build();
      WorkflowHost host = builder(small.provider(), workflow).build();
      hosts.add(host);
      List<String> ids =
          host
              .startWorkflows(
                  workflow, Collections.nCopies(30, new Start<>(Notes.NONE, StartOptions.none())))
              .stream()
              .map(result -> result.orThrow().id())
              .toList();
      host.start();
      for (String id : ids) {
        assertThat(ended(host, workflow, id).data().notes()).containsExactly("done");
      }
      assertThat(refused).hasPositiveValue();
    }

    @Test
    void outputThatCannotBeStoredSuspendsTheWorkflow() {
      assertSuspendedBy(define().call("step", notes -> "a\0b", Notes::and).build(), "NUL");
    }

    @Test
    void outputThatCannotBeMappedSuspendsTheWorkflow() {
      assertSuspendedBy(
          define().call("step", notes -> new Cyclic(), (notes, cyclic) -> notes).build(), "");
    }

    @Test
    void dataThatCannotBeMappedSuspendsTheWorkflow() {
      Workflow<Fragile> workflow =
          Workflow.define("flow", 1, Fragile.class)
              .update("step", fragile -> new Fragile("broken"))
              .run("next", fragile -> {})
              .build();
      WorkflowHost host = host(workflow);
      String id = host.startWorkflow(workflow, new Fragile("fine")).id();
      Eventually.until(
          "suspended", () -> host.state(workflow, id).status() == WorkflowStatus.SUSPENDED);
      assertThat(host.state(workflow, id).step("step").orElseThrow().error())
          .contains("broken getter");
    }

    @Test
    void dataThatNoLongerMapsSuspendsTheWorkflow() {
      Workflow<Notes> workflow = define().run("step", notes -> {}).build();
      WorkflowClient client = WorkflowClient.over(store);
      String id = client.startWorkflow(workflow, Notes.NONE).id();
      store.write(
          WorkflowWrite.of(
                  store.getLiveWorkflow(id).toBuilder()
                      .data(JsonNodeFactory.instance.textNode("not notes"))
                      .build())
              .build());
      host(workflow);
      Eventually.until(
          "suspended", () -> store.getLiveWorkflow(id).status() == WorkflowStatus.SUSPENDED);
      assertThat(store.getWorkflowInstance(id).executionPointers().get(0).extensionAttributes())
          .containsKey(Engine.ERROR);
    }

    @Test
    void deliveryThatIsRefusedForGoodSuspendsTheWorkflow() {
      Workflow<Notes> workflow =
          define()
              .await(
                  "wait", CALLED, notes -> "key", (notes, event) -> notes.and("x".repeat(33 << 20)))
              .build();
      WorkflowHost host = host(workflow);
      String id = host.startWorkflow(workflow, Notes.NONE).id();
      host.publish(CALLED, "key", "now");
      awaitState(workflow, id, state -> state.status() == WorkflowStatus.SUSPENDED);
      assertThat(host.state(workflow, id).step("wait").orElseThrow().error()).isNotEmpty();
    }

    @Test
    void deliveryWhoseDataCannotBeMappedSuspendsTheWorkflow() {
      Workflow<Fragile> workflow =
          Workflow.define("flow", 1, Fragile.class)
              .await("wait", CALLED, fragile -> "key", (fragile, event) -> new Fragile("broken"))
              .build();
      WorkflowHost host = host(workflow);
      String id = host.startWorkflow(workflow, new Fragile("fine")).id();
      host.publish(CALLED, "key", "now");
      Eventually.until(
          "suspended", () -> host.state(workflow, id).status() == WorkflowStatus.SUSPENDED);
      assertThat(host.state(workflow, id).step("wait").orElseThrow().error())
          .contains("broken getter");
    }

    private void assertSuspendedBy(Workflow<Notes> workflow, String error) {
      WorkflowHost host = host(workflow);
      String id = host.startWorkflow(workflow, Notes.NONE).id();
      awaitState(workflow, id, state -> state.status() == WorkflowStatus.SUSPENDED);
      assertThat(host.state(workflow, id).step("step").orElseThrow().error()).contains(error);
    }
  }

  /** A value that Jackson cannot write. */
  static final class Cyclic {
    public Cyclic getSelf() {
      return this;
    }
  }

  /** A value that Jackson can write sometimes. */
  record Fragile(String name) {
    public String getChecked() {
      if (name.equals("broken")) {
        throw new IllegalStateException("broken getter");
      }
      return name;
    }

    @com.fasterxml.jackson.annotation.JsonCreator
    static Fragile of(
        @com.fasterxml.jackson.annotation.JsonProperty("name") String name,
        @com.fasterxml.jackson.annotation.JsonProperty("checked") String checked) {
      return new Fragile(name);
    }
  }

  @Nested
  @DisplayName("10. Unknown definitions are left to hosts that know them")
  final class Rule10 {
    private Workflow<Notes> version(int version) {
      return Workflow.define("flow", version, Notes.class)
          .call("step", notes -> "version " + version, Notes::and)
          .build();
    }

    @Test
    void unknownVersionIsLeftAlone() throws Exception {
      WorkflowHost host = host(version(1));
      WorkflowClient client = WorkflowClient.over(store);
      String second = client.startWorkflow(version(2), Notes.NONE).id();
      String first = client.startWorkflow(version(1), Notes.NONE).id();
      ended(host, version(1), first);
      assertThat(client.state(version(2), second).steps().get(0).status())
          .isEqualTo(PointerStatus.PENDING);
      WorkflowHost knowing = host(version(2));
      ended(knowing, version(2), second);
    }

    @Test
    void versionsLiveSideBySide() throws Exception {
      WorkflowHost host = host(version(1), version(2));
      String first = host.startWorkflow(version(1), Notes.NONE).id();
      String second = host.startWorkflow(version(2), Notes.NONE).id();
      assertThat(ended(host, version(1), first).data().notes()).containsExactly("version 1");
      assertThat(ended(host, version(2), second).data().notes()).containsExactly("version 2");
    }

    @Test
    void changedGraphIsRefusedNamingTheDifference() {
      host(version(1));
      Workflow<Notes> renamed =
          Workflow.define("flow", 1, Notes.class).run("other", notes -> {}).build();
      WorkflowHost host = builder(store, renamed).build();
      hosts.add(host);
      assertThatThrownBy(host::start)
          .isInstanceOf(WorkflowDefinitionException.class)
          .hasMessageContaining("'flow' version 1")
          .hasMessageContaining("step 'step' is missing")
          .hasMessageContaining("step 'other' is new");
    }

    @Test
    void changedKindIsRefused() {
      host(version(1));
      WorkflowHost host = builder(store, define().run("step", notes -> {}).build()).build();
      hosts.add(host);
      assertThatThrownBy(host::start)
          .isInstanceOf(WorkflowDefinitionException.class)
          .hasMessageContaining("kind of step 'step' was \"call\" and is \"run\"");
    }

    @Test
    void changedFunctionsAndTimesAreAccepted() {
      host(define().run("step", notes -> {}).delay("pause", Duration.ofDays(1)).build());
      host(
          define()
              .run("step", notes -> notes.and("x"), RetryPolicy.none())
              .delay("pause", Duration.ofDays(2))
              .build());
    }
  }

  @Nested
  @DisplayName("11. The database is away for a while")
  final class Rule11 {
    private final AtomicInteger failures = new AtomicInteger();
    private final AtomicInteger operations = new AtomicInteger(100);

    private Workflow<Notes> workflow() {
      return define()
          .call("one", notes -> "1", Notes::and)
          .await("wait", CALLED, notes -> "key", Notes::and)
          .callInTransaction("two", (notes, transaction) -> "2", Notes::and)
          .delay("pause", Duration.ofMillis(1))
          .run("three", notes -> {})
          .build();
    }

    @Test
    void workGoesOnWhenTheDatabaseIsBack() throws Exception {
      Workflow<Notes> workflow = workflow();
      Interceptor interceptor = new Interceptor(store);
      WorkflowHost host = started(builder(interceptor.provider(), workflow).lease(SHORT_LEASE));
      WorkflowClient client = WorkflowClient.over(store);
      interceptor.intercept(
          (operation, call) -> {
            failures.incrementAndGet();
            throw unavailable();
          });
      String id = client.startWorkflow(workflow, Notes.NONE).id();
      client.publish(CALLED, "key", "event");
      Eventually.until("failures", () -> failures.get() > 10);
      interceptor.pass();
      assertThat(ended(client, workflow, id).data().notes()).containsExactly("1", "event", "2");
      assertThat(host.state(workflow, id).status()).isEqualTo(WorkflowStatus.COMPLETE);
    }

    @Test
    void everyOperationFailsNowAndThenBeforeItWrites() throws Exception {
      assertWorkGoesOn(
          (operation, call) -> {
            if (isOutage() || (isWrite(operation) && isThird())) {
              throw unavailable();
            }
            return call.proceed();
          });
    }

    @Test
    void outcomesAreUnknownNowAndThenBeforeTheWrite() throws Exception {
      assertWorkGoesOn(
          (operation, call) -> {
            if (isWrite(operation) && isThird()) {
              throw unknown(operation);
            }
            return call.proceed();
          });
    }

    @Test
    void outcomesAreUnknownNowAndThenAfterTheWrite() throws Exception {
      assertWorkGoesOn(
          (operation, call) -> {
            if (isWrite(operation) && isThird()) {
              call.proceed();
              throw unknown(operation);
            }
            return call.proceed();
          });
    }

    /** Many operations in a row fail, again and again. */
    private boolean isOutage() {
      return operations.incrementAndGet() % 200 < 20;
    }

    private boolean isThird() {
      return failures.incrementAndGet() % 3 == 0;
    }

    private boolean isWrite(String operation) {
      return operation.equals("writeAll") || operation.equals("inTransaction");
    }

    private void assertWorkGoesOn(Interceptor.Around around) throws Exception {
      Workflow<Notes> workflow = workflow();
      Interceptor interceptor = new Interceptor(store);
      started(builder(interceptor.provider(), workflow).lease(SHORT_LEASE));
      started(builder(interceptor.provider(), workflow).lease(SHORT_LEASE));
      interceptor.intercept(around);
      WorkflowClient client = WorkflowClient.over(store);
      List<String> ids =
          IntStream.range(0, 20)
              .mapToObj(i -> client.startWorkflow(workflow, Notes.NONE).id())
              .toList();
      client.publish(CALLED, "key", "event");
      for (String id : ids) {
        assertThat(ended(client, workflow, id).data().notes()).containsExactly("1", "event", "2");
      }
      interceptor.pass();
    }

    @Test
    void transactionOfAReleasedInstanceIsNotExecutedWithoutALease() throws Exception {
      AtomicInteger second = new AtomicInteger();
      CountDownLatch hold = gate();
      Workflow<Notes> workflow =
          define()
              .runInTransaction("first", (notes, transaction) -> {})
              .await("wait", CALLED, notes -> "key", Notes::and)
              .run(
                  "second",
                  notes -> {
                    second.incrementAndGet();
                    hold.await();
                  })
              .build();
      Interceptor interceptor = new Interceptor(store);
      AtomicBoolean broken = new AtomicBoolean();
      WorkflowHost first = started(builder(interceptor.provider(), workflow));
      interceptor.intercept(
          (operation, call) -> {
            if (operation.equals("inTransaction") && broken.compareAndSet(false, true)) {
              call.proceed();
              WorkflowHost other = host(workflow);
              other.publish(CALLED, "key", "event");
              Eventually.until("second step elsewhere", () -> second.get() == 1);
              throw unknown(operation);
            }
            if (operation.equals("claimWorkflows") && broken.get()) {
              throw unavailable();
            }
            return call.proceed();
          });
      String id = first.startWorkflow(workflow, Notes.NONE).id();
      Eventually.until("second step", () -> second.get() == 1);
      AtomicInteger renewals = new AtomicInteger();
      Eventually.until(
          "the first host has looked at it",
          () -> renewals.incrementAndGet() > 200 || second.get() > 1);
      hold.countDown();
      ended(WorkflowClient.over(store), workflow, id);
      assertThat(second).hasValue(1);
    }
  }

  /** Threads of hosts that were closed end. */
  static void assertNoThreads() {
    Eventually.until("threads of the host end", () -> hostThreads().isEmpty());
  }

  static Collection<String> hostThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith("wfe-host-") || name.startsWith("wfe-worker-"))
        .toList();
  }
}
