package dev.wfe.persistence;

import java.util.List;

/** The value does not exist in the store; nothing was changed. Not retryable. */
public class NotFoundException extends StoreException {
  private static final long serialVersionUID = 1L;

  private final Subject subject;

  /** Creates the exception for an id that does not exist. */
  public NotFoundException(Subject subject, String id) {
    this(subject, List.of(id), "There is no %s %s".formatted(subject.label(), Messages.quote(id)));
  }

  NotFoundException(Subject subject, List<String> ids, String message) {
    super(message, false, ids, null);
    this.subject = subject;
  }

  /** Creates the exception for a workflow name that does not exist. */
  public static NotFoundException workflowNamed(String name) {
    return new NotFoundException(
        Subject.WORKFLOW, List.of(name), "There is no workflow named " + Messages.quote(name));
  }

  /** The kind of value that was looked for. */
  public final Subject subject() {
    return subject;
  }
}
