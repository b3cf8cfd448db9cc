package dev.wfe.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.model.WorkflowStatus;
import dev.wfe.postgres.testing.LogCapture;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What an {@link ActivityWorker} promises on any provider. */
abstract class ActivityWorkerContract extends HostRule {
  private static final Duration HOUR = Duration.ofHours(1);
  static final ActivityType<String, String> PAY =
      ActivityType.of("pay", String.class, String.class);

  final AtomicInteger calls = new AtomicInteger();
  private final Collection<String> inputs = new ConcurrentLinkedQueue<>();

  /** The workflow pays for its first note, and takes note of what the worker returned. */
  static Workflow<Notes> paying() {
    return paying(PAY);
  }

  private static Workflow<Notes> paying(ActivityType<String, String> type) {
    return define()
        .activity(
            "pay",
            type,
            notes -> notes.notes().get(0),
            (notes, output) -> notes.and(String.valueOf(output)),
            RetryPolicy.fixed(Duration.ofMillis(1)).maxAttempts(3))
        .build();
  }

  static String pay(WorkflowClient client, Workflow<Notes> workflow, String what) {
    return client.startWorkflow(workflow, Notes.NONE.and(what)).id();
  }

  private List<String> payMany(WorkflowClient client, Workflow<Notes> workflow, int count) {
    return IntStream.range(0, count).mapToObj(i -> pay(client, workflow, "bill " + i)).toList();
  }

  private void assertPaid(Workflow<Notes> workflow, String id, String output) throws Exception {
    assertThat(ended(WorkflowClient.over(store), workflow, id).data().notes())
        .last()
        .isEqualTo(output);
  }

  @Test
  void workflowGetsWhatTheHandlerReturns() throws Exception {
    Workflow<Notes> workflow = paying();
    AtomicReference<@Nullable String> workflowId = new AtomicReference<>();
    started(
        worker(store)
            .activity(
                PAY,
                task -> {
                  workflowId.set(task.workflowId());
                  return "paid " + task.input();
                }));
    String id = pay(host(workflow), workflow, "bill");
    assertPaid(workflow, id, "paid bill");
    assertThat(workflowId).hasValue(id);
  }

  @Test
  void attemptThatThrowsIsRepeatedAsTheStepSays() throws Exception {
    Workflow<Notes> workflow = paying();
    Set<String> keys = ConcurrentHashMap.newKeySet();
    started(
        worker(store)
            .activity(
                PAY,
                task -> {
                  keys.add(task.idempotencyKey());
                  if (task.attempt() < 3) {
                    throw new IllegalStateException("closed at attempt " + task.attempt());
                  }
                  return "paid";
                }));
    String id = pay(host(workflow), workflow, "bill");
    assertPaid(workflow, id, "paid");
    StepState step = WorkflowClient.over(store).state(workflow, id).step("pay").orElseThrow();
    assertThat(step.failures()).isEqualTo(2);
    assertThat(step.error()).contains("IllegalStateException: closed at attempt 2");
    assertThat(keys).hasSize(1);
  }

  /** An exception of an application, all of whose methods fail. */
  private static final class Hostile extends RuntimeException {
    private static final long serialVersionUID = 1L;

    @Override
    public String toString() {
      throw new IllegalStateException("toString");
    }

    @Override
    public String getMessage() {
      throw new IllegalStateException("getMessage");
    }

    @Override
    public synchronized Throwable getCause() {
      throw new IllegalStateException("getCause");
    }
  }

  @Test
  void whateverAHandlerThrowsIsAFailure() throws Exception {
    Workflow<Notes> workflow = paying();
    started(
        worker(store)
            .threads(1)
            .activity(
                PAY,
                task -> {
                  if (task.attempt() == 1) {
                    throw new StackOverflowError("deep");
                  }
                  if (task.attempt() == 2) {
                    throw new Hostile();
                  }
                  return "paid";
                }));
    String id = pay(host(workflow), workflow, "bill");
    assertPaid(workflow, id, "paid");
    assertThat(WorkflowClient.over(store).state(workflow, id).step("pay").orElseThrow().error())
        .contains("Hostile");
  }

  @Test
  void outputThatCannotBeStoredIsAFailure() throws Exception {
    ActivityType<String, Object> type = ActivityType.of("pay", String.class, Object.class);
    Workflow<Notes> workflow = paying();
    started(
        worker(store)
            .activity(
                type,
                task ->
                    switch (task.attempt()) {
                      case 1 -> new Rule08Poison.Cyclic();
                      case 2 -> "a\0b";
                      default -> "paid";
                    }));
    String id = pay(host(workflow), workflow, "bill");
    assertPaid(workflow, id, "paid");
    StepState step = WorkflowClient.over(store).state(workflow, id).step("pay").orElseThrow();
    assertThat(step.failures()).isEqualTo(2);
    assertThat(step.error()).contains("The output cannot be stored", "NUL");
  }

