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
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PGobject;

/**
 * Converts instants of {@code timestamptz} columns. The conversion is exact to the microsecond over
 * the whole range of PostgreSQL (4714 BC to 294276 AD), whatever the time zones of the session and
 * of this process are.
 *
 * <p>The driver's own conversions are not exact: they round nanoseconds, turn the far past into
 * {@code -infinity}, read infinite times as finite ones, and misread leap days BC. Thread-safe.
 */
public final class InstantColumn {
  /** The binary form is the number of microseconds since this instant. */
  private static final long BINARY_EPOCH = Instant.parse("2000-01-01T00:00:00Z").getEpochSecond();

  private static final long MICROS_PER_SECOND = 1_000_000;

  /** The bytes of the text {@code infinity}: the only text of eight bytes. */
  private static final long TEXT_OF_INFINITY =
      ByteBuffer.wrap("infinity".getBytes(StandardCharsets.US_ASCII)).getLong();

  private InstantColumn() {}

  /**
   * The instant as a text that PostgreSQL reads independently of its settings, truncated to
   * microseconds. PostgreSQL rejects the text of an instant beyond its range.
   *
   * @throws DateTimeException if its year is beyond 999,999,999 AD or BC
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
   * @throws SQLDataException if the column contains {@code infinity} or {@code -infinity}
   */
  public static @Nullable Instant read(ResultSet row, int column) throws SQLException {
    return decode(row.getBytes(column));
  }

  /** Decodes the bytes as the server sent them: text, or eight bytes in the binary form. */
  static @Nullable Instant decode(byte @Nullable [] bytes) throws SQLException {
    if (bytes == null) {
      return null;
    }
    if (bytes.length == Long.BYTES) {
      return fromBinary(ByteBuffer.wrap(bytes).getLong());
    }
    return parse(new String(bytes, StandardCharsets.US_ASCII));
  }

  private static Instant fromBinary(long micros) throws SQLException {
    if (micros == Long.MAX_VALUE || micros == Long.MIN_VALUE || micros == TEXT_OF_INFINITY) {
      throw unreadable(micros == Long.MIN_VALUE ? "-infinity" : "infinity");
    }
    return Instant.ofEpochSecond(
        BINARY_EPOCH + Math.floorDiv(micros, MICROS_PER_SECOND),
        Math.floorMod(micros, MICROS_PER_SECOND) * 1_000);
  }

  /**
   * Parses a text that PostgreSQL printed in the ISO style, in any time zone.
   *
   * @throws SQLDataException if the time is infinite or the text has another form
   */
  public static Instant parse(String text) throws SQLException {
    if (text.endsWith("infinity")) {
      throw unreadable(text);
    }
    try {
      return TimestampText.instant(text);
    } catch (DateTimeException e) {
      throw new SQLDataException("not a readable time: " + text, "22007", e);
    }
  }

  private static SQLDataException unreadable(String text) {
    return new SQLDataException("not a finite time: " + text, "22008");
  }
}
