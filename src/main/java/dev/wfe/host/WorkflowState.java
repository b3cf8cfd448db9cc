package dev.wfe.host;

import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.PointerStatus;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The stored state of one instance. Immutable.
 *
 * @param id the instance's id
 * @param name its unique name
 * @param version which version of the definition it runs
 * @param status Runnable: due, executing or waiting. Suspended: by a call, or because a step has
 *     failed for the last time. Complete. Terminated
 * @param data its data
 * @param steps its steps, in the order in which they were begun
 * @param waits the events it waits for
 * @param nextAttempt when a failed step is attempted again, or null
 * @param createTime when it was created
 * @param completeTime when it ended, or null
 * @param <D> the class of its data
 */
public record WorkflowState<D>(
    String id,
    String name,
    int version,
    WorkflowStatus status,
    D data,
    List<StepState> steps,
    List<WaitState> waits,
    @Nullable Instant nextAttempt,
    @Nullable Instant createTime,
    @Nullable Instant completeTime) {
  /** Copies the lists. */
  public WorkflowState {
    steps = List.copyOf(steps);
    waits = List.copyOf(waits);
  }

  static <D> WorkflowState<D> of(WorkflowInstance instance, D data) {
    Flow flow = new Flow(instance);
    return new WorkflowState<>(
        instance.id(),
        instance.name(),
        instance.version(),
        instance.status(),
        data,
        instance.executionPointers().stream()
            .filter(pointer -> !flow.isItems(pointer))
            .map(StepState::of)
            .toList(),
        instance.executionPointers().stream()
            .filter(pointer -> pointer.status() == PointerStatus.WAITING_FOR_EVENT)
            .map(WorkflowState::wait)
            .toList(),
        instance.executionPointers().stream()
            .filter(pointer -> pointer.status() == PointerStatus.SLEEPING)
            .filter(pointer -> pointer.retryCount() > 0)
            .map(pointer -> Objects.requireNonNull(pointer.sleepUntil()))
            .min(Comparator.naturalOrder())
            .orElse(null),
        instance.createTime(),
        instance.completeTime());
  }

  private static WaitState wait(ExecutionPointer pointer) {
    return new WaitState(
        String.valueOf(pointer.stepName()),
        String.valueOf(pointer.eventName()),
        String.valueOf(pointer.eventKey()),
        pointer.startTime(),
        pointer.sleepUntil());
  }

  /**
   * The last execution of the step with the name; empty if it was not begun. Cancelled, if the
   * workflow was run again from an earlier step and has not come to this one yet.
   */
  public Optional<StepState> step(String stepName) {
    return steps.stream()
        .filter(step -> step.name().equals(stepName))
        .reduce((earlier, later) -> later);
  }

  /** Whether the instance is Complete or Terminated. */
  public boolean hasEnded() {
    return status.isEnded();
  }
}
