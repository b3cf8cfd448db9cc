package dev.wfe.postgres.internal.mapping;

import dev.wfe.persistence.ValueLimits;
import dev.wfe.postgres.entity.InstantColumn;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Converts instants to statement parameters. Thread-safe. */
public final class Instants {
  private Instants() {}

  /** Returns text that statements cast to {@code timestamptz}; null for null. */
  public static @Nullable String text(@Nullable Instant instant) {
    return instant == null ? null : InstantColumn.text(instant);
  }

  /**
   * Returns the latest instant at or before the given one that PostgreSQL can represent; empty if
   * there is none.
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
   * Returns the earliest instant at or after the given one that PostgreSQL can represent; empty if
   * there is none.
   */
  public static Optional<Instant> atOrAfter(Instant instant) {
    if (instant.isAfter(ValueLimits.MAX_INSTANT)) {
      return Optional.empty();
    }
    if (instant.isBefore(ValueLimits.MIN_INSTANT)) {
      return Optional.of(ValueLimits.MIN_INSTANT);
    }
    Instant truncated = instant.truncatedTo(ChronoUnit.MICROS);
    return Optional.of(
        truncated.equals(instant) ? truncated : truncated.plus(1, ChronoUnit.MICROS));
  }

  /**
   * Returns the latest epoch milliseconds at or before the instant; empty if it is before the range
   * of a {@code long}, and the largest {@code long} if it is after it.
   */
  public static Optional<Long> epochMillisAtOrBefore(Instant instant) {
    try {
      return Optional.of(instant.toEpochMilli());
    } catch (ArithmeticException outOfRange) {
      return instant.isBefore(Instant.EPOCH) ? Optional.empty() : Optional.of(Long.MAX_VALUE);
    }
  }

  /** Reads a column of the current row. */
  public static @Nullable Instant read(ResultSet row, String column) throws SQLException {
    return InstantColumn.read(row, row.findColumn(column));
  }
}
