package dev.wfe.memory;

import dev.wfe.model.Priority;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.DefinitionVersion;
import dev.wfe.persistence.Position;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A stored workflow. Immutable.
 *
 * @param own the instance with its revision and without its pointers
 * @param lastPosition the highest position that a pointer of it has had
 * @param lastWrite when it was last written, by the clock
 * @param lease the lease on it, which may have expired; or null
 */
record WorkflowRow(
    WorkflowInstance own, long lastPosition, Instant lastWrite, @Nullable Lease lease) {
  /** The workflows of a version of a definition that have one priority. */
  record Queue(DefinitionVersion definition, Priority priority) {}

  /** Whether it is due at some time. */
  boolean isScheduled() {
    return own.status() == WorkflowStatus.RUNNABLE && own.nextExecution() != null;
  }

  boolean isDueAt(Instant time) {
    return isScheduled() && !due().time().isAfter(time);
  }

  DefinitionVersion definition() {
    return new DefinitionVersion(own.workflowDefinitionId(), own.version());
  }

  Queue queue() {
    return new Queue(definition(), own.priority());
  }

  /** When it is due. The workflow has to be scheduled. */
  Position due() {
    Long next = own.nextExecution();
    return new Position(Instant.ofEpochMilli(next == null ? 0 : next), own.id());
  }

  WorkflowRow with(@Nullable Lease newLease) {
    return new WorkflowRow(own, lastPosition, lastWrite, newLease);
  }
}
