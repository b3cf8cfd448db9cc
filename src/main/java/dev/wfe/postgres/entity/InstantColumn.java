package dev.wfe.postgres.entity;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLDataException;
import java.sql.SQLException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PGobject;

/**
 * Instants in {@code timestamptz} columns, exact to the microsecond over the whole range of
 * PostgreSQL (4714 BC to 294276 AD), whatever the time zones of the session and of this process.
 *
 * <p>The driver's own conversions are not: they round nanoseconds, turn the far past into {@code
 * -infinity}, read infinite times as finite ones, and misread leap days before our era.
 * Thread-safe.
 */
public final class InstantColumn {
  private static final Pattern TEXT =
      Pattern.compile(
          "(\\d{4,6})-(\\d\\d)-(\\d\\d) (\\d\\d):(\\d\\d):(\\d\\d)(?:\\.(\\d{1,6}))?"
              + "([+-]\\d\\d)(?::(\\d\\d))?(?::(\\d\\d))?( BC)?");

  /** The binary form counts microseconds from here. */
  private static final Instant BINARY_EPOCH = Instant.parse("2000-01-01T00:00:00Z");

  private InstantColumn() {}

  /**
   * The instant as PostgreSQL reads it under every setting, cut to the microsecond towards the
   * past. An instant beyond PostgreSQL's range gives a text that PostgreSQL refuses.
   *
   * @throws DateTimeException when it is beyond the year 999,999,999 of either era
   */
  public static String text(Instant instant) {
    LocalDateTime utc =
        LocalDateTime.ofInstant(instant.truncatedTo(ChronoUnit.MICROS), ZoneOffset.UTC);
    int year = utc.getYear();
    StringBuilder text = new StringBuilder(36);
    padded(text, year > 0 ? year : 1 - year, 4).append('-');
    padded(text, utc.getMonthValue(), 2).append('-');
    padded(text, utc.getDayOfMonth(), 2).append(' ');
    padded(text, utc.getHour(), 2).append(':');
    padded(text, utc.getMinute(), 2).append(':');
    padded(text, utc.getSecond(), 2).append('.');
    padded(text, utc.getNano() / 1_000, 6).append("+00");
    return year > 0 ? text.toString() : text.append(" BC").toString();
  }

  private static StringBuilder padded(StringBuilder text, int number, int digits) {
    String decimal = Integer.toString(number);
    return text.append("0".repeat(Math.max(0, digits - decimal.length()))).append(decimal);
  }

  /** The instant as a typed parameter for {@code PreparedStatement.setObject}. */
  public static PGobject parameter(Instant instant) throws SQLException {
    PGobject parameter = new PGobject();
    parameter.setType("timestamptz");
    parameter.setValue(text(instant));
    return parameter;
  }

  /**
   * The instant in a {@code timestamptz} column of the current row, or null for SQL NULL.
   *
   * @throws SQLDataException when the column holds {@code infinity} or {@code -infinity}
   */
  public static @Nullable Instant read(ResultSet row, int column) throws SQLException {
    return decode(row.getBytes(column));
  }

  /** The driver hands out the bytes as they came: text, or eight bytes of the binary form. */
  static @Nullable Instant decode(byte @Nullable [] bytes) throws SQLException {
    if (bytes == null) {
      return null;
    }
    String text = new String(bytes, StandardCharsets.US_ASCII);
    if (bytes.length == Long.BYTES && !text.equals("infinity")) {
      return fromBinary(ByteBuffer.wrap(bytes).getLong());
    }
    return parse(text);
  }

  private static Instant fromBinary(long micros) throws SQLException {
    if (micros == Long.MAX_VALUE || micros == Long.MIN_VALUE) {
      throw unreadable(micros > 0 ? "infinity" : "-infinity");
    }
    return BINARY_EPOCH.plus(micros, ChronoUnit.MICROS);
  }

  /**
   * The instant of a text that PostgreSQL printed in the ISO style, in any time zone.
   *
   * @throws SQLDataException when it is infinite or no such text
   */
  public static Instant parse(String text) throws SQLException {
    Matcher matcher = TEXT.matcher(text);
    if (!matcher.matches()) {
      throw unreadable(text);
    }
    try {
      int year = number(matcher, 1);
      return LocalDateTime.of(
              matcher.group(11) == null ? year : 1 - year,
              number(matcher, 2),
              number(matcher, 3),
              number(matcher, 4),
              number(matcher, 5),
              number(matcher, 6),
              nanos(matcher.group(7)))
          .toInstant(offset(matcher));
    } catch (DateTimeException e) {
      throw new SQLDataException("not a readable time: " + text, "22007", e);
    }
  }

  private static int number(Matcher matcher, int group) {
    String digits = matcher.group(group);
    return digits == null ? 0 : Integer.parseInt(digits);
  }

  private static int nanos(@Nullable String fraction) {
    return fraction == null ? 0 : Integer.parseInt((fraction + "00000000").substring(0, 9));
  }

  private static ZoneOffset offset(Matcher matcher) {
    int hours = number(matcher, 8);
    int seconds = Math.abs(hours) * 3_600 + number(matcher, 9) * 60 + number(matcher, 10);
    boolean west = "-".equals(matcher.group(8).substring(0, 1));
    return ZoneOffset.ofTotalSeconds(west ? -seconds : seconds);
  }

  private static SQLDataException unreadable(String text) {
    return new SQLDataException("not a finite time: " + text, "22008");
  }
}
