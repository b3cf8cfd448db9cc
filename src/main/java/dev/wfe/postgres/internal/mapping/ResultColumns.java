package dev.wfe.postgres.internal.mapping;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Finds the column indexes of one table in a result. All rows are read in the same column order, so
 * each column is looked up for the first row and taken from a cache by its sequence number for the
 * others. Not thread-safe.
 */
final class ResultColumns {
  private final ResultSet rows;
  private final String table;
  private final Finder finder;
  private final List<String> names = new ArrayList<>();
  private final List<Integer> indexes = new ArrayList<>();
  private int sequenceNumber;

  private ResultColumns(ResultSet rows, String table, Finder finder) {
    this.rows = rows;
    this.table = table;
    this.finder = finder;
  }

  @FunctionalInterface
  private interface Finder {
    int find(String column) throws SQLException;
  }

  /** For columns that are labelled with their names. */
  static ResultColumns labelled(ResultSet rows, String table) {
    return new ResultColumns(rows, table, rows::findColumn);
  }

  /** For columns at the given indexes, counted from 1. */
  static ResultColumns at(Map<String, Integer> indexes, ResultSet rows, String table) {
    return new ResultColumns(rows, table, column -> find(indexes, column));
  }

  private static int find(Map<String, Integer> indexes, String column) {
    Integer index = indexes.get(column);
    if (index == null) {
      throw new IllegalArgumentException("The result has no column " + column);
    }
    return index;
  }

  /** Returns the current row of the result. */
  ResultSetRow row() throws SQLException {
    sequenceNumber = 0;
    return new ResultSetRow(rows, table, this);
  }

  /** Returns the index of the column in the result, counted from 1. */
  int indexOf(String column) throws SQLException {
    int current = sequenceNumber++;
    if (current < names.size() && names.get(current).equals(column)) {
      return indexes.get(current);
    }
    int found = finder.find(column);
    if (current == names.size()) {
      names.add(column);
      indexes.add(found);
    }
    return found;
  }
}
