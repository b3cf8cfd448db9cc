package dev.wfe.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.LiveWorkflow;
import dev.wfe.persistence.DefinitionVersion;
import dev.wfe.persistence.DuplicateException;
import dev.wfe.persistence.WorkflowWrite;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Schedules start each workflow once. What they do in virtual time is in {@link SchedulesTest}. */
abstract class ScheduleContract extends HostRule {
  private static final Recurrence SECONDS = Recurrence.every(Duration.ofSeconds(1));

  /** Every hour, half an hour from now: no planned time comes while a test runs. */
  private final Recurrence hourly =
      Recurrence.cron(
          "%s * * * *".formatted((Instant.now().atZone(ZoneOffset.UTC).getMinute() + 30) % 60),
          ZoneOffset.UTC);

  private static final Recurrence NIGHTLY = Recurrence.cron("0 2 * * *", ZoneOffset.UTC);

  private final Collection<String> runs = new ConcurrentLinkedQueue<>();
  private final Workflow<Notes> job =
      Workflow.define("job", 1, Notes.class)
          .run("step", (notes, context) -> runs.add(context.workflowId()))
          .build();

  private Schedule<Notes> schedule(Recurrence recurrence, ScheduleOption... options) {
    return Schedule.of("jobs", job, recurrence, Notes.NONE, options);
  }

  private ScheduleClient client() {
    return WorkflowClient.over(store).schedules();
  }

  private ScheduleState state() {
    return client().state("jobs").orElseThrow();
  }

  /** Waits until a host has computed the first time; no host runs afterwards. */
  private void store(Schedule<Notes> schedule) {
    client().schedule(schedule);
    try (WorkflowHost host = builder(store, job).build()) {
      host.start();
      Eventually.until("first time", () -> state().next() != null);
    }
  }

  /** The next time passed while no host was running; returns the times that were missed. */
  private List<Instant> miss(int hours) {
    LiveWorkflow live = store.getLiveWorkflow("wfe.schedule/jobs");
    ExecutionPointer pointer = live.pointers().get(0);
    List<Instant> times = new ArrayList<>();
    for (int i = hours; i > 0; i--) {
      times.add(Objects.requireNonNull(pointer.sleepUntil()).minus(Duration.ofHours(i)));
    }
    store.write(
        WorkflowWrite.of(
                live.toBuilder()
                    .pointers(List.of(pointer.toBuilder().sleepUntil(times.get(0)).build()))
                    .nextExecution(times.get(0).toEpochMilli())
                    .build())
            .build());
    return times;
  }

  private static int hour(@Nullable Instant time) {
    return time == null ? -1 : time.atZone(ZoneOffset.UTC).getHour();
  }

  private static String id(Instant time) {
    return "jobs/" + time;
  }

  @Test
  void hostsThatShareAScheduleStartEachWorkflowOnce() {
    for (int i = 0; i < 3; i++) {
      started(builder(store).schedule(schedule(SECONDS)));
    }
    Eventually.until("runs", () -> runs.size() >= 3);
    hosts.get(0).close();
    int before = runs.size();
    Eventually.until("runs of the other hosts", () -> runs.size() >= before + 2);
    hosts.forEach(WorkflowHost::close);

    assertThat(runs).doesNotHaveDuplicates();
    Instant last = Objects.requireNonNull(state().last());
    assertThat(store.getWorkflowInstance(id(last)).reference()).isEqualTo("jobs");
    assertThat(last.truncatedTo(ChronoUnit.SECONDS)).isEqualTo(last);
  }

  @Test
  void writesWhoseOutcomeIsUnknownStartNothingTwice() {
    Interceptor interceptor = new Interceptor(store);
    AtomicInteger unknown = new AtomicInteger();
    interceptor.intercept(
        (operation, call) -> {
          Object result = call.proceed();
          if (operation.equals("writeAll") && unknown.incrementAndGet() % 3 != 0) {
            throw unknown("writeAll");
          }
          return result;
        });
    started(builder(interceptor.provider()).schedule(schedule(SECONDS)));
    Eventually.until("runs", () -> runs.stream().distinct().count() >= 4);
    interceptor.pass();
    assertThat(state().isSuspended()).isFalse();
    assertThat(unknown.get()).isGreaterThan(4);
    int before = (int) runs.stream().distinct().count();
    Eventually.until("more runs", () -> runs.stream().distinct().count() > before);
  }

