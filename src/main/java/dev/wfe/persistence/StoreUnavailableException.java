package dev.wfe.persistence;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A transient failure: no connection, a timeout, a deadlock or a shutdown of the server. Nothing
 * was changed. Retryable.
 */
public final class StoreUnavailableException extends StoreException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception. */
  public StoreUnavailableException(String message, List<String> ids, @Nullable Throwable cause) {
    super(message, true, ids, cause);
  }
}
