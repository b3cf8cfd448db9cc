package dev.wfe.postgres.internal.mapping;

import dev.wfe.persistence.ValueLimits;
import dev.wfe.postgres.entity.InstantColumn;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Instants as statements take them. */
public final class Instants {
  private Instants() {}

  /** As text that is cast to {@code timestamptz}; null for null. */
  public static @Nullable String text(@Nullable Instant instant) {
    return instant == null ? null : InstantColumn.text(instant);
  }

  /**
   * The latest instant that PostgreSQL holds at or before the given one; empty when it has none.
   */
  public static Optional<Instant> atOrBefore(Instant instant) {
    if (instant.isBefore(ValueLimits.MIN_INSTANT)) {
      return Optional.empty();
    }
    return Optional.of(
        instant.isAfter(ValueLimits.MAX_INSTANT)
            ? ValueLimits.MAX_INSTANT
            : instant.truncatedTo(ChronoUnit.MICROS));
  }

  /**
   * The earliest instant that PostgreSQL holds at or after the given one; empty when it has none.
   */
  public static Optional<Instant> atOrAfter(Instant instant) {
    if (instant.isAfter(ValueLimits.MAX_INSTANT)) {
      return Optional.empty();
    }
    if (instant.isBefore(ValueLimits.MIN_INSTANT)) {
      return Optional.of(ValueLimits.MIN_INSTANT);
    }
    Instant cut = instant.truncatedTo(ChronoUnit.MICROS);
    return Optional.of(cut.equals(instant) ? cut : cut.plus(1, ChronoUnit.MICROS));
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
