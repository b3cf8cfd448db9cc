package dev.wfe.postgres.internal.mapping;

import dev.wfe.model.ExecutionPointer;

/**
 * A pointer with its workflow and its position in it. Immutable.
 *
 * @param workflowId the id of the workflow
 * @param pointer the pointer
 * @param position increases along the workflow's list of pointers; 0 if the stored position stays
 *     what it is
 */
public record PositionedPointer(String workflowId, ExecutionPointer pointer, long position) {
  /** Returns the pointer's id. */
  public String id() {
    return pointer.id();
  }
}
