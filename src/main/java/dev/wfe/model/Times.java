package dev.wfe.model;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/** The one form in which instants are kept: whole microseconds, cut towards the past. */
final class Times {
  private Times() {}

  /** Tolerates a misplaced null, which is refused when the value is written. */
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
