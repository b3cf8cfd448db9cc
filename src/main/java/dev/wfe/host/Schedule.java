package dev.wfe.host;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Starts a workflow again and again, at the times of a {@link Recurrence}. Pass it to {@link
 * WorkflowHost.Builder#schedule}, or store it by {@link ScheduleClient#schedule}. Immutable and
 * thread-safe.
 *
 * @param <D> the class of the workflow's data
 */
public final class Schedule<D> {
  private final String name;
  private final Workflow<D> workflow;
  private final Recurrence recurrence;
  private final D data;
  private final Options options;

  private Schedule(
      String name, Workflow<D> workflow, Recurrence recurrence, D data, Options options) {
    this.name = name;
    this.workflow = workflow;
    this.recurrence = recurrence;
    this.data = data;
    this.options = options;
  }

  /**
   * Defines a schedule.
   *
   * @param name identifies the schedule in the store; not empty, at most 950 bytes of UTF-8
   * @param workflow any version of the definition: a host starts the newest version that it knows
   * @param recurrence the times of the starts
   * @param data the data of each workflow that is started
   * @param options {@link MissedStarts}, {@link Overlap}, {@link PlannedTime}
   * @throws WorkflowDefinitionException if the name cannot be stored, or if the options contradict
   *     each other
   */
  public static <D> Schedule<D> of(
      String name, Workflow<D> workflow, Recurrence recurrence, D data, ScheduleOption... options) {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(workflow, "workflow");
    Objects.requireNonNull(recurrence, "recurrence");
    Objects.requireNonNull(data, "data");
    if (name.isEmpty()) {
      throw new WorkflowDefinitionException("A schedule needs a name");
    }
    Names.require("The name of a schedule", StoredSchedule.longestId(name));
    Names.require(
        "The id of a workflow with a schedule",
        StoredSchedule.definition(workflow.id()).definitionId());
    return new Schedule<>(name, workflow, recurrence, data, Options.of(name, options));
  }

  /** The name. */
  public String name() {
    return name;
  }

  /** The workflow that it starts. */
  public Workflow<D> workflow() {
    return workflow;
  }

  /** The times of the starts. */
  public Recurrence recurrence() {
    return recurrence;
  }

  D data() {
    return data;
  }

  Options options() {
    return options;
  }

  @Override
  public String toString() {
    return "Schedule[%s, %s, %s]".formatted(name, workflow.id(), recurrence);
  }

  /** The options of a schedule. */
  record Options(MissedStarts missed, Overlap overlap, @Nullable PlannedTime plannedTime) {
    static Options of(String name, ScheduleOption... options) {
      MissedStarts missed = null;
      Overlap overlap = null;
      PlannedTime plannedTime = null;
      for (ScheduleOption option : options) {
        Objects.requireNonNull(option, "option");
        if (option instanceof MissedStarts given) {
          missed = once(name, missed, given);
        } else if (option instanceof Overlap given) {
          overlap = once(name, overlap, given);
        } else if (option instanceof PlannedTime given) {
          plannedTime = once(name, plannedTime, given);
        }
      }
      if (overlap == Overlap.SKIP && missed != null && missed.limit() > 1) {
        throw new WorkflowDefinitionException(
            "Schedule '%s' cannot start all missed workflows together, because Overlap.SKIP allows one at a time"
                .formatted(name));
      }
      return new Options(
          missed == null ? MissedStarts.latest() : missed,
          overlap == null ? Overlap.ALLOW : overlap,
          plannedTime);
    }

    private static <T extends ScheduleOption> T once(String name, @Nullable T before, T option) {
      if (before != null) {
        throw new WorkflowDefinitionException(
            "Schedule '%s' has the option %s twice"
                .formatted(name, option.getClass().getSimpleName()));
      }
      return option;
    }
  }
}
