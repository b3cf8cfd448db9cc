package dev.wfe.persistence;

import java.util.List;

/** What was asked for is not in the store; nothing was changed. Calling again does not help. */
public class NotFoundException extends StoreException {
  private static final long serialVersionUID = 1L;

  private final Subject subject;

  /** Nothing of the kind has the id. */
  public NotFoundException(Subject subject, String id) {
    this(subject, List.of(id), "There is no %s %s".formatted(subject.label(), Messages.quote(id)));
  }

  NotFoundException(Subject subject, List<String> ids, String message) {
    super(message, false, ids, null);
    this.subject = subject;
  }

  /** There is no workflow of the name. */
  public static NotFoundException workflowNamed(String name) {
    return new NotFoundException(
        Subject.WORKFLOW, List.of(name), "There is no workflow named " + Messages.quote(name));
  }

  /** What was looked for. */
  public final Subject subject() {
    return subject;
  }
}
