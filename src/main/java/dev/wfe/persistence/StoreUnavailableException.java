package dev.wfe.persistence;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The store could not be asked, or gave up for a reason that passes: no connection, a timeout, a
 * deadlock, a shutdown. Nothing was changed, and calling again may succeed.
 */
public final class StoreUnavailableException extends StoreException {
  private static final long serialVersionUID = 1L;

  /** Could not be asked, for the cause. */
  public StoreUnavailableException(String message, List<String> ids, @Nullable Throwable cause) {
    super(message, true, ids, cause);
  }
}
