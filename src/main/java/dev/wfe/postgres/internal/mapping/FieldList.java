package dev.wfe.postgres.internal.mapping;

import dev.wfe.persistence.UnreadableRowException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The fields of one table. Statements, parameter binding and reading are derived from it.
 * Immutable.
 *
 * @param <V> the values that are written
 * @param <B> the builder of the values that are read
 */
public final class FieldList<V, B> {
  private final String table;
  private final Supplier<B> builders;
  private final List<Field<V, B>> fields;

  private FieldList(String table, Supplier<B> builders, List<Field<V, B>> fields) {
    this.table = table;
    this.builders = builders;
    this.fields = List.copyOf(fields);
  }

  /**
   * Creates an empty list for the table.
   *
   * @param builders supplies a builder for each row that is read
   */
  static <V, B> FieldList<V, B> of(String table, Supplier<B> builders) {
    return new FieldList<>(table, builders, List.of());
  }

  /** Returns this list with a further field. */
  <T extends @Nullable Object> FieldList<V, B> with(
      String column, Codec<T> codec, Function<V, T> getter, BiConsumer<B, T> setter) {
    return with(column, codec, false, getter, setter);
  }

  /** Returns this list with a further timestamp, which the database sets if it is absent. */
  <T extends @Nullable Object> FieldList<V, B> stamped(
      String column, Codec<T> codec, Function<V, T> getter, BiConsumer<B, T> setter) {
    return with(column, codec, true, getter, setter);
  }

  /**
   * Returns this list with a further field that is written by statements but not read into the
   * builder.
   */
  <T extends @Nullable Object> FieldList<V, B> written(
      String column, Codec<T> codec, Function<V, T> getter) {
    return with(
        new Field<>(
            column,
            codec.type(),
            false,
            value -> codec.encoder().apply(getter.apply(value)),
            (row, builder) -> {}));
  }

  private <T extends @Nullable Object> FieldList<V, B> with(
      String column,
      Codec<T> codec,
      boolean stamped,
      Function<V, T> getter,
      BiConsumer<B, T> setter) {
    return with(
        new Field<>(
            column,
            codec.type(),
            stamped,
            value -> codec.encoder().apply(getter.apply(value)),
            (row, builder) -> setter.accept(builder, codec.decoder().read(row, column))));
  }

  private FieldList<V, B> with(Field<V, B> field) {
    List<Field<V, B>> more = new ArrayList<>(fields);
    more.add(field);
    return new FieldList<>(table, builders, more);
  }

  /** Returns the table's name without schema and prefix. */
  public String table() {
    return table;
  }

  /** Returns the fields, in order. */
  public List<Field<V, B>> fields() {
    return fields;
  }

  /**
   * Reads the current row of a result, whose columns are labelled with their names.
   *
   * @throws UnreadableRowException if a value of the row cannot be converted
   */
  public B read(ResultSet rows) throws SQLException {
    return read(ResultColumns.labelled(rows, table).row());
  }

  /** Reads all rows of a result, whose columns are labelled with their names. */
  public <T> ReadRows<T> readAll(ResultSet rows, Function<B, T> build) throws SQLException {
    ResultColumns columns = ResultColumns.labelled(rows, table);
    List<T> readable = new ArrayList<>();
    List<UnreadableRowException> unreadable = new ArrayList<>();
    while (rows.next()) {
      try {
        readable.add(build.apply(read(columns.row())));
      } catch (UnreadableRowException failure) {
        unreadable.add(failure);
      }
    }
    return new ReadRows<>(readable, unreadable);
  }

  /** Reads the row into a new builder. */
  B read(Row row) throws SQLException {
    B builder = builders.get();
    for (Field<V, B> field : fields) {
      field.setter().read(row, builder);
    }
    return builder;
  }
}
