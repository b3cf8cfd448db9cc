package dev.wfe.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.memory.InMemoryPersistenceProvider;
import dev.wfe.model.ExecutionError;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.Claim;
import dev.wfe.persistence.ClaimRequest;
import dev.wfe.persistence.InvalidValueException;
import dev.wfe.persistence.ItemResult;
import dev.wfe.persistence.LeaseLostException;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.StoreException;
import dev.wfe.persistence.StoreUnavailableException;
import dev.wfe.persistence.Subject;
import dev.wfe.persistence.UnknownOutcomeException;
import dev.wfe.persistence.WorkflowWrite;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Races of the parts of a host, in an order that the test decides: it claims, stores and renews,
 * executes the steps, and moves the clock.
 */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class RunsTest {
  private static final EventType<String> CALLED = EventType.of("called", String.class);
  private static final Duration LEASE = Duration.ofSeconds(2);
  private static final int CAPACITY = 3;

  private Instant now = Instant.parse("2030-01-01T00:00:00Z");
  private final InMemoryPersistenceProvider store = new InMemoryPersistenceProvider(() -> now);
  private final Interceptor interceptor = new Interceptor(store);
  private final Queue<Runnable> tasks = new ArrayDeque<>();
  private final List<Duration> claimAfter = new ArrayList<>();
  private final AtomicInteger executions = new AtomicInteger();
  private final WorkflowClient client = WorkflowClient.over(store);
  private final ToldListener told = new ToldListener();

  private final Workflow<Notes> workflow =
      define()
          .call("step", notes -> "execution " + executions.incrementAndGet(), Notes::and)
          .build();

  private static WorkflowBuilder<Notes> define() {
    return Workflow.define("flow", 1, Notes.class);
  }

  private Runs runs(Workflow<Notes> definition) {
    return runs(definition, () -> now);
  }

  private Runs runs(Workflow<Notes> definition, InstantSource clock) {
    HostJson json = HostJson.standard();
    return new Runs(
        interceptor.provider(),
        new Definitions(List.of(definition), json),
        json,
        new HostSettings(
            "host",
            LEASE,
            CAPACITY,
            CAPACITY,
            1_000_000,
            Duration.ofMillis(1),
            Duration.ofMillis(1)),
        clock,
        time -> {},
        tasks::add,
        context -> {},
        new Listeners(List.of(told)),
        () -> {},
        claimAfter::add);
  }

  private String started(Workflow<Notes> definition) {
    return client.startWorkflow(definition, Notes.NONE).id();
  }

  /** Claims, and dispatches the steps without executing them. */
  private void dispatch(Runs runs) {
    runs.claim();
    flush(runs);
  }

  private static void flush(Runs runs) {
    while (runs.flush()) {
      // Each flush may report more.
    }
  }

  private void executeTasks() {
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
    }
  }

  /** Executes everything that is due. */
  private void finish(Runs runs) {
    dispatch(runs);
    while (!tasks.isEmpty()) {
      executeTasks();
      flush(runs);
    }
  }

  private List<String> notes(String id) {
    return client.state(workflow, id).data().notes();
  }

  /** Another host claims what is due; returns how many. */
  private int othersClaim(Workflow<Notes> definition) {
    return store
        .claimWorkflows(
            new ClaimRequest("other", List.of(definition.graph().definition()), 1, 1, LEASE))
        .workflows()
        .size();
  }

  @Test
  void workOfADeadHostIsTakenOverWhenItsLeaseEndsAndNotBefore() {
    String id = started(workflow);
    assertThat(othersClaim(workflow)).isEqualTo(1);
    Runs runs = runs(workflow);
    now = now.plus(LEASE).minusMillis(1);
    finish(runs);
    assertThat(executions).hasValue(0);
    now = now.plusMillis(1);
    finish(runs);
    assertThat(notes(id)).containsExactly("execution 1");
  }

  @Test
  void renewedLeaseIsNotTakenOver() {
    String id = started(workflow);
    Runs runs = runs(workflow);
    dispatch(runs);
    for (int i = 0; i < 3; i++) {
      now = now.plus(LEASE.dividedBy(2));
      runs.renew();
    }
    assertThat(othersClaim(workflow)).isZero();
    executeTasks();
    flush(runs);
    assertThat(notes(id)).containsExactly("execution 1");
  }

  @Test
  void stepGoesOnWhenItsHostTakesItsOwnExpiredLeaseOver() {
    String id = started(workflow);
    Runs runs = runs(workflow);
    dispatch(runs);
    now = now.plus(LEASE);
    dispatch(runs);
    assertThat(runs.size()).isEqualTo(1);
    assertThat(tasks).hasSize(1);
    executeTasks();
    now = now.plus(LEASE.dividedBy(2));
    runs.renew();
    flush(runs);
    assertThat(executions).hasValue(1);
    assertThat(notes(id)).containsExactly("execution 1");
    assertThat(runs.size()).isZero();
  }

  @Test
  void outcomeThatIsWrittenUnderTheOldLeaseIsWrittenAgainUnderTheNewOne() {
    String id = started(workflow);
    Runs runs = runs(workflow);
    dispatch(runs);
    executeTasks();
    AtomicBoolean taken = new AtomicBoolean();
    interceptor.intercept(
        (operation, call) -> {
          if (operation.equals("writeAll") && taken.compareAndSet(false, true)) {
            now = now.plus(LEASE);
            runs.claim();
          }
          return call.proceed();
        });
    flush(runs);
    assertThat(tasks).isEmpty();
    assertThat(executions).hasValue(1);
    assertThat(notes(id)).containsExactly("execution 1");
    assertThat(runs.size()).isZero();
  }

  @Test
  void versionThatIsReadUnderTheOldLeaseDoesNotEndTheRun() {
    String id = started(workflow);
    Runs runs = runs(workflow);
    dispatch(runs);
    executeTasks();
    client.suspend(id);
    AtomicBoolean taken = new AtomicBoolean();
    interceptor.intercept(
        (operation, call) -> {
          Object result = call.proceed();
          if (operation.equals("renew") && taken.compareAndSet(false, true)) {
            client.resume(id);
            now = now.plus(LEASE);
            runs.claim();
          }
          return result;
        });
    flush(runs);
    assertThat(taken).isTrue();
    assertThat(executions).hasValue(1);
    assertThat(notes(id)).containsExactly("execution 1");
  }

  @Test
  void transactionUnderTheOldLeaseIsRepeatedUnderTheNewOne() {
    Workflow<Notes> book =
        define()
            .callInTransaction(
                "step",
                (notes, transaction) -> "execution " + executions.incrementAndGet(),
                Notes::and)
            .build();
    String id = started(book);
    Runs runs = runs(book);
    dispatch(runs);
    AtomicBoolean taken = new AtomicBoolean();
    interceptor.intercept(
        (operation, call) -> {
          if (operation.equals("inTransaction") && taken.compareAndSet(false, true)) {
            now = now.plus(LEASE);
            runs.claim();
            throw new LeaseLostException(new Claim(Subject.WORKFLOW, id, "host", 1));
          }
          return call.proceed();
        });
    finish(runs);
    assertThat(client.state(book, id).status()).isEqualTo(WorkflowStatus.COMPLETE);
    assertThat(client.state(book, id).data().notes()).hasSize(1);
    assertThat(runs.size()).isZero();
  }

  @Test
  void stepThatIsQueuedWhenItsLeaseIsLostIsNotExecuted() {
    started(workflow);
    Runs runs = runs(workflow);
    dispatch(runs);
    now = now.plus(LEASE);
    assertThat(othersClaim(workflow)).isEqualTo(1);
    runs.renew();
    assertThat(tasks).hasSize(1);
    executeTasks();
    assertThat(executions).hasValue(0);
    assertThat(runs.size()).isZero();
  }

  @Test
  void leaseThatTheOwnCommitReleasedIsNotTakenForALostOne() {
    List<Boolean> interrupted = new ArrayList<>();
    Workflow<Notes> last = define().runInTransaction("step", (notes, transaction) -> {}).build();
    Runs runs = runs(last);
    interceptor.intercept(
        (operation, call) -> {
          Object result = call.proceed();
          if (operation.equals("inTransaction")) {
            runs.renew();
            interrupted.add(Thread.interrupted());
          }
          return result;
        });
    String id = started(last);
    finish(runs);
    assertThat(client.state(last, id).status()).isEqualTo(WorkflowStatus.COMPLETE);
    assertThat(interrupted).containsExactly(false);
    assertThat(runs.size()).isZero();
  }

  @Test
  void hostClaimsNoMoreThanItCanExecute() {
    for (int i = 0; i < CAPACITY + 2; i++) {
      started(workflow);
    }
    Runs runs = runs(workflow);
    dispatch(runs);
    dispatch(runs);
    assertThat(runs.size()).isEqualTo(CAPACITY);
    assertThat(tasks).hasSize(CAPACITY);
    executeTasks();
    flush(runs);
    finish(runs);
    assertThat(executions).hasValue(CAPACITY + 2);
  }

  /** The next so many writes are answered so. */
  private void refuse(int count, StoreException reason) {
    AtomicInteger left = new AtomicInteger(count);
    interceptor.intercept(
        (operation, call) ->
            operation.equals("writeAll") && left.getAndDecrement() > 0
                ? Collections.nCopies(
                    ((List<?>) call.arguments().get(0)).size(), new ItemResult.Refused<>(reason))
                : call.proceed());
  }

  private static StoreUnavailableException unavailable() {
    return new StoreUnavailableException("no connection", List.of(), null);
  }

  private static InvalidValueException invalid() {
    return new InvalidValueException("writeAll", "id", "outcome", "is too large");
  }

  @Test
  void writeThatIsRefusedForAWhileIsRepeatedAndTheStepIsNot() {
    String id = started(workflow);
    Runs runs = runs(workflow);
    dispatch(runs);
    refuse(3, unavailable());
    executeTasks();
    flush(runs);
    assertThat(notes(id)).containsExactly("execution 1");
    assertThat(executions).hasValue(1);
  }

  @Test
  void writeThatIsRefusedForGoodSuspendsTheWorkflow() {
    String id = started(workflow);
    Runs runs = runs(workflow);
    dispatch(runs);
    refuse(1, invalid());
    executeTasks();
    flush(runs);
    WorkflowState<Notes> state = client.state(workflow, id);
    assertThat(state.status()).isEqualTo(WorkflowStatus.SUSPENDED);
    assertThat(state.step("step").orElseThrow().error()).contains("outcome is too large");
    assertThat(client.retry(id)).isEqualTo(1);
    finish(runs);
    assertThat(notes(id)).containsExactly("execution 2");
  }

  @Test
  void workflowThatCannotEvenBeSuspendedIsLeftAndOthersGoOn() {
    String id = started(workflow);
    Runs runs = runs(workflow);
    dispatch(runs);
    refuse(2, invalid());
    executeTasks();
    flush(runs);
    assertThat(runs.size()).isZero();
    assertThat(notes(id)).isEmpty();
    String other = started(workflow);
    finish(runs);
    assertThat(notes(other)).containsExactly("execution 2");
    now = now.plus(LEASE);
    finish(runs);
    assertThat(notes(id)).containsExactly("execution 3");
  }

  @Test
  void workflowThatWasDeletedMeanwhileIsLeft() {
    String id = started(workflow);
    Runs runs = runs(workflow);
    dispatch(runs);
    refuse(1, new NotFoundException(Subject.WORKFLOW, id));
    executeTasks();
    flush(runs);
    assertThat(runs.size()).isZero();
    assertThat(client.state(workflow, id).status()).isEqualTo(WorkflowStatus.RUNNABLE);
  }

  @ParameterizedTest
  @ValueSource(ints = {9, 10})
  void workflowThatWasClaimedTenTimesWithoutAWriteIsSuspended(int claims) {
    String id = started(workflow);
    for (int i = 0; i < claims; i++) {
      assertThat(othersClaim(workflow)).isEqualTo(1);
      now = now.plus(LEASE);
    }
    finish(runs(workflow));
    WorkflowState<Notes> state = client.state(workflow, id);
    if (claims < 10) {
      assertThat(state.data().notes()).containsExactly("execution 1");
    } else {
      assertThat(state.status()).isEqualTo(WorkflowStatus.SUSPENDED);
      assertThat(state.step("step").orElseThrow().error()).contains("claimed 10 times");
      assertThat(executions).hasValue(0);
      client.retry(id);
      finish(runs(workflow));
      assertThat(notes(id)).containsExactly("execution 1");
    }
  }

  @Test
  void instanceWithNothingToDoIsGivenBackAtOnce() {
    Workflow<Notes> two =
        define()
            .runInTransaction("step", (notes, transaction) -> {})
            .run("next", notes -> executions.incrementAndGet())
            .build();
    String id = started(two);
    Runs runs = runs(two);
    dispatch(runs);
    interceptor.intercept(
        (operation, call) -> {
          Object result = call.proceed();
          if (operation.equals("inTransaction")) {
            client.suspend(id);
            throw new UnknownOutcomeException(operation, false, List.of(), null);
          }
          return result;
        });
    executeTasks();
    flush(runs);
    assertThat(runs.size()).isZero();
    client.resume(id);
    finish(runs(two));
    assertThat(executions).hasValue(1);
    assertThat(client.state(two, id).hasEnded()).isTrue();
  }

  @Test
  void eachFailureIsStoredAsAnErrorOfItsOwn() {
    Workflow<Notes> failing =
        define()
            .run(
                "step",
                notes -> {
                  throw new IllegalStateException("failure " + executions.incrementAndGet());
                },
                RetryPolicy.fixed(Duration.ofMinutes(1)).maxAttempts(2))
            .build();
    String id = started(failing);
    Runs runs = runs(failing);
    finish(runs);
    assertThat(client.state(failing, id).step("step").orElseThrow().startTime()).isEqualTo(now);
    now = now.plus(Duration.ofMinutes(2));
    finish(runs);
    assertThat(store.persistedErrors())
        .extracting(ExecutionError::message)
        .satisfiesExactly(
            first -> assertThat(first).contains("failure 1"),
            second -> assertThat(second).contains("failure 2"));
  }

  @Test
  void stepIsStoredWithTheTimesOfItsExecution() {
    String id = started(workflow);
    Runs runs = runs(workflow);
    dispatch(runs);
    Instant begin = now;
    executeTasks();
    now = now.plusSeconds(1);
    flush(runs);
    StepState step = client.state(workflow, id).step("step").orElseThrow();
    assertThat(step.startTime()).isEqualTo(begin);
    assertThat(step.endTime()).isEqualTo(now);
  }

  @Test
  void controlIsRepeatedIfAnotherWriterWasFaster() {
    String id = started(workflow);
    AtomicInteger writes = new AtomicInteger();
    interceptor.intercept(
        (operation, call) -> {
          if (operation.equals("write") && writes.incrementAndGet() % 2 == 1) {
            store.write(WorkflowWrite.of(store.getLiveWorkflow(id)).build());
          }
          return call.proceed();
        });
    WorkflowClient other = WorkflowClient.over(interceptor.provider());
    assertThat(other.suspend(id)).isTrue();
    assertThat(other.resume(id)).isTrue();
    assertThat(other.terminate(id)).isTrue();
    assertThat(writes).hasValue(6);
    assertThat(client.state(workflow, id).status()).isEqualTo(WorkflowStatus.TERMINATED);
  }

  @Test
  void failureAfterATerminationDoesNotReviveTheWorkflow() {
    Workflow<Notes> failing =
        define()
            .run(
                "step",
                notes -> {
                  throw new IllegalStateException("too late");
                },
                RetryPolicy.none())
            .build();
    String id = started(failing);
    Runs runs = runs(failing);
    dispatch(runs);
    client.terminate(id);
    executeTasks();
    flush(runs);
    WorkflowState<Notes> state = client.state(failing, id);
    assertThat(state.status()).isEqualTo(WorkflowStatus.TERMINATED);
    assertThat(state.step("step").orElseThrow().error()).contains("too late");
  }

  @Test
  void unreadableOutcomeAfterATerminationDoesNotReviveTheWorkflow() {
    Workflow<Notes> broken =
        define()
            .call(
                "step",
                notes -> "output",
                (notes, output) -> {
                  throw new IllegalStateException("too late");
                })
            .build();
    String id = started(broken);
    Runs runs = runs(broken);
    dispatch(runs);
    client.terminate(id);
    executeTasks();
    flush(runs);
    WorkflowState<Notes> state = client.state(broken, id);
    assertThat(state.status()).isEqualTo(WorkflowStatus.TERMINATED);
    assertThat(state.step("step").orElseThrow().error()).contains("too late");
  }

  @Test
  void workflowThatCannotBeReadAgainIsLeft() {
    String id = started(workflow);
    Runs runs = runs(workflow);
    dispatch(runs);
    client.suspend(id);
    interceptor.intercept(
        (operation, call) -> operation.equals("getLiveWorkflows") ? List.of() : call.proceed());
    executeTasks();
    flush(runs);
    assertThat(runs.size()).isZero();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void outcomeIsStoredOnceIfItIsUnknownWhetherItWasStored(boolean wasStored) {
    String id = started(workflow);
    Runs runs = runs(workflow);
    dispatch(runs);
    AtomicInteger writes = new AtomicInteger();
    interceptor.intercept(
        (operation, call) -> {
          if (operation.equals("writeAll") && writes.incrementAndGet() == 1) {
            if (wasStored) {
              call.proceed();
            }
            throw new UnknownOutcomeException(operation, false, List.of(), null);
          }
          return call.proceed();
        });
    executeTasks();
    flush(runs);
    assertThat(runs.size()).isZero();
    assertThat(notes(id)).containsExactly("execution 1");
    assertThat(client.state(workflow, id).status()).isEqualTo(WorkflowStatus.COMPLETE);
  }

  @Test
  void outageDuringAWriteLosesNoOutcome() {
    String id = started(workflow);
    Runs runs = runs(workflow);
    dispatch(runs);
    executeTasks();
    interceptor.intercept(
        (operation, call) -> {
          throw unavailable();
        });
    assertThatThrownBy(runs::flush).isInstanceOf(StoreUnavailableException.class);
    interceptor.pass();
    flush(runs);
    assertThat(runs.flush()).isFalse();
    assertThat(notes(id)).containsExactly("execution 1");
    assertThat(executions).hasValue(1);
  }

  @Test
  void workflowWhoseOutcomesCannotBeAppliedIsLeftAndOthersGoOn() {
    started(workflow);
    AtomicInteger readings = new AtomicInteger();
    Runs runs =
        runs(
            workflow,
            () -> {
              if (readings.incrementAndGet() == 1) {
                throw new IllegalStateException("no time");
              }
              return now;
            });
    finish(runs);
    assertThat(runs.size()).isZero();
    String other = started(workflow);
    finish(runs);
    assertThat(notes(other)).containsExactly("execution 1");
  }

  private Workflow<Notes> limited() {
    return define()
        .await(
            "wait",
            CALLED,
            notes -> "key",
            Notes::and,
            dev.wfe.host.Timeout.after(Duration.ofMinutes(1))
                .update("late", notes -> notes.and("late")))
        .build();
  }

  /** Lets the next so many looks for events fail. */
  private void failToLookForEvents(int count, RuntimeException failure) {
    AtomicInteger left = new AtomicInteger(count);
    interceptor.intercept(
        (operation, call) -> {
          if (operation.equals("getEventsSince") && left.getAndDecrement() > 0) {
            throw failure;
          }
          return call.proceed();
        });
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void timeOutThatIsPreventedOnceComesNevertheless(boolean isOutage) {
    Workflow<Notes> limited = limited();
    String id = started(limited);
    Runs runs = runs(limited);
    finish(runs);
    now = now.plus(Duration.ofMinutes(1));
    failToLookForEvents(1, isOutage ? unavailable() : new IllegalStateException("a bug"));
    finish(runs);
    if (!isOutage) {
      assertThat(client.state(limited, id).step("wait").orElseThrow().error()).contains("a bug");
      client.retry(id);
      finish(runs);
      now = now.plus(Duration.ofMinutes(1));
      finish(runs);
    }
    assertThat(client.state(limited, id).data().notes()).containsExactly("late");
  }

  @Test
  void wakeUpIsNeverEarlierThanTheTimeOfTheDelay() {
    now = now.plusNanos(123_000);
    Workflow<Notes> sleeping =
        define().delay("pause", Duration.ofMinutes(1)).run("after", notes -> {}).build();
    started(sleeping);
    Runs runs = runs(sleeping);
    finish(runs);
    Duration next = runs.claim().untilNextDue().orElseThrow();
    now = now.plus(next);
    assertThat(runs.claim().count()).isEqualTo(1);
    flush(runs);
    assertThat(tasks).hasSize(1);
  }

  @Test
  void hostIsToldWhenAnInstanceThatItGaveBackIsDue() {
    Workflow<Notes> sleeping =
        define()
            .delay("pause", Duration.ofMinutes(1))
            .runInTransaction("step", (notes, transaction) -> {})
            .delay("second", Duration.ofMinutes(2))
            .build();
    started(sleeping);
    Runs runs = runs(sleeping);
    finish(runs);
    assertThat(claimAfter).containsExactly(Duration.ofMinutes(1));
    now = now.plus(Duration.ofMinutes(1));
    finish(runs);
    assertThat(claimAfter).containsExactly(Duration.ofMinutes(1), Duration.ofMinutes(2));
  }

  @Test
  void workflowThatGoesOnKeepsItsPlaceInTheQueue() {
    Workflow<Notes> two = define().run("one", notes -> {}).run("two", notes -> {}).build();
    String id = started(two);
    Long due = store.getLiveWorkflow(id).nextExecution();
    Runs runs = runs(two);
    dispatch(runs);
    now = now.plusSeconds(1);
    executeTasks();
    flush(runs);
    assertThat(store.getLiveWorkflow(id).nextExecution()).isEqualTo(due);
  }

  @Test
  void aStepWhoseFailureTerminatesDoesSoAlthoughTheWorkflowIsSuspendedMeanwhile() {
    Workflow<Notes> failing =
        define()
            .run(
                "step",
                notes -> {
                  throw new IllegalStateException("broken");
                },
                RetryPolicy.none(),
                AfterLastAttempt.TERMINATE)
            .build();
    String id = started(failing);
    Runs runs = runs(failing);
    dispatch(runs);
    client.suspend(id);
    executeTasks();
    flush(runs);
    assertThat(client.state(failing, id).status()).isEqualTo(WorkflowStatus.TERMINATED);
    assertThat(client.retry(id)).isZero();
  }

  @Test
  void closingGivesBackEverythingAndForgetsWhatStepsReportThen() {
    String id = started(workflow);
    Runs runs = runs(workflow);
    dispatch(runs);
    runs.leave();
    runs.giveBack();
    assertThat(runs.size()).isZero();
    executeTasks();
    assertThat(executions).hasValue(0);
    assertThat(runs.flush()).isFalse();
    finish(runs(workflow));
    assertThat(notes(id)).containsExactly("execution 1");
  }
}
