package dev.wfe.host;

import static dev.wfe.host.WorkflowOption.concurrency;
import static dev.wfe.host.WorkflowOption.concurrencyPerKey;
import static dev.wfe.host.WorkflowOption.priority;
import static dev.wfe.host.WorkflowOption.rate;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.model.Priority;
import dev.wfe.persistence.InvalidValueException;
import dev.wfe.testing.WorkflowTest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Limits and priorities, in virtual time. */
final class LimitsTest {
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private final List<String> executed = new ArrayList<>();

  private static void start(WorkflowTest test, Workflow<Notes> workflow, String... names) {
    WorkflowClient client = WorkflowClient.over(test.provider());
    for (String name : names) {
      client.startWorkflow(workflow, Notes.NONE.and(name), StartOptions.none());
    }
  }

  private void execute(Notes notes) {
    executed.add(notes.notes().get(0));
  }

  @Test
  void higherPrioritiesAreExecutedFirst() {
    Workflow<Notes> workflow =
        Workflow.define(
                "ordered",
                1,
                Notes.class,
                priority(notes -> Priority.valueOf(notes.notes().get(0))))
            .run("step", this::execute)
            .build();
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      start(test, workflow, "LOW", "NORMAL", "HIGH", "NORMAL");
      test.advance(Duration.ZERO);
    }

    assertThat(executed).containsExactly("HIGH", "NORMAL", "NORMAL", "LOW");
  }

  @Test
  void noMoreAreTakenUpInAPeriodThanTheRateAllows() {
    Workflow<Notes> workflow =
        Workflow.define("rated", 1, Notes.class, rate(2, MINUTE))
            .run("step", this::execute)
            .build();
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      start(test, workflow, "1", "2", "3", "4", "5");
      test.advance(MINUTE.minusMillis(1));
      assertThat(executed).hasSize(2);
      test.advance(Duration.ofMillis(1));
      assertThat(executed).hasSize(4);
      test.advance(MINUTE);
      assertThat(executed).hasSize(5);
    }
  }

  @Test
  void theNextAttemptOfAStepCountsForTheRate() {
    Workflow<Notes> workflow =
        Workflow.define("retried", 1, Notes.class, rate(1, MINUTE))
            .run(
                "step",
                (notes, context) -> {
                  executed.add("attempt");
                  throw new IllegalStateException("failed");
                },
                RetryPolicy.fixed(Duration.ofSeconds(1)))
            .build();
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      start(test, workflow, "1");
      test.advance(MINUTE.minusMillis(1));
      assertThat(executed).hasSize(1);
      test.advance(MINUTE);
      assertThat(executed).hasSize(2);
    }
  }

  @Test
  void keysOfChildrenAndRecurringStartsAreComputed() {
    List<String> keys = new ArrayList<>();
    Workflow<Notes> child =
        Workflow.define(
                "child",
                1,
                Notes.class,
                concurrencyPerKey(
                    1,
                    notes -> {
                      keys.add(notes.notes().get(0));
                      return notes.notes().get(0);
                    }))
            .run("step", this::execute)
            .build();
    Workflow<Notes> parent =
        Workflow.define("parent", 1, Notes.class)
            .child("child", child, notes -> notes, (notes, end) -> notes)
            .build();
    try (WorkflowTest test = WorkflowTest.of(parent, child)) {
      test.start(parent, Notes.NONE.and("child"));
      test.schedules()
          .schedule(
              Schedule.of(
                  "recurring", child, Recurrence.every(MINUTE), Notes.NONE.and("recurring")));
      test.advance(MINUTE);
    }

    assertThat(executed).containsExactly("child", "recurring");
    assertThat(keys).contains("child", "recurring");
  }

  @Test
  void aKeyThatIsTooLongIsRefusedAtTheStart() {
    Workflow<Notes> workflow =
        Workflow.define(
                "keys",
                1,
                Notes.class,
                concurrency(1),
                concurrencyPerKey(1, notes -> "k".repeat(1_025)))
            .run("step", this::execute)
            .build();
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      assertThatThrownBy(() -> test.start(workflow, Notes.NONE))
          .isInstanceOf(InvalidValueException.class)
          .hasMessageContaining("limitKey");
    }
  }
}
