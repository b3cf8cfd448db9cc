package dev.wfe.postgres.internal.sql;

import dev.wfe.postgres.internal.mapping.ColumnType;
import dev.wfe.postgres.internal.mapping.Field;
import dev.wfe.postgres.internal.mapping.FieldList;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A list of columns that statements write, and the SQL fragments generated from it. Immutable.
 *
 * @param <V> the type of value that a row is written from
 */
public final class Columns<V> {
  private final List<? extends Field<V, ?>> fields;

  private Columns(List<? extends Field<V, ?>> fields) {
    this.fields = fields;
  }

  static <V> Columns<V> of(FieldList<V, ?> table) {
    return new Columns<>(table.fields());
  }

  /** No columns. */
  static <V> Columns<V> none() {
    return new Columns<>(List.of());
  }

  /** The same columns for an outer type; the function gets the inner value. */
  <W> Columns<W> of(Function<W, V> value) {
    return new Columns<>(
        fields.stream()
            .map(field -> Field.written(field.name(), field.type(), value.andThen(field.getter())))
            .toList());
  }

  /** These columns and a further one. */
  Columns<V> with(String name, ColumnType type, Function<V, @Nullable Object> getter) {
    List<Field<V, ?>> more = new ArrayList<>(fields);
    more.add(Field.written(name, type, getter));
    return new Columns<>(more);
  }

  Columns<V> only(String... names) {
    List<String> kept = List.of(names);
    return new Columns<>(fields.stream().filter(field -> kept.contains(field.name())).toList());
  }

  Columns<V> without(String... names) {
    List<String> left = List.of(names);
    return new Columns<>(fields.stream().filter(field -> !left.contains(field.name())).toList());
  }

  List<? extends Field<V, ?>> fields() {
    return fields;
  }

  /** {@code a, b}. */
  String names() {
    return join(Field::name);
  }

  /** {@code t.a, t.b}. */
  String names(String alias) {
    return join(field -> alias + "." + field.name());
  }

  /** Returns the names of the columns of a type, in order. */
  List<String> names(ColumnType type) {
    return fields.stream().filter(field -> field.type() == type).map(Field::name).toList();
  }

  /** {@code :a::text, :b::jsonb}. */
  String values() {
    return join(field -> value(field, "clock_timestamp()"));
  }

  /** {@code a = :a::text, b = :b::jsonb}. */
  String assignments() {
    return join(field -> field.name() + " = " + value(field, field.name()));
  }

  /** {@code a = excluded.a, b = excluded.b}. */
  String assignmentsFromExcluded() {
    return join(field -> "%1$s = excluded.%1$s".formatted(field.name()));
  }

  private static String value(Field<?, ?> field, String stamp) {
    String value = ":%s::%s".formatted(field.name(), field.type().sqlName());
    return field.stamped() ? "coalesce(%s, %s)".formatted(value, stamp) : value;
  }

  String join(Function<Field<V, ?>, String> piece) {
    return fields.stream().map(piece).collect(Collectors.joining(", "));
  }

  /** Sets the parameters of {@link #values} or {@link #assignments}. */
  public void bind(Parameters parameters, V value) throws SQLException {
    for (Field<V, ?> field : fields) {
      parameters.value(field.name(), field.getter().apply(value), field.type().jdbcType());
    }
  }
}
