package dev.wfe.host;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.memory.InMemoryPersistenceProvider;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A null argument is refused with a message that names it. */
final class NullArgumentsTest {
  private static final EventType<String> CALLED = EventType.of("called", String.class);

  private final Workflow<Notes> workflow =
      Workflow.define("flow", 1, Notes.class).run("step", notes -> {}).build();
  private final WorkflowClient client = WorkflowClient.over(new InMemoryPersistenceProvider());

  @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals", "unchecked"}) // on purpose
  private static <T> T none() {
    return (T) (@Nullable Object) null;
  }

  private static void assertNamed(String argument, ThrowingCallable call) {
    assertThatThrownBy(call).isInstanceOf(NullPointerException.class).hasMessage(argument);
  }

  @Test
  void startsNameTheNullArgument() {
    assertNamed(
        "workflow",
        () -> client.startWorkflow(NullArgumentsTest.<Workflow<Notes>>none(), Notes.NONE));
    assertNamed("data", () -> client.startWorkflow(workflow, none()));
    assertNamed("options", () -> client.startWorkflow(workflow, Notes.NONE, none()));
    assertNamed("starts", () -> client.startWorkflows(workflow, none()));
    assertNamed(
        "options", () -> client.startWorkflows(workflow, List.of(new Start<>(Notes.NONE, none()))));
  }

  @Test
  void controlNamesTheNullArgument() {
    assertNamed("step", () -> client.rerun("id", none()));
    assertNamed("change", () -> client.rerun(workflow, "id", "step", none()));
    assertNamed("step", () -> client.cancel("id", none()));
    assertNamed("target", () -> client.move("id", none(), StepMapping.sameNames()));
    assertNamed("mapping", () -> client.move("id", workflow, none()));
    assertNamed("ids", () -> client.all(none()));
    assertNamed("listener", () -> client.all(List.of()).onProgress(none()));
    assertNamed("from", () -> StepMapping.sameNames().step(none(), "to"));
    assertNamed("function", () -> StepMapping.sameNames().data(none()));
  }

  @Test
  void publishingNamesTheNullArgument() {
    assertNamed(
        "type", () -> client.publish(NullArgumentsTest.<EventType<String>>none(), "key", "a"));
    assertNamed("key", () -> client.publish(CALLED, none(), "a"));
    assertNamed("id", () -> client.publishOnce(none(), CALLED, "key", "a"));
  }

  @Test
  void schedulesNameTheNullArgument() {
    Recurrence daily = Recurrence.every(Duration.ofDays(1));
    assertNamed("expression", () -> Recurrence.cron(none(), ZoneOffset.UTC));
    assertNamed("zone", () -> Recurrence.cron("0 2 * * *", none()));
    assertNamed("interval", () -> Recurrence.every(none()));
    assertNamed("name", () -> Schedule.of(none(), workflow, daily, Notes.NONE));
    assertNamed(
        "workflow",
        () -> Schedule.of("a", NullArgumentsTest.<Workflow<Notes>>none(), daily, Notes.NONE));
    assertNamed("recurrence", () -> Schedule.of("a", workflow, none(), Notes.NONE));
    assertNamed("data", () -> Schedule.of("a", workflow, daily, none()));
    assertNamed(
        "option",
        () -> Schedule.of("a", workflow, daily, Notes.NONE, NullArgumentsTest.<Overlap>none()));
    assertNamed("field", () -> PlannedTime.in(none()));
    assertNamed("duration", () -> MissedStarts.notLaterThan(none()));
    assertNamed("schedule", () -> client.schedules().schedule(none()));
    assertNamed("name", () -> client.schedules().unschedule(none()));
    assertNamed("name", () -> client.schedules().state(none()));
  }
}
