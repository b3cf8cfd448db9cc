package dev.wfe.postgres.internal.mapping;

import com.fasterxml.jackson.databind.JsonNode;
import dev.wfe.model.Priority;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Converts the values of a column between Java and the driver. Thread-safe.
 *
 * @param type the column's type
 * @param encoder converts a value to what the driver sends
 * @param decoder reads the value from a row
 */
record Codec<T extends @Nullable Object>(
    ColumnType type, Function<T, @Nullable Object> encoder, Decoder<T> decoder) {
  /** Reads a value from a row. */
  @FunctionalInterface
  interface Decoder<T extends @Nullable Object> {
    @Nullable T read(Row row, String column) throws SQLException;
  }

  static final Codec<String> TEXT = new Codec<>(ColumnType.TEXT, text -> text, Row::text);
  static final Codec<@Nullable String> OPTIONAL_TEXT =
      new Codec<>(ColumnType.TEXT, text -> text, Row::optionalText);
  static final Codec<Integer> INTEGER =
      new Codec<>(ColumnType.INTEGER, number -> number, Row::integer);
  static final Codec<Integer> INTEGER_OR_ZERO =
      new Codec<>(ColumnType.INTEGER, number -> number, Row::integerOrZero);
  static final Codec<Long> BIGINT = new Codec<>(ColumnType.BIGINT, number -> number, Row::bigint);
  static final Codec<@Nullable Long> OPTIONAL_BIGINT =
      new Codec<>(ColumnType.BIGINT, number -> number, Row::optionalBigint);
  static final Codec<Boolean> BOOLEAN = new Codec<>(ColumnType.BOOLEAN, bool -> bool, Row::bool);
  static final Codec<Boolean> BOOLEAN_OR_FALSE =
      new Codec<>(ColumnType.BOOLEAN, bool -> bool, Row::boolOrFalse);
  static final Codec<@Nullable Instant> INSTANT =
      new Codec<>(ColumnType.TIMESTAMPTZ, Instants::text, Row::instant);
  static final Codec<@Nullable Instant> OPTIONAL_INSTANT =
      new Codec<>(ColumnType.TIMESTAMPTZ, Instants::text, Row::optionalInstant);
  static final Codec<JsonNode> JSON = new Codec<>(ColumnType.JSONB, Json::text, Row::json);
  static final Codec<@Nullable JsonNode> OPTIONAL_JSON =
      new Codec<>(ColumnType.JSONB, Json::text, Row::optionalJson);
  static final Codec<List<String>> IDS = new Codec<>(ColumnType.JSONB, Json::text, Row::ids);
  static final Codec<List<String>> OPTIONAL_IDS =
      new Codec<>(ColumnType.JSONB, ids -> ids.isEmpty() ? null : Json.text(ids), Row::ids);
  static final Codec<Map<String, JsonNode>> ATTRIBUTES =
      new Codec<>(ColumnType.JSONB, Json::text, Row::attributes);

  static final Codec<Priority> PRIORITY =
      new Codec<>(ColumnType.INTEGER, Priority::number, Row::priority);

  /** A codec for enum constants, stored as words. */
  static <E> Codec<E> of(EnumCodec<E> words) {
    return new Codec<>(
        ColumnType.TEXT, words::encode, (row, column) -> row.constant(column, words));
  }
}
