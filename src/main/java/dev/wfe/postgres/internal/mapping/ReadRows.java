package dev.wfe.postgres.internal.mapping;

import dev.wfe.persistence.UnreadableRowException;
import java.util.List;

/**
 * The values that were read from one result, and the failures of rows that could not be read.
 * Immutable.
 *
 * @param readable the values, in the order of the rows
 * @param unreadable the failures
 */
public record ReadRows<T>(List<T> readable, List<UnreadableRowException> unreadable) {
  /** Returns the number of rows or aggregates, readable or not. */
  public int size() {
    return readable.size() + unreadable.size();
  }

  /**
   * Returns the values, for callers that need every one of them.
   *
   * @throws UnreadableRowException if a row could not be read
   */
  public List<T> orThrow() {
    if (!unreadable.isEmpty()) {
      throw unreadable.get(0);
    }
    return readable;
  }
}
