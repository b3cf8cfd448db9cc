package dev.wfe.persistence;

/** The kind of value that a failure is about. */
public enum Subject {
  /** A {@link dev.wfe.model.WorkflowInstance}. */
  WORKFLOW("workflow"),
  /** A {@link dev.wfe.model.ExecutionPointer}. */
  EXECUTION_POINTER("execution pointer"),
  /** A {@link dev.wfe.model.Event}. */
  EVENT("event"),
  /** A {@link dev.wfe.model.EventSubscription}. */
  SUBSCRIPTION("subscription"),
  /** A {@link dev.wfe.model.ScheduledCommand}. */
  COMMAND("scheduled command"),
  /** An {@link dev.wfe.model.ExecutionError}. */
  ERROR("execution error");

  private final String label;

  Subject(String label) {
    this.label = label;
  }

  /** The kind's name in messages. */
  public String label() {
    return label;
  }
}
