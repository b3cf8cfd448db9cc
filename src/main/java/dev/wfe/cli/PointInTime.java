package dev.wfe.cli;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.TypeConversionException;

/** Reads the instant of an option. */
final class PointInTime {
  /** For the description of options. */
  static final String FORMS =
      "2026-01-31T10:00:00Z, 2026-01-31 (UTC), or a time ago: 90s, 15m, 2h, 7d; 'now'";

  private static final Pattern AGO = Pattern.compile("(\\d{1,6})([smhd])");

  private PointInTime() {}

  static Instant parse(String text) {
    Matcher ago = AGO.matcher(text);
    try {
      if (text.equals("now")) {
        return Instant.now();
      }
      if (ago.matches()) {
        return Instant.now().minus(Age.of(Long.parseLong(ago.group(1)), ago.group(2)));
      }
      return text.length() <= "2026-01-31".length()
          ? LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant()
          : OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeException e) {
      throw new TypeConversionException("'%s' is not a time: use %s".formatted(text, FORMS));
    }
  }
}
