package dev.wfe.postgres.internal.mapping;

import com.fasterxml.jackson.databind.JsonNode;
import dev.wfe.persistence.UnreadableRowException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One row of a table, read column by column, wherever its values come from: what cannot be read is
 * refused with the names of table, row and column. Not thread-safe.
 *
 * @param <X> what reading a value may throw
 */
abstract class Row<X extends Exception> {
  private final String table;
  private final String id;

  /** A row of the table with the key. */
  Row(String table, String id) {
    this.table = table;
    this.id = id;
  }

  abstract @Nullable String optionalText(String column) throws X;

  abstract @Nullable Integer optionalInteger(String column) throws X;

  abstract @Nullable Long optionalBigint(String column) throws X;

  abstract @Nullable Boolean optionalBool(String column) throws X;

  abstract @Nullable Instant optionalInstant(String column) throws X;

  abstract @Nullable JsonNode optionalJson(String column) throws X;

  final String id() {
    return id;
  }

  final String text(String column) throws X {
    return nonNull(column, optionalText(column));
  }

  final int integer(String column) throws X {
    return nonNull(column, optionalInteger(column));
  }

  final int integer(String column, int valueForNull) throws X {
    Integer value = optionalInteger(column);
    return value == null ? valueForNull : value;
  }

  final long bigint(String column) throws X {
    return nonNull(column, optionalBigint(column));
  }

  final boolean bool(String column) throws X {
    return nonNull(column, optionalBool(column));
  }

  final boolean bool(String column, boolean valueForNull) throws X {
    Boolean value = optionalBool(column);
    return value == null ? valueForNull : value;
  }

  final Instant instant(String column) throws X {
    return nonNull(column, optionalInstant(column));
  }

  final JsonNode json(String column) throws X {
    return nonNull(column, optionalJson(column));
  }

  /** The meaning of a stored word. */
  final <T> T word(String column, Function<String, Optional<T>> meaning) throws X {
    String word = text(column);
    return meaning.apply(word).orElseThrow(() -> Words.unknown(table, id, column, word));
  }

  /** A JSON list of ids; an empty one for NULL. */
  final List<String> ids(String column) throws X {
    JsonNode json = optionalJson(column);
    return json == null
        ? List.of()
        : JsonShapes.ids(json, problem -> unreadable(column, problem, null));
  }

  /** A JSON object; an empty one for NULL. */
  final Map<String, JsonNode> attributes(String column) throws X {
    JsonNode json = optionalJson(column);
    return json == null
        ? Map.of()
        : JsonShapes.attributes(json, problem -> unreadable(column, problem, null));
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
