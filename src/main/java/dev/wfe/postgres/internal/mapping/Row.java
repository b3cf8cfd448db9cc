package dev.wfe.postgres.internal.mapping;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.wfe.persistence.UnreadableRowException;
import dev.wfe.persistence.ValueLimits;
import dev.wfe.postgres.entity.InstantColumn;
import java.sql.ResultSet;
import java.sql.SQLDataException;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The row that a result set stands on, read column by column: what cannot be read is refused with
 * the names of table, row and column. Not thread-safe.
 */
final class Row {
  private final ResultSet rows;
  private final String table;
  private final String prefix;
  private final String id;

  /** A row of the table, whose columns' labels start with the prefix. */
  Row(ResultSet rows, String table, String prefix) throws SQLException {
    this.rows = rows;
    this.table = table;
    this.prefix = prefix;
    this.id = rows.getString(prefix + "id");
  }

  String id() {
    return id;
  }

  @Nullable String optionalText(String column) throws SQLException {
    return rows.getString(prefix + column);
  }

  String text(String column) throws SQLException {
    return nonNull(column, optionalText(column));
  }

  int integer(String column) throws SQLException {
    int value = rows.getInt(prefix + column);
    return nonNull(column, rows.wasNull() ? null : value);
  }

  int integer(String column, int valueForNull) throws SQLException {
    int value = rows.getInt(prefix + column);
    return rows.wasNull() ? valueForNull : value;
  }

  @Nullable Long optionalBigint(String column) throws SQLException {
    long value = rows.getLong(prefix + column);
    return rows.wasNull() ? null : value;
  }

  boolean bool(String column, boolean valueForNull) throws SQLException {
    boolean value = rows.getBoolean(prefix + column);
    return rows.wasNull() ? valueForNull : value;
  }

  @Nullable Instant optionalInstant(String column) throws SQLException {
    try {
      return InstantColumn.read(rows, rows.findColumn(prefix + column));
    } catch (SQLDataException error) {
      throw unreadable(column, "holds a time that is " + error.getMessage(), error);
    }
  }

  Instant instant(String column) throws SQLException {
    return nonNull(column, optionalInstant(column));
  }

  @Nullable JsonNode optionalJson(String column) throws SQLException {
    String text = optionalText(column);
    return text == null ? null : parse(column, text);
  }

  JsonNode json(String column) throws SQLException {
    return nonNull(column, optionalJson(column));
  }

  /** A JSON list of ids; an empty one for NULL. */
  List<String> ids(String column) throws SQLException {
    JsonNode json = optionalJson(column);
    return json == null
        ? List.of()
        : JsonShapes.ids(json, problem -> unreadable(column, problem, null));
  }

  /** A JSON object; an empty one for NULL. */
  Map<String, JsonNode> attributes(String column) throws SQLException {
    JsonNode json = optionalJson(column);
    return json == null
        ? Map.of()
        : JsonShapes.attributes(json, problem -> unreadable(column, problem, null));
  }

  private JsonNode parse(String column, String text) {
    JsonNode json;
    try {
      json = Json.tree(text);
    } catch (JsonProcessingException error) {
      throw unreadable(
          column, "holds JSON beyond the limits: " + error.getOriginalMessage(), error);
    }
    String problem =
        text.length() > ValueLimits.MAX_JSON_BYTES ? ValueLimits.jsonProblem(json) : null;
    if (problem != null) {
      throw unreadable(column, "holds JSON that " + problem, null);
    }
    return json;
  }

  private <T> T nonNull(String column, @Nullable T value) {
    if (value == null) {
      throw unreadable(column, "is NULL", null);
    }
    return value;
  }

  UnreadableRowException unknownWord(String column, String word) {
    return unreadable(column, "holds the unknown word '" + word + "'", null);
  }

  UnreadableRowException unreadable(String column, String problem, @Nullable Throwable cause) {
    return new UnreadableRowException(table, id, column, problem, cause);
  }
}
