package dev.wfe.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.memory.InMemoryPersistenceProvider;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.PersistenceProvider;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.assertj.core.api.Condition;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The clock of the in-memory provider stands for the database's clock, so a host whose own clock is
 * an hour fast or slow is one on a provider whose clock differs from the system's by an hour. The
 * test moves the database's clock; the system's goes its way.
 */
@DisplayName("5. Hosts' clocks may be wrong")
final class Rule05WrongClockTest extends HostRule {
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration ABOUT = Duration.ofMinutes(10);

  private final AtomicReference<Duration> ahead = new AtomicReference<>(Duration.ZERO);

  private final Condition<Instant> inAnHour =
      new Condition<>(
          time -> Duration.between(databaseTime(), time).minus(HOUR).abs().compareTo(ABOUT) < 0,
          "an hour from now");

  @Override
  protected PersistenceProvider emptyStore() {
    return new InMemoryPersistenceProvider(this::databaseTime);
  }

  private Instant databaseTime() {
    return Instant.now().plus(ahead.get());
  }

  private void advanceDatabase(Duration time) {
    ahead.updateAndGet(time::plus);
  }

  /** When a delay, a pause before the next attempt, or a wait for an event ends. */
  private Instant end(String id) {
    Eventually.until("the workflow sleeps or waits", () -> sleepUntil(id).isPresent());
    return sleepUntil(id).orElseThrow();
  }

  private Optional<Instant> sleepUntil(String id) {
    return store.getLiveWorkflow(id).pointers().stream()
        .map(ExecutionPointer::sleepUntil)
        .filter(Objects::nonNull)
        .findFirst();
  }

  @ParameterizedTest
  @ValueSource(longs = {-3_600, 3_600})
  void delaysRetriesAndTimeOutsLastAsLongAsTheySay(long secondsAhead) throws Exception {
    ahead.set(Duration.ofSeconds(secondsAhead));
    AtomicInteger attempts = new AtomicInteger();
    Workflow<Notes> delayed = define().delay("pause", HOUR).build();
    Workflow<Notes> limited =
        Workflow.define("limited", 1, Notes.class)
            .await(
                "wait", CALLED, notes -> "key", Notes::and, dev.wfe.host.Timeout.after(HOUR).goOn())
            .build();
    Workflow<Notes> retried =
        Workflow.define("retried", 1, Notes.class)
            .run(
                "step",
                notes -> {
                  if (attempts.incrementAndGet() == 1) {
                    throw new IllegalStateException("not yet");
                  }
                },
                RetryPolicy.fixed(HOUR))
            .build();
    WorkflowHost host = host(delayed, limited, retried);
    String delay = host.startWorkflow(delayed, Notes.NONE).id();
    String limit = host.startWorkflow(limited, Notes.NONE).id();
    String retry = host.startWorkflow(retried, Notes.NONE).id();
    assertThat(end(delay)).is(inAnHour);
    assertThat(end(limit)).is(inAnHour);
    assertThat(end(retry)).is(inAnHour);
    advanceDatabase(HOUR.plus(Duration.ofMinutes(10)));
    ended(host, delayed, delay);
    assertThat(ended(host, limited, limit).steps().get(0).status().isEnd()).isTrue();
    ended(host, retried, retry);
    assertThat(attempts).hasValue(2);
  }

  @ParameterizedTest
  @ValueSource(longs = {-3_600, 3_600})
  void workIsDueByTheDatabasesClock(long secondsAhead) throws Exception {
    ahead.set(Duration.ofSeconds(secondsAhead));
    Workflow<Notes> workflow = define().run("step", notes -> {}).build();
    WorkflowHost host = host(workflow);
    String later =
        host.startWorkflow(workflow, Notes.NONE, StartOptions.none().at(databaseTime().plus(HOUR)))
            .id();
    String past =
        host.startWorkflow(
                workflow, Notes.NONE, StartOptions.none().at(databaseTime().minusSeconds(1)))
            .id();
    ended(host, workflow, past);
    assertThat(host.state(workflow, later).hasEnded()).isFalse();
    advanceDatabase(HOUR);
    ended(host, workflow, later);
  }

  /** So the earliest start is the next one, and a start is never executed later. */
  @ParameterizedTest
  @ValueSource(longs = {-3_600, 3_600})
  void startsAreDueAtTheDatabasesTime(long secondsAhead) throws Exception {
    ahead.set(Duration.ofSeconds(secondsAhead));
    Workflow<Notes> workflow = define().run("step", notes -> {}).build();
    WorkflowClient client = WorkflowClient.over(store);
    String first = client.startWorkflow(workflow, Notes.NONE).id();
    String second = client.startWorkflow(workflow, Notes.NONE).id();
    assertThat(store.getWorkflowInstance(first).nextExecution()).isZero();
    assertIsDueNow(second);

    WorkflowHost host = host(workflow);
    ended(host, workflow, second);
    host.close();
    assertIsDueNow(host.startWorkflow(workflow, Notes.NONE).id());
  }

