package dev.wfe.postgres.internal.mapping;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The columns of one table in a result. Each row is read in the same order of columns, so a column
 * is looked for in the first row, and known by its turn in the others. Not thread-safe.
 */
final class ResultColumns {
  private final ResultSet rows;
  private final String table;
  private final Finder finder;
  private final List<String> names = new ArrayList<>();
  private final List<Integer> places = new ArrayList<>();
  private int turn;

  private ResultColumns(ResultSet rows, String table, Finder finder) {
    this.rows = rows;
    this.table = table;
    this.finder = finder;
  }

  @FunctionalInterface
  private interface Finder {
    int find(String column) throws SQLException;
  }

  /** Of the table, labelled with their names. */
  static ResultColumns labelled(ResultSet rows, String table) {
    return new ResultColumns(rows, table, rows::findColumn);
  }

  /** Of the table, at the places, counted from 1. */
  static ResultColumns at(Map<String, Integer> places, ResultSet rows, String table) {
    return new ResultColumns(rows, table, column -> find(places, column));
  }

  private static int find(Map<String, Integer> places, String column) {
    Integer place = places.get(column);
    if (place == null) {
      throw new IllegalArgumentException("The result has no place for column " + column);
    }
    return place;
  }

  /** The row that the result stands on now. */
  ResultSetRow row() throws SQLException {
    turn = 0;
    return new ResultSetRow(rows, table, this);
  }

  /** Where the column stands in the result, counted from 1. */
  int place(String column) throws SQLException {
    int at = turn++;
    if (at < names.size() && names.get(at).equals(column)) {
      return places.get(at);
    }
    int found = finder.find(column);
    if (at == names.size()) {
      names.add(column);
      places.add(found);
    }
    return found;
  }
}
