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

  /** The latest epoch milliseconds at or before the instant; empty when there are none. */
  public static Optional<Long> epochMillisAtOrBefore(Instant instant) {
    try {
      return Optional.of(instant.toEpochMilli());
    } catch (ArithmeticException beyond) {
      return instant.isBefore(Instant.EPOCH) ? Optional.empty() : Optional.of(Long.MAX_VALUE);
    }
  }
}
