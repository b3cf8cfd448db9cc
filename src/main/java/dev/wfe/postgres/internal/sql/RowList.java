package dev.wfe.postgres.internal.sql;

import dev.wfe.postgres.internal.mapping.Field;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Generates rows of parameters in a {@code from} list, under an alias, and binds them. Immutable.
 *
 * @param <V> the type of value that a row is written from
 */
public final class RowList<V> {
  /**
   * Up to this number of rows, every value is a parameter of its own, which costs the server the
   * least. More rows are sent as one array per column, so that the number of distinct statements
   * stays small.
   */
  private static final int MAX_ROWS_AS_VALUES = 4;

  /** Stands for any number of rows that are sent as arrays. */
  static final int MANY = MAX_ROWS_AS_VALUES + 1;

  private final Columns<V> columns;
  private final String alias;

  /** The names of the parameters of each row that is sent as values: one for each column. */
  private final List<List<String>> parameterNames;

  RowList(Columns<V> columns, String alias) {
    this.columns = columns;
    this.alias = alias;
    this.parameterNames =
        IntStream.range(0, MAX_ROWS_AS_VALUES)
            .mapToObj(
                row ->
                    columns.fields().stream().map(field -> parameter(field) + "_" + row).toList())
            .toList();
  }

  /** Returns the representative of all row counts that have the same SQL text. */
  public static int shape(int count) {
    return Math.min(count, MANY);
  }

  String alias() {
    return alias;
  }

  /** Returns the {@code from} item for this number of rows, at least one. */
  String rows(int count) {
    return (count > MAX_ROWS_AS_VALUES ? arrays() : values(count))
        + " as %s(%s)".formatted(alias, columns.names());
  }

  /**
   * Returns the {@code from} item for the rows of a batch. The column {@code element} numbers the
   * element to which a row belongs.
   */
  String batchRows() {
    return "(select pg_catalog.unnest(%s), %s) as %s(element, %s)"
        .formatted(elements(), unnested(), alias, columns.names());
  }

  /** Returns the array with the element of each row of a batch. */
  String elements() {
    return ":%s_element::int4[]".formatted(alias);
  }

  /** Returns the names of the columns: {@code a, b}. */
  String names() {
    return columns.names();
  }

  /**
   * Returns the columns, cast to their own types: {@code t.a::text, t.b::jsonb}. An absent
   * timestamp that the database sets is replaced by the current time.
   */
  String columns() {
    return columns(Map.of());
  }

  /** As {@link #columns()}, with other expressions for some columns. */
  String columns(Map<String, String> others) {
    return columns.join(
        field -> {
          String cast = "%s.%s::%s".formatted(alias, field.name(), field.type().sqlName());
          return others.getOrDefault(
              field.name(),
              field.stamped() ? "coalesce(%s, clock_timestamp())".formatted(cast) : cast);
        });
  }

  private String arrays() {
    return "(select %s)".formatted(unnested());
  }

  private String unnested() {
    return columns.join(
        field ->
            "pg_catalog.unnest(:%s::%s[])".formatted(parameter(field), field.type().elementType()));
  }

  private String values(int count) {
    return "(values %s)"
        .formatted(IntStream.range(0, count).mapToObj(this::row).collect(Collectors.joining(", ")));
  }

  private String row(int index) {
    Iterator<String> names = parameterNames.get(index).iterator();
    return "(%s)"
        .formatted(
            columns.join(field -> ":%s::%s".formatted(names.next(), field.type().sqlName())));
  }

  private String parameter(Field<V, ?> field) {
    return alias + "_" + field.name();
  }

  /** As {@link #bind}, but always as arrays. */
  public void bindMany(Parameters parameters, List<V> values) throws SQLException {
    bindArrays(parameters, values);
  }

  /** Sets the parameters of {@link #rows} for the values. */
  public void bind(Parameters parameters, List<V> values) throws SQLException {
    if (values.size() > MAX_ROWS_AS_VALUES) {
      bindArrays(parameters, values);
      return;
    }
    for (int row = 0; row < values.size(); row++) {
      Iterator<String> names = parameterNames.get(row).iterator();
      for (Field<V, ?> field : columns.fields()) {
        parameters.value(
            names.next(), field.getter().apply(values.get(row)), field.type().jdbcType());
      }
    }
  }

  /**
   * Sets the parameters of {@link #batchRows}.
   *
   * @param elements the element of each value
   */
  void bindBatch(Parameters parameters, List<Integer> elements, List<V> values)
      throws SQLException {
    parameters.array(alias + "_element", "int4", elements);
    bindArrays(parameters, values);
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