  @Test
  void writesThatFailStartNothing() {
    store(schedule(hourly));
    List<Instant> missed = miss(1);
    Interceptor interceptor = new Interceptor(store);
    CountDownLatch failed = new CountDownLatch(3);
    interceptor.intercept(
        (operation, call) -> {
          if (operation.equals("writeAll") && failed.getCount() > 0) {
            failed.countDown();
            throw unavailable();
          }
          return call.proceed();
        });
    started(builder(interceptor.provider(), job));
    Eventually.until("run", () -> !runs.isEmpty());
    assertThat(failed.getCount()).isZero();
    assertThat(runs).containsExactly(id(missed.get(0)));
  }

  @Test
  void anotherHostGoesOnWhenOneDiesBeforeItsWrite() {
    store(schedule(hourly));
    List<Instant> missed = miss(1);
    Interceptor dying = new Interceptor(store);
    CountDownLatch died = new CountDownLatch(1);
    dying.intercept(
        (operation, call) -> {
          if (operation.equals("writeAll")) {
            die(dying);
            died.countDown();
            throw unavailable();
          }
          return call.proceed();
        });
    started(builder(dying.provider(), job).lease(SHORT_LEASE));
    Eventually.until("death", () -> died.getCount() == 0);
    assertThat(runs).isEmpty();
    started(builder(store, job).lease(SHORT_LEASE));
    Eventually.until("run", () -> !runs.isEmpty());
    assertThat(runs).containsExactly(id(missed.get(0)));
    assertThat(state().last()).isEqualTo(missed.get(0));
  }

  @Test
  void hostThatLostItsLeaseStartsNothing() throws Exception {
    store(schedule(hourly));
    List<Instant> missed = miss(1);
    Interceptor slow = new Interceptor(store);
    CountDownLatch writing = new CountDownLatch(1);
    CountDownLatch goOn = gate();
    slow.intercept(
        (operation, call) -> {
          boolean wouldTakeTheRun = operation.equals("claimWorkflows") && writing.getCount() == 0;
          if (operation.equals("renew") || wouldTakeTheRun) {
            throw unavailable();
          }
          if (operation.equals("writeAll")) {
            writing.countDown();
            goOn.await();
          }
          return call.proceed();
        });
    started(builder(slow.provider(), job).lease(SHORT_LEASE));
    writing.await();
    started(builder(store, job).lease(SHORT_LEASE));
    Eventually.until("run", () -> !runs.isEmpty());
    goOn.countDown();
    hosts.forEach(WorkflowHost::close);
    assertThat(runs).containsExactly(id(missed.get(0)));
    assertThat(state().isSuspended()).isFalse();
  }

  @Test
  void afterAnOutageTheLatestWorkflowIsStarted() {
    store(schedule(hourly));
    List<Instant> missed = miss(50);
    host(job);
    Eventually.until("run", () -> !runs.isEmpty());
    assertThat(runs).containsExactly(id(missed.get(49)));
    assertThat(state().next()).isEqualTo(missed.get(49).plus(Duration.ofHours(1)));
  }

  @Test
  void afterAnOutageAllWorkflowsAreStarted() {
    store(schedule(hourly, MissedStarts.all(100)));
    List<Instant> missed = miss(50);
    host(job);
    Eventually.until("runs", () -> runs.size() == 50);
    assertThat(runs)
        .containsExactlyInAnyOrderElementsOf(missed.stream().map(ScheduleContract::id).toList());
  }

  @Test
  void declarationOfAnotherHostChangesTheSchedule() {
    started(builder(store).schedule(schedule(hourly)));
    Eventually.until("first time", () -> state().next() != null);
    started(builder(store).schedule(schedule(NIGHTLY)));
    Eventually.until(
        "new time",
        () -> hour(state().next()) == 2 && state().recurrence().equals("0 2 * * * (Z)"));
    assertThat(client().schedule(schedule(NIGHTLY))).isFalse();
    assertThat(runs).isEmpty();
  }

