package dev.wfe.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.wfe.memory.InMemoryPersistenceProvider;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.testing.WorkflowTest;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Schedules, in virtual time. */
final class SchedulesTest {
  private static final Instant START = Instant.parse("2026-11-27T00:30:00Z");
  private static final ZoneId VIENNA = ZoneId.of("Europe/Vienna");
  private static final EventType<String> CALLED = EventType.of("called", String.class);
  private static final Recurrence NIGHTLY = Recurrence.cron("0 2 * * *", VIENNA);
  private static final Duration DAY = Duration.ofDays(1);

  record Report(String kind, @Nullable Instant day) {}

  private final List<String> runs = new ArrayList<>();
  private final Workflow<Report> report = report(1);

  private Workflow<Report> report(int version) {
    return Workflow.define("report", version, Report.class)
        .run("write", (data, context) -> runs.add(context.workflowId()))
        .build();
  }

  private final Workflow<Report> waiting =
      Workflow.define("report", 1, Report.class)
          .run("write", (data, context) -> runs.add(context.workflowId()))
          .await("wait", CALLED, data -> "key", (data, text) -> data)
          .build();

  private Schedule<Report> nightly(Workflow<Report> workflow, ScheduleOption... options) {
    return Schedule.of("nightly", workflow, NIGHTLY, new Report("sales", null), options);
  }

  private static String run(int day) {
    return "nightly/2026-11-%sT01:00:00Z".formatted(day);
  }

  private static ScheduleState state(WorkflowClient client) {
    return client.schedules().state("nightly").orElseThrow();
  }

  @Test
  void startsOneWorkflowForEachTimeInOrder() {
    try (WorkflowTest test = WorkflowTest.at(START, report)) {
      assertThat(test.schedules().schedule(nightly(report))).isTrue();
      assertThat(state(test))
          .isEqualTo(
              new ScheduleState(
                  "nightly",
                  "report",
                  "0 2 * * * (Europe/Vienna)",
                  false,
                  Instant.parse("2026-11-27T01:00:00Z"),
                  null,
                  null,
                  null));

      test.advance(Duration.ofMinutes(30).minusMillis(1));
      assertThat(runs).isEmpty();
      test.advance(Duration.ofDays(3));

      assertThat(runs).containsExactly(run(27), run(28), run(29));
      assertThat(state(test).next()).isEqualTo("2026-11-30T01:00:00Z");
      assertThat(state(test).last()).isEqualTo("2026-11-29T01:00:00Z");
      assertThat(state(test).lastId()).isEqualTo(run(29));
      assertThat(test.state(report, run(28)).createTime()).isEqualTo("2026-11-28T01:00:00Z");
      assertThat(test.provider().getWorkflowInstance(run(28)).reference()).isEqualTo("nightly");
    }
  }

  @Test
  void weekHasSevenNights() {
    try (WorkflowTest test = WorkflowTest.at(START, report)) {
      test.schedules().schedule(nightly(report));
      test.advance(Duration.ofDays(7));
      assertThat(runs).hasSize(7).isSorted();
    }
  }

  @Test
  void plannedTimeIsPutIntoTheData() {
    try (WorkflowTest test = WorkflowTest.at(START, report)) {
      test.schedules().schedule(nightly(report, PlannedTime.in("day")));
      test.advance(Duration.ofDays(2));
      assertThat(test.state(report, run(28)).data())
          .isEqualTo(new Report("sales", Instant.parse("2026-11-28T01:00:00Z")));
    }
  }

  @Test
  void afterAnOutageOneWorkflowIsStartedForTheLatestTime() {
    assertThat(afterAnOutage()).containsExactly(run(30));
  }

  @Test
  void afterAnOutageAllWorkflowsCanBeStarted() {
    assertThat(afterAnOutage(MissedStarts.all(100)))
        .containsExactly(run(27), run(28), run(29), run(30));
    assertThat(afterAnOutage(MissedStarts.all(2))).containsExactly(run(29), run(30));
  }

  @Test
  void afterAnOutageNothingIsStartedIfItIsTooLate() {
    assertThat(afterAnOutage(MissedStarts.notLaterThan(Duration.ofHours(1)))).isEmpty();
    assertThat(afterAnOutage(MissedStarts.notLaterThan(Duration.ofHours(24))))
        .containsExactly(run(30));
  }

