package dev.wfe.postgres.internal.mapping;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.wfe.postgres.entity.InstantColumn;
import jakarta.persistence.Tuple;
import java.nio.charset.StandardCharsets;
import java.sql.SQLDataException;
import java.sql.SQLException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Reads a row that a query over entities returned, by the aliases of its columns. Times and JSON
 * are text. Not thread-safe.
 */
final class TupleRow extends Row {
  private final Tuple tuple;

  /** Reads a row with this key of the table. */
  TupleRow(String table, String id, Tuple tuple) {
    super(table, id);
    this.tuple = tuple;
  }

  @Override
  @Nullable String optionalText(String column) {
    return tuple.get(column, String.class);
  }

  @Override
  @Nullable Integer optionalInteger(String column) {
    return tuple.get(column, Integer.class);
  }

  @Override
  @Nullable Long optionalBigint(String column) {
    return tuple.get(column, Long.class);
  }

  @Override
  @Nullable Boolean optionalBoolean(String column) {
    return tuple.get(column, Boolean.class);
  }

  @Override
  @Nullable Instant optionalInstant(String column) throws SQLException {
    String text = optionalText(column);
    try {
      return text == null ? null : InstantColumn.parse(text);
    } catch (SQLDataException error) {
      throw unreadable(column, "holds a time that is " + error.getMessage(), error);
    }
  }

  @Override
  @Nullable JsonNode optionalJson(String column) {
    String text = optionalText(column);
    if (text == null) {
      return null;
    }
    try {
      return Json.tree(text.getBytes(StandardCharsets.UTF_8));
    } catch (JsonProcessingException error) {
      throw unreadable(
          column, "holds JSON that exceeds the limits: " + error.getOriginalMessage(), error);
    }
  }
}
