package dev.wfe.postgres.entity;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;

/**
 * Parses a {@code timestamptz} that PostgreSQL printed in the ISO style, such as {@code 0044-03-15
 * 12:00:00.5+00:53:28 BC}. Not thread-safe.
 */
final class TimestampText {
  private static final int FRACTION_DIGITS = 9;

  private final String text;
  private int at;

  private TimestampText(String text) {
    this.text = text;
  }

  /**
   * The instant of the text.
   *
   * @throws DateTimeException if the text is not a timestamp
   */
  static Instant instant(String text) {
    return new TimestampText(text).read();
  }

  private Instant read() {
    int year = digits(4, 6);
    require('-');
    int month = digits(2, 2);
    require('-');
    int day = digits(2, 2);
    require(' ');
    int hour = digits(2, 2);
    require(':');
    int minute = digits(2, 2);
    require(':');
    int second = digits(2, 2);
    int nanos = skip('.') ? fraction() : 0;
    ZoneOffset offset = offset();
    boolean beforeOurEra = text.startsWith(" BC", at);
    at += beforeOurEra ? 3 : 0;
    if (at < text.length()) {
      throw unreadable();
    }
    return LocalDateTime.of(beforeOurEra ? 1 - year : year, month, day, hour, minute, second, nanos)
        .toInstant(offset);
  }

  private int fraction() {
    int start = at;
    int nanos = digits(1, 6);
    for (int digits = at - start; digits < FRACTION_DIGITS; digits++) {
      nanos *= 10;
    }
    return nanos;
  }

  private ZoneOffset offset() {
    boolean west = skip('-');
    if (!west) {
      require('+');
    }
    int seconds = digits(2, 2) * 3_600;
    if (skip(':')) {
      seconds += digits(2, 2) * 60;
      seconds += skip(':') ? digits(2, 2) : 0;
    }
    return ZoneOffset.ofTotalSeconds(west ? -seconds : seconds);
  }

  private int digits(int least, int most) {
    int start = at;
    int number = 0;
    while (at < text.length() && at - start < most && isDigit(text.charAt(at))) {
      number = number * 10 + (text.charAt(at++) - '0');
    }
    if (at - start < least) {
      throw unreadable();
    }
    return number;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private boolean skip(char c) {
    boolean found = at < text.length() && text.charAt(at) == c;
    at += found ? 1 : 0;
    return found;
  }

  private void require(char c) {
    if (!skip(c)) {
      throw unreadable();
    }
  }

  private DateTimeException unreadable() {
    return new DateTimeException("not a timestamp: unexpected text at index " + at);
  }
}