  /** The runs after four nights without a host; the last time passed 23.5 hours ago. */
  private List<String> afterAnOutage(ScheduleOption... options) {
    Instant[] now = {START};
    runs.clear();
    var store = new InMemoryPersistenceProvider(() -> now[0]);
    SteppedHost host =
        WorkflowHost.builder(store).schedule(nightly(report, options)).buildStepped(() -> now[0]);
    host.register();
    host.runDue();
    now[0] = START.plus(Duration.ofDays(4));
    host.runDue();
    List<String> missed = List.copyOf(runs);
    assertThat(state(host.client()).next()).isEqualTo("2026-12-01T01:00:00Z");
    now[0] = Instant.parse("2026-12-01T01:00:00Z");
    host.runDue();
    assertThat(runs).hasSize(missed.size() + 1).endsWith("nightly/2026-12-01T01:00:00Z");
    return missed;
  }

  @Test
  void nextStartDoesNotWaitForTheRunBefore() {
    try (WorkflowTest test = WorkflowTest.at(START, waiting)) {
      test.schedules().schedule(nightly(waiting));
      test.advance(Duration.ofDays(3));
      assertThat(runs).containsExactly(run(27), run(28), run(29));
    }
  }

  @Test
  void startIsSkippedWhileTheRunBeforeHasNotEnded() {
    try (WorkflowTest test = WorkflowTest.at(START, waiting)) {
      test.schedules().schedule(nightly(waiting, Overlap.SKIP));
      test.advance(DAY.multipliedBy(2));
      assertThat(runs).containsExactly(run(27));
      test.publish(CALLED, "key", "go on");
      test.advance(DAY.multipliedBy(2));
      assertThat(runs).containsExactly(run(27), run(29));
      test.suspend(run(29));
      test.advance(DAY);
      assertThat(runs).containsExactly(run(27), run(29));
      test.terminate(run(29));
      test.advance(DAY);
      assertThat(runs).containsExactly(run(27), run(29), "nightly/2026-12-02T01:00:00Z");
    }
  }

  @Test
  void unscheduledWorkflowGoesOnAndNoOtherIsStarted() {
    try (WorkflowTest test = WorkflowTest.at(START, waiting)) {
      test.schedules().schedule(nightly(waiting));
      test.advance(DAY);
      assertThat(test.schedules().unschedule("nightly")).isTrue();
      test.advance(DAY.multipliedBy(5));
      assertThat(runs).containsExactly(run(27));
      test.publish(CALLED, "key", "go on");
      assertThat(test.state(waiting, run(27)).status()).isEqualTo(WorkflowStatus.COMPLETE);

      assertThat(test.schedules().state("nightly")).isEmpty();
      assertThat(test.schedules().unschedule("nightly")).isFalse();
      assertThat(test.schedules().suspend("nightly")).isFalse();
      assertThat(test.schedules().resume("nightly")).isFalse();
    }
  }

  @Test
  void scheduleCanBeStoredAgainAfterItWasEnded() {
    try (WorkflowTest test = WorkflowTest.at(START, report)) {
      test.schedules().schedule(nightly(report));
      test.advance(DAY);
      test.schedules().unschedule("nightly");
      test.advance(DAY);
      assertThat(test.schedules().schedule(nightly(report))).isTrue();
      assertThat(state(test).next()).isEqualTo("2026-11-29T01:00:00Z");
      test.advance(DAY);
      assertThat(runs).containsExactly(run(27), run(29));
    }
  }

  @Test
  void timesWhileItIsSuspendedAreLeftOut() {
    try (WorkflowTest test = WorkflowTest.at(START, report)) {
      test.schedules().schedule(nightly(report, MissedStarts.all(9)));
      assertThat(test.schedules().suspend("nightly")).isTrue();
      assertThat(test.schedules().suspend("nightly")).isTrue();
      assertThat(state(test).isSuspended()).isTrue();
      assertThat(state(test).next()).isNull();
      test.advance(DAY.multipliedBy(2));
      assertThat(test.schedules().resume("nightly")).isTrue();
      assertThat(test.schedules().resume("nightly")).isTrue();
      assertThat(state(test).isSuspended()).isFalse();
      assertThat(state(test).next()).isEqualTo("2026-11-29T01:00:00Z");
      assertThat(runs).isEmpty();
      test.advance(DAY);
      assertThat(runs).containsExactly(run(29));
    }
  }

