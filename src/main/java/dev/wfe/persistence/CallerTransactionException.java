package dev.wfe.persistence;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The operation cannot run with the caller's transaction as it is: the operation needs an active
 * transaction and there is none, the operation must not be part of a transaction, or an earlier
 * statement of the transaction failed. Not retryable: calling again in the same transaction fails
 * again.
 */
public final class CallerTransactionException extends StoreException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param operation the name of the operation that was called
   * @param problem what is wrong, and what to do
   * @param ids the ids that the call was about
   * @param cause the underlying failure, or null
   */
  public CallerTransactionException(
      String operation, String problem, List<String> ids, @Nullable Throwable cause) {
    super("%s: %s".formatted(operation, problem), false, ids, cause);
  }
}