  private void assertIsDueNow(String id) {
    WorkflowInstance started = store.getWorkflowInstance(id);
    assertThat(Instant.ofEpochMilli(Objects.requireNonNull(started.nextExecution())))
        .isBetween(databaseTime().minus(ABOUT), started.createTime());
  }

  @ParameterizedTest
  @ValueSource(longs = {-3_600, 3_600})
  void leasesLastByTheDatabasesClock(long secondsAhead) throws Exception {
    ahead.set(Duration.ofSeconds(secondsAhead));
    AtomicInteger executions = new AtomicInteger();
    CountDownLatch hold = gate();
    Workflow<Notes> workflow =
        define()
            .run(
                "step",
                notes -> {
                  if (executions.incrementAndGet() == 1) {
                    hold.await();
                  }
                })
            .run("next", notes -> {})
            .build();
    Interceptor dying = new Interceptor(store);
    started(builder(dying.provider(), workflow).lease(HOUR).closeTimeout(Duration.ZERO));
    WorkflowClient client = WorkflowClient.over(store);
    String held = client.startWorkflow(workflow, Notes.NONE).id();
    Eventually.until("first execution", () -> executions.get() == 1);
    die(dying);
    WorkflowHost other = host(workflow);
    ended(other, workflow, client.startWorkflow(workflow, Notes.NONE).id());
    assertThat(executions).hasValue(2);
    assertThat(client.state(workflow, held).step("next")).isEmpty();
    advanceDatabase(HOUR);
    ended(other, workflow, held);
    assertThat(executions).hasValue(3);
  }

  @ParameterizedTest
  @ValueSource(longs = {-3_600, 3_600})
  void eventsOfTheTimeSinceTheStartAreDelivered(long secondsAhead) throws Exception {
    ahead.set(Duration.ofSeconds(secondsAhead));
    Workflow<Notes> workflow =
        define()
            .await("first", CALLED, notes -> "key", Notes::and)
            .await("second", CALLED, notes -> "key", Notes::and)
            .build();
    WorkflowHost host = host(workflow);
    host.publish(CALLED, "key", "too early");
    String id = host.startWorkflow(workflow, Notes.NONE).id();
    host.publish(CALLED, "key", "1");
    awaitState(workflow, id, state -> state.data().notes().size() == 1);
    host.publish(CALLED, "key", "2");
    WorkflowState<Notes> state = ended(host, workflow, id);
    assertThat(state.data().notes()).containsExactly("1", "2");
    assertThat(state.status()).isEqualTo(WorkflowStatus.COMPLETE);
    assertThat(Duration.between(databaseTime(), state.completeTime()).abs()).isLessThan(ABOUT);
  }

  /** A delivery that comes before the first claim would compute times by the host's own clock. */
  @ParameterizedTest
  @ValueSource(longs = {-3_600, 3_600})
  void eventsAreDeliveredOnlyWhenTheHostKnowsTheDatabasesTime(long secondsAhead) throws Exception {
    ahead.set(Duration.ofSeconds(secondsAhead));
    Workflow<Notes> workflow =
        define().await("wait", CALLED, notes -> "key", Notes::and).delay("pause", HOUR).build();
    WorkflowHost first = host(workflow);
    String id = first.startWorkflow(workflow, Notes.NONE).id();
    awaitState(workflow, id, state -> !state.waits().isEmpty());
    first.close();
    WorkflowClient.over(store).publish(CALLED, "key", "event");
    ConcurrentLinkedQueue<String> order = new ConcurrentLinkedQueue<>();
    CountDownLatch delivering = new CountDownLatch(1);
    Interceptor slow = new Interceptor(store);
    slow.intercept(
        (operation, call) -> {
          if (operation.equals("claimEvents")) {
            order.add(operation);
            delivering.countDown();
          } else if (operation.equals("claimWorkflows") && order.isEmpty()) {
            boolean isFirst = delivering.await(50, TimeUnit.MILLISECONDS);
            order.add(isFirst ? "claimWorkflows, late" : operation);
          }
          return call.proceed();
        });
    started(builder(slow.provider(), workflow));
    awaitState(workflow, id, state -> state.step("pause").isPresent());
    assertThat(order).startsWith("claimWorkflows");
    assertThat(end(id)).is(inAnHour);
  }
}