  @Test
  void changedTimesAreCountedFromNowOn() {
    try (WorkflowTest test = WorkflowTest.at(START, report)) {
      test.schedules().schedule(nightly(report));
      test.advance(DAY);
      Schedule<Report> changed =
          Schedule.of(
              "nightly",
              report,
              Recurrence.cron("0 5 * * *", ZoneOffset.UTC),
              new Report("sales", null));
      assertThat(test.schedules().schedule(changed)).isTrue();
      assertThat(state(test).next()).isEqualTo("2026-11-28T05:00:00Z");
      assertThat(state(test).lastId()).isEqualTo(run(27));
      assertThat(test.schedules().schedule(changed)).isFalse();
      test.advance(DAY);
      assertThat(runs).containsExactly(run(27), "nightly/2026-11-28T05:00:00Z");
    }
  }

  @Test
  void changedDataLeaveTheNextTimeAsItIs() {
    try (WorkflowTest test = WorkflowTest.at(START, report)) {
      test.schedules().schedule(nightly(report));
      Schedule<Report> changed = Schedule.of("nightly", report, NIGHTLY, new Report("costs", null));
      assertThat(test.schedules().schedule(changed)).isTrue();
      assertThat(state(test).next()).isEqualTo("2026-11-27T01:00:00Z");
      test.advance(DAY);
      assertThat(test.state(report, run(27)).data().kind()).isEqualTo("costs");
    }
  }

  @Test
  void anotherWorkflowTakesTheSchedule() {
    Workflow<Report> other =
        Workflow.define("other", 1, Report.class).run("step", data -> {}).build();
    try (WorkflowTest test = WorkflowTest.at(START, report, other)) {
      test.schedules().schedule(nightly(report));
      test.advance(DAY);
      assertThat(test.schedules().schedule(nightly(other))).isTrue();
      assertThat(state(test).definitionId()).isEqualTo("other");
      test.advance(DAY);
      assertThat(test.state(other, run(28)).status()).isEqualTo(WorkflowStatus.COMPLETE);
      assertThat(runs).containsExactly(run(27));
    }
  }

  @Test
  void changedScheduleStaysSuspended() {
    try (WorkflowTest test = WorkflowTest.at(START, report)) {
      test.schedules().schedule(nightly(report));
      test.schedules().suspend("nightly");
      test.schedules()
          .schedule(
              Schedule.of(
                  "nightly",
                  report,
                  Recurrence.every(Duration.ofHours(1)),
                  new Report("sales", null)));
      assertThat(state(test).isSuspended()).isTrue();
      test.advance(DAY);
      assertThat(runs).isEmpty();
      test.schedules().resume("nightly");
      test.advance(Duration.ofHours(1));
      assertThat(runs).containsExactly("nightly/2026-11-28T01:00:00Z");
    }
  }

  @Test
  void newestVersionThatTheHostKnowsIsStarted() {
    Workflow<Report> newer = report(2);
    try (WorkflowTest test = WorkflowTest.at(START, newer, report)) {
      test.schedules().schedule(nightly(report));
      test.advance(DAY);
      assertThat(test.state(report, run(27)).version()).isEqualTo(2);
    }
  }

  @Test
  void clocksThatAreChangedDoNotAddOrLoseADay() {
    try (WorkflowTest test = WorkflowTest.at(Instant.parse("2026-03-27T12:00:00Z"), report)) {
      test.schedules()
          .schedule(
              Schedule.of(
                  "nightly",
                  report,
                  Recurrence.cron("30 2 * * *", VIENNA),
                  new Report("sales", null)));
      test.advance(DAY.multipliedBy(3));
      assertThat(runs)
          .containsExactly(
              "nightly/2026-03-28T01:30:00Z",
              "nightly/2026-03-29T01:00:00Z",
              "nightly/2026-03-30T00:30:00Z");
    }
  }

  @Test
  void scheduleWhoseStartIsRefusedIsSuspendedWithTheError() {
    try (WorkflowTest test = WorkflowTest.at(START, report)) {
      test.schedules().schedule(nightly(report));
      test.startWorkflow(report, new Report("mine", null), StartOptions.id(run(27)));
      test.advance(DAY);
      assertThat(state(test).isSuspended()).isTrue();
      assertThat(state(test).error()).contains("DuplicateException", run(27));
      assertThat(runs).containsExactly(run(27));

      test.schedules().resume("nightly");
      assertThat(state(test).error()).isNull();
      test.advance(DAY);
      assertThat(runs).containsExactly(run(27), run(28));
    }
  }

