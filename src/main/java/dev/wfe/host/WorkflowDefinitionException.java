package dev.wfe.host;

/**
 * A workflow definition is wrong, or differs from the stored definition of the same version; or the
 * activities of an {@link ActivityWorker} are wrong. Thrown when the definition or the worker is
 * built, or the host starts. Not retryable: change the definition.
 */
public final class WorkflowDefinitionException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception. */
  public WorkflowDefinitionException(String message) {
    super(message);
  }

  /** Creates the exception. */
  public WorkflowDefinitionException(String message, Throwable cause) {
    super(message, cause);
  }
}
