package dev.wfe.host;

import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.LiveWorkflow;
import dev.wfe.model.PointerStatus;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.WorkflowStateException;
import dev.wfe.persistence.WorkflowWrite;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Cancels a step with everything in it, and ends the branch, iteration or item it stands in. */
final class Cancel {
  private Cancel() {}

  /**
   * Decides what to write.
   *
   * @param step the name of the step, or the id of an execution of it
   * @throws WorkflowStateException if this is not possible
   */
  static Decision<List<StepState>> of(WorkflowInstance instance, String step, Instant now) {
    Flow flow = new Flow(instance);
    Optional<ExecutionPointer> target =
        instance.status().isEnded() ? Optional.empty() : flow.last(step, Flow::isOpen);
    if (target.isEmpty()) {
      if (flow.last(step, pointer -> true).isEmpty()) {
        throw new WorkflowStateException(instance.id(), flow.hasNotBegun(step));
      }
      return new Decision.Unchanged<>(List.of());
    }
    ExecutionPointer cancelled = target.get();
    if (cancelled.scope().isEmpty()) {
      throw new WorkflowStateException(
          instance.id(),
          "Step '%s' stands in no block, so there is no branch that could end. Terminate the workflow, or run it again from another step"
              .formatted(cancelled.stepName()));
    }
    if (Sagas.isCompensated(cancelled)
        || cancelled.scope().stream()
            .map(flow::pointer)
            .anyMatch(block -> block != null && Sagas.isCompensated(block))) {
      throw new WorkflowStateException(
          instance.id(),
          "Step '%s' belongs to a saga that has failed, and is being compensated"
              .formatted(cancelled.stepName()));
    }
    return cancel(instance, flow, cancelled, now);
  }

  private static Decision<List<StepState>> cancel(
      WorkflowInstance instance, Flow flow, ExecutionPointer target, Instant now) {
    PointerChanges changes = new PointerChanges(instance, now);
    List<StepState> states = new ArrayList<>();
    Consumed consumed = Consumed.NONE;
    for (ExecutionPointer pointer : flow.pointers()) {
      boolean isIn = pointer.id().equals(target.id()) || pointer.scope().contains(target.id());
      if (isIn && Flow.isOpen(pointer) && !Flow.isDiscarded(pointer)) {
        consumed = consumed.and(Consumed.before(pointer));
        ExecutionPointer cancelled = changes.cancel(pointer);
        if (!flow.isItems(pointer)) {
          states.add(StepState.of(cancelled));
        }
      }
    }
    changes.put(closed(flow, target, consumed));
    WorkflowWrite.Builder write = changes.write(LiveWorkflow.of(instance).toBuilder());
    if (instance.status() == WorkflowStatus.RUNNABLE) {
      write.dueAfter(Duration.ZERO);
    }
    return new Decision.Changed<>(write.build(), states);
  }

  /** The block in which the pointer stands, after the end of the branch, iteration or item. */
  private static ExecutionPointer closed(Flow flow, ExecutionPointer target, Consumed consumed) {
    String blockId = target.scope().get(target.scope().size() - 1);
    ExecutionPointer block = Objects.requireNonNull(flow.pointer(blockId), "block");
    BlockState state = Objects.requireNonNull(BlockState.of(block), "state").closed();
    ExecutionPointer.Builder changed =
        state
            .putInto(block.toBuilder())
            .extensionAttributes(
                Consumed.before(block).and(consumed).putInto(block.extensionAttributes()));
    if (block.status() == PointerStatus.RUNNING) {
      changed.status(PointerStatus.PENDING);
    }
    return changed.build();
  }
}
