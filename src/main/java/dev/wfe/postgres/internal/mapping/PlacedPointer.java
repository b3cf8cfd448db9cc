package dev.wfe.postgres.internal.mapping;

import dev.wfe.model.ExecutionPointer;

/**
 * A pointer, and where it stands in its workflow.
 *
 * @param pointer the pointer
 * @param position rises along the list of pointers
 */
public record PlacedPointer(ExecutionPointer pointer, long position) {
  /** The id of the pointer. */
  public String id() {
    return pointer.id();
  }
}
