package dev.wfe.persistence;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The state in which the workflow is stored does not allow the change; nothing was changed. The
 * message says why, and what to do instead. Not retryable: the same call is refused until the
 * workflow has changed.
 */
public final class WorkflowStateException extends StoreException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception for the workflow; the problem is a sentence or several. */
  public WorkflowStateException(String workflowId, String problem) {
    this(workflowId, problem, null);
  }

  /** As {@link #WorkflowStateException(String, String)}, with what caused the problem. */
  public WorkflowStateException(String workflowId, String problem, @Nullable Throwable cause) {
    super(
        "Workflow %s: %s".formatted(Messages.quote(workflowId), problem),
        false,
        List.of(workflowId),
        cause);
  }
}
