package dev.wfe.persistence;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A verb failed. The one root of all failures of a store; no message holds a password or a token.
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

  /** True when the same call, made again, may succeed without anything else being changed first. */
  public final boolean retryable() {
    return retryable;
  }

  /** The ids of what this failure speaks of; empty when it is of nothing in particular. */
  public final List<String> ids() {
    return ids;
  }
}
