package dev.wfe.persistence;

import java.util.List;

/**
 * An id or name that must be unique is taken; nothing was changed. Calling again does not help
 * unless its holder is removed first.
 */
public final class DuplicateException extends StoreException {
  private static final long serialVersionUID = 1L;

  private final Subject subject;
  private final String field;
  private final String value;

  /**
   * The field's value is taken by another.
   *
   * @param subject what was to be written
   * @param field {@code id} or {@code name}
   * @param value the value that is taken
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

  /** What was to be written. */
  public Subject subject() {
    return subject;
  }

  /** Which of its fields is taken: {@code id} or {@code name}. */
  public String field() {
    return field;
  }

  /** The value that is taken. */
  public String value() {
    return value;
  }
}
