package dev.wfe.postgres.internal.mapping;

import dev.wfe.model.ExecutionPointer;

/**
 * A pointer with its position in the workflow. Immutable.
 *
 * @param pointer the pointer
 * @param position increases along the workflow's list of pointers
 */
public record PositionedPointer(ExecutionPointer pointer, long position) {
  /** Returns the pointer's id. */
  public String id() {
    return pointer.id();
  }
}
