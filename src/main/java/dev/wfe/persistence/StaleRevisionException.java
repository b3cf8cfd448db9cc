package dev.wfe.persistence;

import java.util.List;

/**
 * The workflow was changed by somebody else since the value was read; nothing was changed. The same
 * call will be refused again: read the workflow anew and decide anew.
 */
public final class StaleRevisionException extends StoreException {
  private static final long serialVersionUID = 1L;

  /** Of the workflow. */
  public StaleRevisionException(String workflowId) {
    super(
        "Workflow %s was changed by another writer since it was read; read it again"
            .formatted(Messages.quote(workflowId)),
        false,
        List.of(workflowId),
        null);
  }
}
