package dev.wfe.persistence;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * It is unknown whether a write was stored. Either the connection broke after the write was sent
 * and before the database answered, or the wait for a synchronous standby was cancelled. In the
 * second case the write is lost if that standby takes over without it. {@link #retryable()} says
 * whether it is safe to make the same call again, whatever the outcome was.
 *
 * <p>How to find out: after a persist, call {@link WorkflowRepository#findPersisted}; after a
 * create, read the {@link #ids()}, which include assigned ids; after a token was set, read the
 * subscription and compare its token.
 */
public final class UnknownOutcomeException extends StoreException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param operation the name of the operation that was called
   * @param safeToRepeat whether it is safe to make the same call again, whatever the outcome was
   * @param ids the ids that the call named or assigned
   * @param cause the underlying failure, or null
   */
  public UnknownOutcomeException(
      String operation, boolean safeToRepeat, List<String> ids, @Nullable Throwable cause) {
    super(
        "%s was sent but not confirmed; it is unknown whether it is stored (%s)"
            .formatted(
                operation,
                safeToRepeat
                    ? "calling again is safe"
                    : "check whether it is stored before calling again"),
        safeToRepeat,
        ids,
        cause);
  }
}