  @Test
  void nullIsAnOutput() throws Exception {
    Workflow<Notes> workflow = paying();
    started(worker(store).activity(PAY, task -> null));
    assertPaid(workflow, pay(host(workflow), workflow, "bill"), "null");
  }

  @Test
  void resultThatTheHandlerReportsItselfCounts() throws Exception {
    Workflow<Notes> workflow = paying();
    started(
        worker(store)
            .activity(
                PAY,
                task -> {
                  if (task.input().equals("throws")) {
                    task.complete("reported before");
                    throw new IllegalStateException("too late");
                  }
                  task.complete("reported");
                  return "returned";
                }));
    WorkflowHost host = host(workflow);
    assertPaid(workflow, pay(host, workflow, "bill"), "reported");
    assertPaid(workflow, pay(host, workflow, "throws"), "reported before");
  }

  @Test
  void activityThatTheHandlerGivesBackIsTakenAgain() throws Exception {
    Workflow<Notes> workflow = paying();
    started(
        worker(store)
            .threads(1) // so that the second call begins after the first one is over
            .activity(
                PAY,
                task -> {
                  if (calls.incrementAndGet() == 1) {
                    task.giveBack();
                    return "not this";
                  }
                  return "paid at attempt " + task.attempt();
                }));
    assertPaid(workflow, pay(host(workflow), workflow, "bill"), "paid at attempt 1");
    assertThat(calls).hasValue(2);
  }

  @Test
  void activityIsTakenAgainAlthoughTheHandlerThatGaveItBackGoesOn() throws Exception {
    Workflow<Notes> workflow = paying();
    CountDownLatch takenAgain = gate();
    started(
        worker(store)
            .hold(HOUR)
            .activity(
                PAY,
                task -> {
                  if (calls.incrementAndGet() == 1) {
                    task.giveBack();
                    takenAgain.await();
                    return "not this";
                  }
                  takenAgain.countDown();
                  return "paid";
                }));
    assertPaid(workflow, pay(host(workflow), workflow, "bill"), "paid");
  }

  @Test
  void oneWorkerDoesActivitiesOfSeveralTypes() throws Exception {
    ActivityType<String, String> ship = ActivityType.of("ship", String.class, String.class);
    Workflow<Notes> workflow =
        define()
            .activity("pay", PAY, notes -> "bill", Notes::and)
            .activity("ship", ship, notes -> "parcel", Notes::and)
            .build();
    started(
        worker(store)
            .activity(PAY, task -> "paid " + task.input())
            .activity(ship, task -> "shipped " + task.input()));
    WorkflowHost host = host(workflow);
    String id = host.startWorkflow(workflow, Notes.NONE).id();
    assertThat(ended(host, workflow, id).data().notes())
        .containsExactly("paid bill", "shipped parcel");
  }

  @Test
  void activitiesOfOtherTypesAreLeftAlone() throws Exception {
    ActivityType<String, String> other = ActivityType.of("other", String.class, String.class);
    Workflow<Notes> workflow = paying();
    started(worker(store).activity(other, task -> "not this"));
    started(worker(store).activity(PAY, task -> "paid"));
    assertPaid(workflow, pay(host(workflow), workflow, "bill"), "paid");
  }

  @Test
  void nothingIsTakenWithoutAFreeThread() throws Exception {
    Workflow<Notes> workflow = paying();
    CountDownLatch gate = gate();
    AtomicInteger atATime = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    ExecutorService threads = Executors.newCachedThreadPool();
    started(
        worker(store)
            .threads(2)
            .executor(threads)
            .activity(
                PAY,
                task -> {
                  most.accumulateAndGet(atATime.incrementAndGet(), Math::max);
                  gate.await();
                  atATime.decrementAndGet();
                  return "paid";
                }));
    List<String> ids = payMany(host(workflow), workflow, 6);
    ActivityClient client = ActivityClient.over(store, "another worker");
    Eventually.until("two handlers work", () -> atATime.get() == 2);
    for (int i = 0; i < 4; i++) {
      Eventually.until(
          "an activity that the worker does not hold",
          () ->
              client
                  .take(PAY, HOUR)
                  .map(
                      task -> {
                        task.complete("paid");
                        return true;
                      })
                  .orElse(false));
    }
    gate.countDown();
    for (String id : ids) {
      assertPaid(workflow, id, "paid");
    }
    assertThat(most).hasValue(2);
  }

