package dev.wfe.postgres.internal.mapping;

import com.fasterxml.jackson.databind.JsonNode;
import dev.wfe.persistence.ValueLimits;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An entity as a row: its values by the names of their columns. Not thread-safe. */
final class EntityRow extends Row<RuntimeException> {
  private final Map<String, @Nullable Object> values;

  EntityRow(String table, String id, Map<String, @Nullable Object> values) {
    super(table, id);
    this.values = values;
  }

  @Override
  @Nullable String optionalText(String column) {
    return value(column, String.class);
  }

  @Override
  @Nullable Integer optionalInteger(String column) {
    return value(column, Integer.class);
  }

  @Override
  @Nullable Long optionalBigint(String column) {
    return value(column, Long.class);
  }

  @Override
  @Nullable Boolean optionalBool(String column) {
    return value(column, Boolean.class);
  }

  @Override
  @Nullable Instant optionalInstant(String column) {
    return value(column, Instant.class);
  }

  /** Entities hold whatever PostgreSQL does, so the limits are looked at here. */
  @Override
  @Nullable JsonNode optionalJson(String column) {
    JsonNode json = value(column, JsonNode.class);
    String problem = json == null ? null : ValueLimits.storedJsonProblem(json);
    if (problem != null) {
      throw unreadable(column, "holds JSON that " + problem, null);
    }
    return json;
  }

  private <T> @Nullable T value(String column, Class<T> type) {
    if (!values.containsKey(column)) {
      throw new IllegalArgumentException("The row has no value for column " + column);
    }
    return type.cast(values.get(column));
  }
}
