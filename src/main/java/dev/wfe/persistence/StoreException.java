package dev.wfe.persistence;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An operation failed. All exceptions of a provider extend this class. No message contains a
 * password or a token.
 *
 * <p>Thread-safe.
 */
public abstract class StoreException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final boolean retryable;

  @SuppressWarnings("serial") // What List.copyOf gives is serializable.
  private final List<String> ids;

  StoreException(String message, boolean retryable, List<String> ids, @Nullable Throwable cause) {
    super(message, cause);
    this.retryable = retryable;
    this.ids = List.copyOf(ids);
  }

  /** Whether the same call may succeed if it is repeated without changing anything first. */
  public final boolean retryable() {
    return retryable;
  }

  /** The ids that this failure is about; empty if it is about none in particular. */
  public final List<String> ids() {
    return ids;
  }
}
