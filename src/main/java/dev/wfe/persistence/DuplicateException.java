package dev.wfe.persistence;

import java.util.List;

/**
 * An id or name that must be unique is already in use; nothing was changed. Not retryable: calling
 * again fails until the row that uses it is deleted.
 */
public final class DuplicateException extends StoreException {
  private static final long serialVersionUID = 1L;

  private final Subject subject;
  private final String field;
  private final String value;

  /**
   * Creates the exception.
   *
   * @param subject the kind of value that was being written
   * @param field {@code id} or {@code name}
   * @param value the value that is in use
   */
  public DuplicateException(Subject subject, String field, String value) {
    super(
        "The %s of %s %s is taken".formatted(field, subject.label(), Messages.quote(value)),
        false,
        List.of(value),
        null);
    this.subject = subject;
    this.field = field;
    this.value = value;
  }

  /** The kind of value that was being written. */
  public Subject subject() {
    return subject;
  }

  /** The field whose value is in use: {@code id} or {@code name}. */
  public String field() {
    return field;
  }

  /** The value that is in use. */
  public String value() {
    return value;
  }
}