  @Test
  void workerIsWokenByAnOfferAndByAFreeThread() throws Exception {
    Workflow<Notes> workflow = paying();
    started(
        worker(store).threads(1).polling(HOUR, HOUR).activity(PAY, task -> "paid " + task.input()));
    WorkflowHost host = host(workflow);
    for (String id : payMany(host, workflow, 5)) {
      assertThat(ended(host, workflow, id).status()).isEqualTo(WorkflowStatus.COMPLETE);
    }
  }

  @Test
  void activityThatTheExecutorRejectsIsGivenBack() throws Exception {
    Workflow<Notes> workflow = paying();
    CountDownLatch gate = gate();
    ExecutorService oneThread =
        new ThreadPoolExecutor(1, 1, 1, TimeUnit.MINUTES, new SynchronousQueue<>());
    Interceptor interceptor = new Interceptor(store);
    AtomicInteger givenBack = new AtomicInteger();
    interceptor.intercept(
        (operation, call) -> {
          if (operation.equals("clearSubscriptionToken")) {
            givenBack.incrementAndGet();
          }
          return call.proceed();
        });
    started(
        worker(interceptor.provider())
            .executor(oneThread)
            .hold(HOUR)
            .activity(
                PAY,
                task -> {
                  gate.await();
                  return "paid";
                }));
    List<String> ids = payMany(host(workflow), workflow, 2);
    Eventually.until("one is given back", () -> givenBack.get() > 0);
    gate.countDown();
    for (String id : ids) {
      assertPaid(workflow, id, "paid");
    }
  }

  @Test
  void unreadableInputIsLoggedAndBlocksNoOthers() throws Exception {
    ActivityType<Integer, String> numbers = ActivityType.of("pay", Integer.class, String.class);
    Workflow<Notes> workflow = paying();
    Interceptor interceptor = new Interceptor(store);
    interceptor.intercept(
        (operation, call) -> {
          Object result = call.proceed();
          if (operation.equals("takeOffer") && !String.valueOf(result).equals("Optional.empty")) {
            calls.incrementAndGet();
          }
          return result;
        });
    WorkflowHost host = host(workflow);
    try (LogCapture log = new LogCapture()) {
      started(
          worker(interceptor.provider())
              .threads(1)
              .hold(HOUR)
              .activity(
                  numbers,
                  task -> {
                    inputs.add(String.valueOf(task.input()));
                    return "paid";
                  }));
      List<String> unreadable =
          List.of(pay(host, workflow, "secret-1"), pay(host, workflow, "secret-2"));
      List<String> readable = List.of(pay(host, workflow, "7"), pay(host, workflow, "8"));
      for (String id : readable) {
        assertPaid(workflow, id, "paid");
      }
      Eventually.until("warnings", () -> unreadable.stream().allMatch(log.text()::contains));
      assertThat(log.text()).contains("activity 'pay'").doesNotContain("secret-1", "secret-2");
    }
    assertThat(inputs).containsExactlyInAnyOrder("7", "8");
    assertThat(calls).hasValue(4);
  }

  @Test
  void activityOfATerminatedWorkflowIsInterrupted() throws Exception {
    Workflow<Notes> workflow = paying();
    CountDownLatch working = new CountDownLatch(1);
    CountDownLatch interrupted = new CountDownLatch(1);
    CountDownLatch gate = gate();
    started(
        worker(store)
            .hold(SHORT_LEASE)
            .activity(
                PAY,
                task -> {
                  working.countDown();
                  try {
                    gate.await();
                  } catch (InterruptedException stop) {
                    interrupted.countDown();
                  }
                  return "paid";
                }));
    WorkflowHost host = host(workflow);
    String id = pay(host, workflow, "bill");
    working.await();
    assertThat(host.terminate(id)).isTrue();
    interrupted.await();
    assertThat(host.state(workflow, id).data().notes()).containsExactly("bill");
  }

  @Test
  void interruptedRunClosesTheWorker() throws Exception {
    ActivityWorker worker = worker(store).activity(PAY, task -> "paid").build();
    Thread running = new Thread(() -> runUntilInterrupted(worker::run));
    running.start();
    Eventually.until("threads", () -> !hostThreads().isEmpty());
    running.interrupt();
    running.join();
    assertThat(calls).hasValue(1);
    assertNoThreads();
  }

  @Test
  void interruptedRunClosesTheHost() throws Exception {
    WorkflowHost host = builder(store, paying()).build();
    Thread running = new Thread(() -> runUntilInterrupted(host::run));
    running.start();
    Eventually.until("threads", () -> !hostThreads().isEmpty());
    running.interrupt();
    running.join();
    assertThat(calls).hasValue(1);
    assertNoThreads();
  }

  /** Runs a host or a worker. */
  @FunctionalInterface
  private interface Run {
    void run() throws InterruptedException;
  }

  private void runUntilInterrupted(Run run) {
    try {
      run.run();
    } catch (InterruptedException interrupted) {
      calls.incrementAndGet();
    }
  }
}
