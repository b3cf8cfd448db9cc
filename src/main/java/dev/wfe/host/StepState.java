package dev.wfe.host;

import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.PointerStatus;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The state of one step of an instance. A step that a host is executing is Pending, because nothing
 * is written when an execution begins.
 *
 * @param id identifies this execution of the step; {@link StepContext#idempotencyKey} is the same
 * @param name the step's name
 * @param block the id of the block in which it stands: of the parallel block, the loop, or the item
 *     (a step whose name ends with ".item"); null if it stands in none
 * @param status Pending: is due or being executed. Running: a block whose steps are under way, or a
 *     step that is being compensated. Compensated: its saga has undone it, or is a saga that was.
 *     Sleeping: a delay, or a pause before the next attempt. WaitingForEvent. Complete. Skipped: a
 *     wait whose time was over. Cancelled: by a call, or because the workflow ended before it or
 *     was run again from it or from an earlier step. Failed: the last attempt has failed
 * @param failures how many attempts have failed
 * @param startTime when the last stored attempt began, or null
 * @param endTime when it ended, or null
 * @param error the message of the last failure, or null
 */
public record StepState(
    String id,
    String name,
    @Nullable String block,
    PointerStatus status,
    int failures,
    @Nullable Instant startTime,
    @Nullable Instant endTime,
    @Nullable String error) {
  static StepState of(ExecutionPointer pointer) {
    var error = pointer.extensionAttributes().get(Engine.ERROR);
    return new StepState(
        pointer.id(),
        String.valueOf(pointer.stepName()),
        pointer.scope().isEmpty() ? null : pointer.scope().get(pointer.scope().size() - 1),
        pointer.status(),
        pointer.retryCount(),
        pointer.startTime(),
        pointer.endTime(),
        error == null ? null : error.asText());
  }
}
