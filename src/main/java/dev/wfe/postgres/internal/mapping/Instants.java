package dev.wfe.postgres.internal.mapping;

import dev.wfe.persistence.ValueLimits;
import dev.wfe.postgres.entity.InstantColumn;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/** Instants as statements take them. */
public final class Instants {
  private Instants() {}

  /** As text that is cast to {@code timestamptz}; null for null. */
  public static @Nullable String text(@Nullable Instant instant) {
    return instant == null ? null : InstantColumn.text(instant);
  }

  /** The nearest instant that PostgreSQL holds, for what is to be at or before it. */
  public static Instant bound(Instant instant) {
    if (instant.isBefore(ValueLimits.MIN_INSTANT)) {
      return ValueLimits.MIN_INSTANT;
    }
    return instant.isAfter(ValueLimits.MAX_INSTANT) ? ValueLimits.MAX_INSTANT : instant;
  }

  /** As {@link #bound}, for what is to be at or after it: a part of a microsecond counts whole. */
  public static Instant lowerBound(Instant instant) {
    Instant bound = bound(instant);
    Instant cut = bound.truncatedTo(ChronoUnit.MICROS);
    return cut.equals(bound) ? cut : cut.plus(1, ChronoUnit.MICROS);
  }

  /** Epoch milliseconds, cut towards the past; the nearest there are for an instant beyond. */
  public static long epochMillis(Instant instant) {
    try {
      return instant.toEpochMilli();
    } catch (ArithmeticException beyond) {
      return instant.isBefore(Instant.EPOCH) ? Long.MIN_VALUE : Long.MAX_VALUE;
    }
  }
}
