package dev.wfe.postgres.internal.mapping;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.wfe.postgres.entity.InstantColumn;
import java.sql.ResultSet;
import java.sql.SQLDataException;
import java.sql.SQLException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The row that a result set stands on. Not thread-safe. */
final class ResultSetRow extends Row {
  private final ResultSet rows;
  private final ResultColumns columns;

  ResultSetRow(ResultSet rows, String table, ResultColumns columns) throws SQLException {
    super(table, rows.getString(columns.place("id")));
    this.rows = rows;
    this.columns = columns;
  }

  @Override
  @Nullable String optionalText(String column) throws SQLException {
    return rows.getString(columns.place(column));
  }

  @Override
  @Nullable Integer optionalInteger(String column) throws SQLException {
    int value = rows.getInt(columns.place(column));
    return rows.wasNull() ? null : value;
  }

  @Override
  @Nullable Long optionalBigint(String column) throws SQLException {
    long value = rows.getLong(columns.place(column));
    return rows.wasNull() ? null : value;
  }

  @Override
  @Nullable Boolean optionalBoolean(String column) throws SQLException {
    boolean value = rows.getBoolean(columns.place(column));
    return rows.wasNull() ? null : value;
  }

  @Override
  @Nullable Instant optionalInstant(String column) throws SQLException {
    try {
      return InstantColumn.read(rows, columns.place(column));
    } catch (SQLDataException error) {
      throw unreadable(column, "holds a time that is " + error.getMessage(), error);
    }
  }

  /** The driver holds sessions at UTF-8. */
  @Override
  @Nullable JsonNode optionalJson(String column) throws SQLException {
    byte @Nullable [] utf8 = rows.getBytes(columns.place(column));
    if (utf8 == null) {
      return null;
    }
    try {
      return Json.tree(utf8);
    } catch (JsonProcessingException error) {
      throw unreadable(
          column, "holds JSON beyond the limits: " + error.getOriginalMessage(), error);
    }
  }
}
