package dev.wfe.host;

/**
 * A workflow definition is wrong, or differs from the stored definition of the same version. Thrown
 * when the definition is built or the host starts. Not retryable: change the definition.
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
