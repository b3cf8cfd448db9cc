package dev.wfe.postgres.internal.mapping;

import com.fasterxml.jackson.databind.JsonNode;
import dev.wfe.model.Priority;
import dev.wfe.persistence.UnreadableRowException;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One row of a table, read column by column, from a result or an entity. A value that cannot be
 * converted causes an {@link UnreadableRowException} that names table, row and column. Not
 * thread-safe.
 */
abstract class Row {
  private final String table;
  private final String id;

  /** Creates a row of the table, with its key for error messages. */
  Row(String table, String id) {
    this.table = table;
    this.id = id;
  }

  abstract @Nullable String optionalText(String column) throws SQLException;

  abstract @Nullable Integer optionalInteger(String column) throws SQLException;

  abstract @Nullable Long optionalBigint(String column) throws SQLException;

  abstract @Nullable Boolean optionalBoolean(String column) throws SQLException;

  abstract @Nullable Instant optionalInstant(String column) throws SQLException;

  abstract @Nullable JsonNode optionalJson(String column) throws SQLException;

  final String id() {
    return id;
  }

  final String text(String column) throws SQLException {
    return nonNull(column, optionalText(column));
  }

  final int integer(String column) throws SQLException {
    return nonNull(column, optionalInteger(column));
  }

  final int integerOrZero(String column) throws SQLException {
    Integer value = optionalInteger(column);
    return value == null ? 0 : value;
  }

  final long bigint(String column) throws SQLException {
    return nonNull(column, optionalBigint(column));
  }

  final boolean bool(String column) throws SQLException {
    return nonNull(column, optionalBoolean(column));
  }

  final boolean boolOrFalse(String column) throws SQLException {
    Boolean value = optionalBoolean(column);
    return value != null && value;
  }

  final Instant instant(String column) throws SQLException {
    return nonNull(column, optionalInstant(column));
  }

  final JsonNode json(String column) throws SQLException {
    return nonNull(column, optionalJson(column));
  }

  /** Reads a stored word as an enum constant. */
  final <E> E constant(String column, EnumCodec<E> codec) throws SQLException {
    String word = text(column);
    return codec.decode(word).orElseThrow(() -> EnumCodec.unknown(table, id, column, word));
  }

  final Priority priority(String column) throws SQLException {
    int number = integer(column);
    return Stream.of(Priority.values())
        .filter(priority -> priority.number() == number)
        .findFirst()
        .orElseThrow(() -> unreadable(column, "holds the unknown priority " + number, null));
  }

  /** Reads a JSON list of ids; NULL becomes an empty list. */
  final List<String> ids(String column) throws SQLException {
    JsonNode json = optionalJson(column);
    return json == null ? List.of() : Json.ids(json, problem -> unreadable(column, problem, null));
  }

  /** Reads a JSON object; NULL becomes an empty map. */
  final Map<String, JsonNode> attributes(String column) throws SQLException {
    JsonNode json = optionalJson(column);
    return json == null
        ? Map.of()
        : Json.attributes(json, problem -> unreadable(column, problem, null));
  }

  private <T> T nonNull(String column, @Nullable T value) {
    if (value == null) {
      throw unreadable(column, "is NULL", null);
    }
    return value;
  }

  final UnreadableRowException unreadable(
      String column, String problem, @Nullable Throwable cause) {
    return new UnreadableRowException(table, id, column, problem, cause);
  }
}
