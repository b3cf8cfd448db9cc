package dev.wfe.persistence;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The store refused for a reason that this library does not expect; nothing was changed. */
public final class StoreFailureException extends StoreException {
  private static final long serialVersionUID = 1L;

  /** Failed for the cause. */
  public StoreFailureException(String message, List<String> ids, @Nullable Throwable cause) {
    super(message, false, ids, cause);
  }
}
