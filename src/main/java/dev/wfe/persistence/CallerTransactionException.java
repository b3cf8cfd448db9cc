package dev.wfe.persistence;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The verb and the caller's transaction do not go together: none is active where one is needed, the
 * verb cannot be part of one, or an earlier statement of it failed. Calling again in the same
 * transaction does not help.
 */
public final class CallerTransactionException extends StoreException {
  private static final long serialVersionUID = 1L;

  /** Of the verb, because of the problem. */
  public CallerTransactionException(
      String verb, String problem, List<String> ids, @Nullable Throwable cause) {
    super("%s: %s".formatted(verb, problem), false, ids, cause);
  }
}