  @Test
  void changedScheduleGoesOnAfterAnError() {
    try (WorkflowTest test = WorkflowTest.at(START, report)) {
      test.schedules().schedule(nightly(report));
      test.startWorkflow(report, new Report("mine", null), StartOptions.id(run(27)));
      test.advance(DAY);
      test.schedules().schedule(nightly(report, Overlap.SKIP));
      assertThat(state(test).isSuspended()).isFalse();
      test.advance(DAY);
      assertThat(runs).containsExactly(run(27), run(28));
    }
  }

  @Test
  void manySchedulesShareAHost() {
    try (WorkflowTest test = WorkflowTest.at(START, report)) {
      IntStream.range(0, 50)
          .forEach(
              i ->
                  test.schedules()
                      .schedule(
                          Schedule.of(
                              "every " + i,
                              report,
                              Recurrence.every(Duration.ofMinutes(10L + i)),
                              new Report("sales", null))));
      test.advance(DAY);
      assertThat(runs).doesNotHaveDuplicates();
      for (int i = 0; i < 50; i++) {
        String name = "every " + i + "/";
        assertThat(runs.stream().filter(id -> id.startsWith(name)).count())
            .isBetween(1440L / (10 + i), 1440L / (10 + i) + 1);
      }
    }
  }

  @Test
  void mistakesInASchedule() {
    Report data = new Report("sales", null);
    assertThatThrownBy(() -> Schedule.of("", report, NIGHTLY, data))
        .isInstanceOf(WorkflowDefinitionException.class)
        .hasMessage("A schedule needs a name");
    assertThatThrownBy(() -> Schedule.of("n".repeat(1_000), report, NIGHTLY, data))
        .isInstanceOf(WorkflowDefinitionException.class)
        .hasMessageStartingWith("The name of a schedule cannot be stored");
    assertThat(Schedule.of("n".repeat(950), report, NIGHTLY, data).name()).hasSize(950);
    assertThatThrownBy(
            () ->
                Schedule.of(
                    "x",
                    Workflow.define("r".repeat(1_020), 1, Report.class)
                        .run("a", report -> {})
                        .build(),
                    NIGHTLY,
                    data))
        .isInstanceOf(WorkflowDefinitionException.class)
        .hasMessageStartingWith("The id of a workflow with a schedule cannot be stored");
    assertThatThrownBy(() -> nightly(report, Overlap.SKIP, Overlap.ALLOW))
        .hasMessage("Schedule 'nightly' has the option Overlap twice");
    assertThatThrownBy(() -> nightly(report, Overlap.SKIP, MissedStarts.all(2)))
        .isInstanceOf(WorkflowDefinitionException.class)
        .hasMessageContaining("Overlap.SKIP allows one at a time");
    assertThatThrownBy(() -> MissedStarts.all(0)).isInstanceOf(WorkflowDefinitionException.class);
    assertThatThrownBy(() -> MissedStarts.all(101)).isInstanceOf(WorkflowDefinitionException.class);
    assertThatThrownBy(() -> MissedStarts.notLaterThan(Duration.ZERO))
        .isInstanceOf(WorkflowDefinitionException.class);
  }

  @Test
  void mistakesThatTheHostFinds() {
    var store = new InMemoryPersistenceProvider();
    WorkflowHost.Builder twice =
        WorkflowHost.builder(store).schedule(nightly(report)).schedule(nightly(report));
    assertThatThrownBy(twice::build)
        .isInstanceOf(WorkflowDefinitionException.class)
        .hasMessage("Schedule 'nightly' is given twice");
    WorkflowHost.Builder unknownField =
        WorkflowHost.builder(store).schedule(nightly(report, PlannedTime.in("dai")));
    assertThatThrownBy(unknownField::build)
        .isInstanceOf(WorkflowDefinitionException.class)
        .hasMessageStartingWith("Schedule 'nightly': the data cannot be stored")
        .hasMessageContaining("dai");
    WorkflowHost.Builder ignoredField =
        WorkflowHost.builder(store)
            .objectMapper(
                JsonMapper.builder()
                    .findAndAddModules()
                    .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .build())
            .schedule(nightly(report, PlannedTime.in("dai")));
    assertThatThrownBy(ignoredField::build)
        .hasMessage("Schedule 'nightly': the class of the data has no field 'dai'");
    Workflow<String> text =
        Workflow.define("text", 1, String.class).run("step", data -> {}).build();
    WorkflowHost.Builder noField =
        WorkflowHost.builder(store)
            .schedule(Schedule.of("texts", text, NIGHTLY, "a", PlannedTime.in("day")));
    assertThatThrownBy(noField::build)
        .hasMessage("Schedule 'texts': the data is no JSON object, and has no field 'day'");
  }
}
