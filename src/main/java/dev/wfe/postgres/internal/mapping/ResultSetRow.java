package dev.wfe.postgres.internal.mapping;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.wfe.postgres.entity.InstantColumn;
import java.sql.ResultSet;
import java.sql.SQLDataException;
import java.sql.SQLException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The current row of a result set. Not thread-safe. */
final class ResultSetRow extends Row {
  private final ResultSet rows;
  private final ResultColumns columns;

  ResultSetRow(ResultSet rows, String table, ResultColumns columns) throws SQLException {
    super(table, rows.getString(columns.indexOf("id")));
    this.rows = rows;
    this.columns = columns;
  }

  @Override
  @Nullable String optionalText(String column) throws SQLException {
    return rows.getString(columns.indexOf(column));
  }

  @Override
  @Nullable Integer optionalInteger(String column) throws SQLException {
    int value = rows.getInt(columns.indexOf(column));
    return rows.wasNull() ? null : value;
  }

  @Override
  @Nullable Long optionalBigint(String column) throws SQLException {
    long value = rows.getLong(columns.indexOf(column));
    return rows.wasNull() ? null : value;
  }

  @Override
  @Nullable Boolean optionalBoolean(String column) throws SQLException {
    boolean value = rows.getBoolean(columns.indexOf(column));
    return rows.wasNull() ? null : value;
  }

  @Override
  @Nullable Instant optionalInstant(String column) throws SQLException {
    try {
      return InstantColumn.read(rows, columns.indexOf(column));
    } catch (SQLDataException error) {
      throw unreadable(column, "holds a time that is " + error.getMessage(), error);
    }
  }

  /** Reads the bytes as UTF-8, because the driver enforces UTF-8 as client encoding. */
  @Override
  @Nullable JsonNode optionalJson(String column) throws SQLException {
    byte @Nullable [] utf8 = rows.getBytes(columns.indexOf(column));
    if (utf8 == null) {
      return null;
    }
    try {
      return Json.tree(utf8);
    } catch (JsonProcessingException error) {
      throw unreadable(
          column, "holds JSON that exceeds the limits: " + error.getOriginalMessage(), error);
    }
  }
}
