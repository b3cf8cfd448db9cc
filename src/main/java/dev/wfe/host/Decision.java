package dev.wfe.host;

import dev.wfe.persistence.WorkflowWrite;

/**
 * What becomes of a call that changes an instance. Immutable.
 *
 * @param <T> the type of the call's result
 */
sealed interface Decision<T> {
  /** Nothing has to be written. */
  record Unchanged<T>(T result) implements Decision<T> {}

  /** The result counts if the write is made. */
  record Changed<T>(WorkflowWrite write, T result) implements Decision<T> {}

  /** The live part is not enough to decide. */
  record NeedsWhole<T>() implements Decision<T> {}
}
