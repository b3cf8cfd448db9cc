package dev.wfe.postgres.internal.mapping;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * The columns of one table in a result. Each row is read in the same order of columns, so a column
 * is looked for in the first row, and known by its turn in the others. Not thread-safe.
 */
final class ResultColumns {
  private final ResultSet rows;
  private final String table;
  private final String prefix;
  private final List<String> names = new ArrayList<>();
  private final List<Integer> ordinals = new ArrayList<>();
  private int turn;

  /** Of the table, whose columns' labels start with the prefix. */
  ResultColumns(ResultSet rows, String table, String prefix) {
    this.rows = rows;
    this.table = table;
    this.prefix = prefix;
  }

  /** The row that the result stands on now. */
  ResultSetRow row() throws SQLException {
    turn = 0;
    return new ResultSetRow(rows, table, this);
  }

  /** Where the column stands in the result, counted from 1. */
  int ordinal(String column) throws SQLException {
    int at = turn++;
    if (at < names.size() && names.get(at).equals(column)) {
      return ordinals.get(at);
    }
    int found = rows.findColumn(prefix + column);
    if (at == names.size()) {
      names.add(column);
      ordinals.add(found);
    }
    return found;
  }
}
