package dev.wfe.postgres.internal.sql;

import dev.wfe.postgres.internal.sql.Column.Kind;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The columns of one table that statements write, listed once, and the pieces of SQL made from
 * them. Values come as maps from column name to {@link String} (text, JSON and times), {@link
 * Integer}, {@link Long}, {@link Boolean} or null. Thread-safe.
 */
public final class Columns {
  /**
   * Up to so many rows come as values, each a parameter of its own, which costs the server the
   * least; more come as one array a column, so that there is no statement for every number of rows.
   */
  private static final int FEW = 4;

  private final List<Column> columns;

  private Columns(List<Column> columns) {
    this.columns = columns;
  }

  static Columns none() {
    return new Columns(List.of());
  }

  Columns text(String... names) {
    return and(Kind.TEXT, names);
  }

  Columns jsonb(String... names) {
    return and(Kind.JSONB, names);
  }

  Columns timestamptz(String... names) {
    return and(Kind.TIMESTAMPTZ, names);
  }

  /** Times that the database stamps where they are absent. */
  Columns stamped(String... names) {
    return and(Kind.TIMESTAMPTZ, true, names);
  }

  Columns integer(String... names) {
    return and(Kind.INTEGER, names);
  }

  Columns bigint(String... names) {
    return and(Kind.BIGINT, names);
  }

  Columns bool(String... names) {
    return and(Kind.BOOLEAN, names);
  }

  private Columns and(Kind kind, String... names) {
    return and(kind, false, names);
  }

  private Columns and(Kind kind, boolean stamped, String... names) {
    return new Columns(
        Stream.concat(
                columns.stream(), Stream.of(names).map(name -> new Column(name, kind, stamped)))
            .toList());
  }

  Columns only(String... names) {
    List<String> kept = List.of(names);
    return new Columns(columns.stream().filter(column -> kept.contains(column.name())).toList());
  }

  Columns without(String... names) {
    List<String> left = List.of(names);
    return new Columns(columns.stream().filter(column -> !left.contains(column.name())).toList());
  }

  /** {@code a, b}. */
  String names() {
    return join(Column::name);
  }

  /** {@code t.a, t.b}. */
  String names(String alias) {
    return join(column -> alias + "." + column.name());
  }

  /** The names of the columns of a kind, in order. */
  List<String> names(Kind kind) {
    return columns.stream().filter(column -> column.kind() == kind).map(Column::name).toList();
  }

  /** {@code :a::text, :b::jsonb}. */
  String values() {
    return join(column -> value(column, "clock_timestamp()"));
  }

  /** {@code a = :a::text, b = :b::jsonb}. */
  String assignments() {
    return join(column -> column.name() + " = " + value(column, column.name()));
  }

  /** {@code a = excluded.a, b = excluded.b}. */
  String assignmentsFromExcluded() {
    return join(column -> "%1$s = excluded.%1$s".formatted(column.name()));
  }

  /** Stands for all numbers of rows whose {@link #rows} are the same. */
  public static int shape(int count) {
    return Math.min(count, FEW + 1);
  }

  /** So many rows, at least one, in a {@code from} list. */
  String rows(String alias, int count) {
    return (count > FEW ? arrays(alias) : values(alias, count))
        + " as %s(%s)".formatted(alias, names());
  }

  private String arrays(String alias) {
    return "rows from (%s)"
        .formatted(
            join(
                column ->
                    "pg_catalog.unnest(:%s::%s[])"
                        .formatted(parameter(alias, column), column.kind().elementType)));
  }

  private String values(String alias, int count) {
    return "(values %s)"
        .formatted(
            IntStream.range(0, count)
                .mapToObj(
                    row ->
                        "(%s)"
                            .formatted(
                                join(
                                    column ->
                                        ":%s::%s"
                                            .formatted(
                                                parameter(alias, column, row),
                                                column.kind().type))))
                .collect(Collectors.joining(", ")));
  }

  private static String parameter(String alias, Column column) {
    return alias + "_" + column.name();
  }

  private static String parameter(String alias, Column column, int row) {
    return parameter(alias, column) + "_" + row;
  }

  /** The columns of {@link #rows} in their own types: {@code t.a::text, t.b::jsonb}. */
  String ofRows(String alias) {
    return join(column -> "%s.%s::%s".formatted(alias, column.name(), column.kind().type));
  }

  private static String value(Column column, String stamp) {
    String value = ":%s::%s".formatted(column.name(), column.kind().type);
    return column.stamped() ? "coalesce(%s, %s)".formatted(value, stamp) : value;
  }

  private String join(Function<Column, String> piece) {
    return columns.stream().map(piece).collect(Collectors.joining(", "));
  }

  /** Sets the parameters of {@link #values} or {@link #assignments}. */
  public void bind(Parameters parameters, Map<String, @Nullable Object> row) throws SQLException {
    for (Column column : columns) {
      parameters.value(column.name(), value(row, column), column.kind().sqlType);
    }
  }

  /** Sets the parameters of {@link #rows}. */
  public void bindRows(
      Parameters parameters, String alias, List<Map<String, @Nullable Object>> rows)
      throws SQLException {
    if (rows.size() > FEW) {
      bindArrays(parameters, alias, rows);
      return;
    }
    for (int i = 0; i < rows.size(); i++) {
      for (Column column : columns) {
        parameters.value(
            parameter(alias, column, i), value(rows.get(i), column), column.kind().sqlType);
      }
    }
  }

  private void bindArrays(
      Parameters parameters, String alias, List<Map<String, @Nullable Object>> rows)
      throws SQLException {
    for (Column column : columns) {
      List<@Nullable Object> values = new ArrayList<>(rows.size());
      for (Map<String, @Nullable Object> row : rows) {
        values.add(value(row, column));
      }
      parameters.array(parameter(alias, column), column.kind().elementType, values);
    }
  }

  private static @Nullable Object value(Map<String, @Nullable Object> row, Column column) {
    if (!row.containsKey(column.name())) {
      throw new IllegalArgumentException("The row has no value for column " + column.name());
    }
    return row.get(column.name());
  }
}
