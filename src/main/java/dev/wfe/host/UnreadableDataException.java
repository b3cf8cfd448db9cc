package dev.wfe.host;

/**
 * Stored JSON does not map to the class of the data, the input or the event any more. Calling again
 * does not help; {@link dev.wfe.persistence.WorkflowRepository#getWorkflowInstance} returns the
 * workflow with its JSON.
 */
public final class UnreadableDataException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UnreadableDataException(String message, Throwable cause) {
    super(message, cause);
  }
}