  /** Makes the change after a host has looked at the schedule, and before it writes. */
  private void whileAHostStartsAWorkflow(Runnable change) throws Exception {
    store(schedule(hourly));
    List<Instant> missed = miss(1);
    Interceptor interceptor = new Interceptor(store);
    CountDownLatch writing = new CountDownLatch(1);
    CountDownLatch goOn = gate();
    interceptor.intercept(
        (operation, call) -> {
          if (operation.equals("writeAll") && writing.getCount() > 0) {
            writing.countDown();
            goOn.await();
          }
          return call.proceed();
        });
    WorkflowHost host = started(builder(interceptor.provider(), job));
    writing.await();
    change.run();
    goOn.countDown();
    Eventually.until("the host has left it", () -> host.size() == 0);
    assertThat(runs).isEmpty();
    assertThat(store.getLiveWorkflows(List.of(id(missed.get(0))))).isEmpty();
  }

  @Test
  void scheduleIsChangedWhileAHostStartsAWorkflow() throws Exception {
    whileAHostStartsAWorkflow(() -> client().schedule(schedule(NIGHTLY)));
    assertThat(hour(state().next())).isEqualTo(2);
    assertThat(state().last()).isNull();
  }

  @Test
  void scheduleEndsWhileAHostStartsAWorkflow() throws Exception {
    whileAHostStartsAWorkflow(() -> assertThat(client().unschedule("jobs")).isTrue());
    assertThat(client().state("jobs")).isEmpty();
  }

  @Test
  void scheduleIsSuspendedWhileAHostStartsAWorkflow() throws Exception {
    whileAHostStartsAWorkflow(() -> assertThat(client().suspend("jobs")).isTrue());
    assertThat(state().isSuspended()).isTrue();
    assertThat(state().error()).isNull();
  }

  @Test
  void callersThatStoreTheSameScheduleDoNotDisturbEachOther() throws Exception {
    List<Thread> callers = new ArrayList<>();
    Collection<Throwable> errors = new ConcurrentLinkedQueue<>();
    for (int i = 0; i < 8; i++) {
      Recurrence recurrence = i % 2 == 0 ? hourly : NIGHTLY;
      Thread caller =
          new Thread(
              () -> {
                for (int turn = 0; turn < 20; turn++) {
                  client().schedule(schedule(recurrence));
                }
              });
      caller.setUncaughtExceptionHandler((thread, error) -> errors.add(error));
      callers.add(caller);
      caller.start();
    }
    for (Thread caller : callers) {
      caller.join();
    }
    assertThat(errors).isEmpty();
    host(job);
    Eventually.until("first time", () -> state().next() != null);
  }

  @Test
  void scheduleOfAnUnknownWorkflowIsLeftToHostsThatKnowIt() {
    Workflow<Notes> other =
        Workflow.define("other", 1, Notes.class).run("step", notes -> {}).build();
    client().schedule(schedule(SECONDS));
    Interceptor interceptor = new Interceptor(store);
    AtomicInteger turns = new AtomicInteger();
    interceptor.intercept(
        (operation, call) -> {
          if (operation.equals("claimWorkflows")) {
            turns.incrementAndGet();
          }
          return call.proceed();
        });
    WorkflowHost unknowing = started(builder(interceptor.provider(), other));
    Eventually.until("claims", () -> turns.get() > 3);
    assertThat(unknowing.size()).isZero();
    assertThat(state().next()).isNull();
    assertThat(store.getDueDefinitions())
        .containsOnlyKeys(new DefinitionVersion("wfe.schedule:job", 1));
    host(job);
    Eventually.until("run", () -> !runs.isEmpty());
  }

  @Test
  void nameThatAnotherWorkflowHasIsRefused() {
    WorkflowClient.over(store).startWorkflow(job, Notes.NONE, StartOptions.id("a"));
    store.create(
        store.getWorkflowInstance("a").toBuilder()
            .id("b")
            .name("wfe.schedule/jobs")
            .executionPointers(List.of())
            .revision(null)
            .build());
    assertThatThrownBy(() -> client().schedule(schedule(hourly)))
        .isInstanceOf(DuplicateException.class);
    assertThat(client().state("jobs")).isEmpty();
  }
}
