package dev.wfe.persistence;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A range of instants. Any instant, however distant, is accepted as a bound.
 *
 * @param from the first instant of the range; null if it has no start
 * @param until the first instant after the range; null if it has no end
 */
public record TimeRange(@Nullable Instant from, @Nullable Instant until) {
  /** Has no bounds, so it sets no condition. */
  public static final TimeRange ANY = new TimeRange(null, null);

  /** From the instant on, which belongs to the range. */
  public static TimeRange from(Instant from) {
    return new TimeRange(from, null);
  }

  /** Before the instant, which does not belong to the range. */
  public static TimeRange before(Instant until) {
    return new TimeRange(null, until);
  }

  /** From the first instant on, before the second. */
  public static TimeRange between(Instant from, Instant until) {
    return new TimeRange(from, until);
  }

  /** Whether the range has no bounds. */
  public boolean isAny() {
    return from == null && until == null;
  }

  /** Whether the instant is within the range. An absent instant is within {@link #ANY} only. */
  public boolean contains(@Nullable Instant instant) {
    if (instant == null) {
      return isAny();
    }
    return (from == null || !instant.isBefore(from)) && (until == null || instant.isBefore(until));
  }
}
