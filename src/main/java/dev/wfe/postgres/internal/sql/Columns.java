package dev.wfe.postgres.internal.sql;

import dev.wfe.postgres.internal.sql.Column.Kind;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The columns of one table that statements write, listed once, and the pieces of SQL made from
 * them. Values come as maps from column name to {@link String} (text, JSON and times), {@link
 * Integer}, {@link Long}, {@link Boolean} or null. Thread-safe.
 */
public final class Columns {
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
    return new Columns(
        Stream.concat(columns.stream(), Stream.of(names).map(name -> new Column(name, kind)))
            .toList());
  }

  Columns without(String... names) {
    List<String> left = List.of(names);
    return new Columns(columns.stream().filter(column -> !left.contains(column.name())).toList());
  }

  /** {@code a, b}. */
  String names() {
    return join(Column::name);
  }

  /** {@code :a::text, :b::jsonb}. */
  String values() {
    return join(Columns::value);
  }

  /** {@code a = :a::text, b = :b::jsonb}. */
  String assignments() {
    return join(column -> column.name() + " = " + value(column));
  }

  /** {@code a = excluded.a, b = excluded.b}. */
  String assignmentsFromExcluded() {
    return join(column -> "%1$s = excluded.%1$s".formatted(column.name()));
  }

  /** {@code t.a as p_a, t.b as p_b}. */
  String aliased(String alias, String prefix) {
    return join(column -> "%1$s.%2$s as %3$s%2$s".formatted(alias, column.name(), prefix));
  }

  /** {@code null::text as p_a, null::jsonb as p_b}. */
  String nulls(String prefix) {
    return join(column -> "null::%s as %s%s".formatted(column.kind().type, prefix, column.name()));
  }

  /** Rows given as one array a column: {@code unnest(:t_a::text[], …) as t(a, …)}. */
  String unnest(String alias) {
    return "unnest(%s) as %s(%s)"
        .formatted(
            join(
                column ->
                    ":%s_%s::%s[]".formatted(alias, column.name(), column.kind().elementType)),
            alias,
            names());
  }

  /** The columns of {@link #unnest} in their own types: {@code t.a::text, t.b::jsonb}. */
  String unnested(String alias) {
    return join(column -> "%s.%s::%s".formatted(alias, column.name(), column.kind().type));
  }

  private static String value(Column column) {
    return ":%s::%s".formatted(column.name(), column.kind().type);
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

  /** Sets the parameters of {@link #unnest}. */
  public void bindRows(
      Parameters parameters, String alias, List<Map<String, @Nullable Object>> rows)
      throws SQLException {
    for (Column column : columns) {
      List<@Nullable Object> values = new ArrayList<>(rows.size());
      for (Map<String, @Nullable Object> row : rows) {
        values.add(value(row, column));
      }
      parameters.array(alias + "_" + column.name(), column.kind().elementType, values);
    }
  }

  private static @Nullable Object value(Map<String, @Nullable Object> row, Column column) {
    if (!row.containsKey(column.name())) {
      throw new IllegalArgumentException("The row has no value for column " + column.name());
    }
    return row.get(column.name());
  }
}
