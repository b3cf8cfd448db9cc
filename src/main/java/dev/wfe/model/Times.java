package dev.wfe.model;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/** Truncates instants to microseconds, PostgreSQL's precision. */
final class Times {
  private Times() {}

  /** Null is accepted here and rejected when the value is written. */
  static Instant cut(Instant instant) {
    return instant == null ? instant : instant.truncatedTo(ChronoUnit.MICROS);
  }

  static @Nullable Instant cutNullable(@Nullable Instant instant) {
    return instant == null ? null : cut(instant);
  }

  static Instant now() {
    return Instant.now().truncatedTo(ChronoUnit.MICROS);
  }
}
