package dev.wfe.postgres.internal.mapping;

import dev.wfe.persistence.UnreadableRowException;
import java.util.List;

/**
 * What came of the rows of one result.
 *
 * @param readable the values that could be read, in the order of the rows
 * @param unreadable why others could not
 */
public record ReadRows<T>(List<T> readable, List<UnreadableRowException> unreadable) {
  /** How many rows or aggregates there were. */
  public int size() {
    return readable.size() + unreadable.size();
  }

  /**
   * The values, where each of them was asked for.
   *
   * @throws UnreadableRowException if one of them cannot be read
   */
  public List<T> orThrow() {
    if (!unreadable.isEmpty()) {
      throw unreadable.get(0);
    }
    return readable;
  }
}
