package dev.wfe.persistence;

import org.jspecify.annotations.Nullable;

/**
 * Which part of a sorted list is wanted.
 *
 * @param limit the largest number of rows, 1 to {@value #MAX_LIMIT}
 * @param after {@link CursoredPage#next()} of the previous page; null to start from the beginning
 */
public record PageRequest(int limit, @Nullable String after) {
  /** The largest number of rows of one page. */
  public static final int MAX_LIMIT = 1_000;

  /**
   * Checks the limit. The cursor is checked when the request is used.
   *
   * @throws InvalidValueException if the limit is out of range; not retryable
   */
  public PageRequest {
    if (limit < 1 || limit > MAX_LIMIT) {
      throw new InvalidValueException(
          "PageRequest", "", "limit", "is %s, not between 1 and %s".formatted(limit, MAX_LIMIT));
    }
  }

  /** The first page. */
  public static PageRequest first(int limit) {
    return new PageRequest(limit, null);
  }

  /**
   * The page that follows another one.
   *
   * @param cursor {@link CursoredPage#next()} of the previous page
   */
  public static PageRequest after(String cursor, int limit) {
    return new PageRequest(limit, ValueLimits.nonNull("PageRequest", "after", cursor));
  }
}
