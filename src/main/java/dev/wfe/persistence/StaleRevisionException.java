package dev.wfe.persistence;

import java.util.List;

/**
 * Another writer changed the workflow after the value was read (optimistic locking); nothing was
 * written. Not retryable: the same call fails again. Read the workflow again and apply the change
 * to what was read.
 */
public final class StaleRevisionException extends StoreException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception for the workflow. */
  public StaleRevisionException(String workflowId) {
    super(
        "Another writer changed workflow %s after it was read; read it again"
            .formatted(Messages.quote(workflowId)),
        false,
        List.of(workflowId),
        null);
  }
}
