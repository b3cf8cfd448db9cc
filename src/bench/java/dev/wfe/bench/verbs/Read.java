package dev.wfe.bench.verbs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/** Reads values by position, as one does by hand. */
final class Read {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private Read() {}

  static @Nullable Instant time(ResultSet row, int at) throws SQLException {
    OffsetDateTime time = row.getObject(at, OffsetDateTime.class);
    return time == null ? null : time.toInstant();
  }

  /** From the bytes as they came: a document is not decoded to text first. */
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
