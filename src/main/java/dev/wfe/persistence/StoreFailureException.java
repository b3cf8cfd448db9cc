package dev.wfe.persistence;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The database reported an error that this library does not expect; nothing was changed. Not
 * retryable.
 */
public final class StoreFailureException extends StoreException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception. */
  public StoreFailureException(String message, List<String> ids, @Nullable Throwable cause) {
    super(message, false, ids, cause);
  }
}
