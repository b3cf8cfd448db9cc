package dev.wfe.persistence;

import java.util.List;

/**
 * A value or an argument is invalid; nothing was written. Not retryable: correct the value first.
 */
public final class InvalidValueException extends StoreException {
  private static final long serialVersionUID = 1L;

  private final String field;
  private final String problem;

  /**
   * Creates the exception.
   *
   * @param type the value's type, as in {@code WorkflowInstance}, or the operation's name
   * @param id the value's id; empty if it has none yet
   * @param field path of the field within the value, as in {@code executionPointers[3].eventName}
   * @param problem the problem and the limit, as in {@code is longer than 1024 bytes of UTF-8}
   */
  public InvalidValueException(String type, String id, String field, String problem) {
    super(
        id.isEmpty()
            ? "%s: %s %s".formatted(type, field, problem)
            : "%s %s: %s %s".formatted(type, Messages.quote(id), field, problem),
        false,
        id.isEmpty() ? List.of() : List.of(id),
        null);
    this.field = field;
    this.problem = problem;
  }

  /** Path of the field within the value. */
  public String field() {
    return field;
  }

  /** The problem of the field, with the limit. */
  public String problem() {
    return problem;
  }
}
