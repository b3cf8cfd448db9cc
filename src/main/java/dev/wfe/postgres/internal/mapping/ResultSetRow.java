package dev.wfe.postgres.internal.mapping;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.wfe.persistence.ValueLimits;
import dev.wfe.postgres.entity.InstantColumn;
import java.sql.ResultSet;
import java.sql.SQLDataException;
import java.sql.SQLException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The row that a result set stands on. Not thread-safe. */
final class ResultSetRow extends Row<SQLException> {
  /**
   * Text no longer than the longest number can break no limit but the depth, which the parser
   * holds.
   */
  private static final int SURELY_WITHIN_LIMITS = ValueLimits.MAX_NUMBER_DIGITS;

  private final ResultSet rows;
  private final String prefix;

  /** A row of the table, whose columns' labels start with the prefix. */
  ResultSetRow(ResultSet rows, String table, String prefix) throws SQLException {
    super(table, rows.getString(prefix + "id"));
    this.rows = rows;
    this.prefix = prefix;
  }

  @Override
  @Nullable String optionalText(String column) throws SQLException {
    return rows.getString(prefix + column);
  }

  @Override
  @Nullable Integer optionalInteger(String column) throws SQLException {
    int value = rows.getInt(prefix + column);
    return rows.wasNull() ? null : value;
  }

  @Override
  @Nullable Long optionalBigint(String column) throws SQLException {
    long value = rows.getLong(prefix + column);
    return rows.wasNull() ? null : value;
  }

  @Override
  @Nullable Boolean optionalBool(String column) throws SQLException {
    boolean value = rows.getBoolean(prefix + column);
    return rows.wasNull() ? null : value;
  }

  @Override
  @Nullable Instant optionalInstant(String column) throws SQLException {
    try {
      return InstantColumn.read(rows, rows.findColumn(prefix + column));
    } catch (SQLDataException error) {
      throw unreadable(column, "holds a time that is " + error.getMessage(), error);
    }
  }

  /** The parser ends what is far beyond; the exact limits are those of what may be written. */
  @Override
  @Nullable JsonNode optionalJson(String column) throws SQLException {
    String text = optionalText(column);
    if (text == null) {
      return null;
    }
    JsonNode json;
    try {
      json = Json.tree(text);
    } catch (JsonProcessingException error) {
      throw unreadable(
          column, "holds JSON beyond the limits: " + error.getOriginalMessage(), error);
    }
    String problem = text.length() > SURELY_WITHIN_LIMITS ? ValueLimits.jsonProblem(json) : null;
    if (problem != null) {
      throw unreadable(column, "holds JSON that " + problem, null);
    }
    return json;
  }
}
