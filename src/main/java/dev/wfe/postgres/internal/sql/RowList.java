package dev.wfe.postgres.internal.sql;

import dev.wfe.postgres.internal.mapping.Field;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Rows of parameters in a {@code from} list, under an alias. Immutable.
 *
 * @param <V> the values of which a row is written
 */
public final class RowList<V> {
  /**
   * Up to so many rows come as values, each a parameter of its own, which costs the server the
   * least; more come as one array a column, so that there is no statement for every number of rows.
   */
  private static final int FEW = 4;

  private final Columns<V> columns;
  private final String alias;

  RowList(Columns<V> columns, String alias) {
    this.columns = columns;
    this.alias = alias;
  }

  /** Stands for all numbers of rows that have the same text. */
  public static int shape(int count) {
    return Math.min(count, FEW + 1);
  }

  String alias() {
    return alias;
  }

  /** So many rows, at least one. */
  String rows(int count) {
    return (count > FEW ? arrays() : values(count))
        + " as %s(%s)".formatted(alias, columns.names());
  }

  /** The columns of the rows in their own types: {@code t.a::text, t.b::jsonb}. */
  String columns() {
    return columns.join(
        field -> "%s.%s::%s".formatted(alias, field.name(), field.type().sqlName()));
  }

  private String arrays() {
    return "rows from (%s)"
        .formatted(
            columns.join(
                field ->
                    "pg_catalog.unnest(:%s::%s[])"
                        .formatted(parameter(field), field.type().elementType())));
  }

  private String values(int count) {
    return "(values %s)"
        .formatted(IntStream.range(0, count).mapToObj(this::row).collect(Collectors.joining(", ")));
  }

  private String row(int index) {
    return "(%s)"
        .formatted(
            columns.join(
                field -> ":%s::%s".formatted(parameter(field, index), field.type().sqlName())));
  }

  private String parameter(Field<V, ?> field) {
    return alias + "_" + field.name();
  }

  private String parameter(Field<V, ?> field, int row) {
    return parameter(field) + "_" + row;
  }

  /** Sets the parameters of {@link #rows} for as many values. */
  public void bind(Parameters parameters, List<V> values) throws SQLException {
    if (values.size() > FEW) {
      bindArrays(parameters, values);
      return;
    }
    for (int row = 0; row < values.size(); row++) {
      for (Field<V, ?> field : columns.fields()) {
        parameters.value(
            parameter(field, row), field.getter().apply(values.get(row)), field.type().jdbcType());
      }
    }
  }

  private void bindArrays(Parameters parameters, List<V> values) throws SQLException {
    for (Field<V, ?> field : columns.fields()) {
      List<@Nullable Object> column = new ArrayList<>(values.size());
      for (V value : values) {
        column.add(field.getter().apply(value));
      }
      parameters.array(parameter(field), field.type().elementType(), column);
    }
  }
}
