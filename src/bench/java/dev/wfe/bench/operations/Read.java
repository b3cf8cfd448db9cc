package dev.wfe.bench.operations;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/** Reads values by position, as hand-written code does. */
final class Read {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private static final Instant YEAR_2000 = Instant.parse("2000-01-01T00:00:00Z");

  private Read() {}

  /** Prepared statements return times in binary form: microseconds since the year 2000. */
  static @Nullable Instant time(ResultSet row, int at) throws SQLException {
    byte[] bytes = row.getBytes(at);
    if (bytes == null) {
      return null;
    }
    if (bytes.length != Long.BYTES) {
      return row.getObject(at, OffsetDateTime.class).toInstant();
    }
    long micros = ByteBuffer.wrap(bytes).getLong();
    return YEAR_2000.plus(micros, ChronoUnit.MICROS);
  }

  /** Parses the bytes directly: a document is not decoded to text first. */
  static @Nullable JsonNode json(ResultSet row, int at) throws SQLException {
    byte[] bytes = row.getBytes(at);
    if (bytes == null) {
      return null;
    }
    if (bytes.length == 2 && bytes[0] == '[') {
      return JsonNodeFactory.instance.arrayNode();
    }
    if (bytes.length == 2 && bytes[0] == '{') {
      return JsonNodeFactory.instance.objectNode();
    }
    try {
      return MAPPER.readTree(bytes);
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    }
  }

  static @Nullable JsonNode json(ResultSet row, String column) throws SQLException {
    String text = row.getString(column);
    try {
      return text == null ? null : MAPPER.readTree(text);
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    }
  }

  static @Nullable Instant time(ResultSet row, String column) throws SQLException {
    OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
    return time == null ? null : time.toInstant();
  }

  static @Nullable Long number(ResultSet row, int at) throws SQLException {
    long number = row.getLong(at);
    return row.wasNull() ? null : number;
  }
}
