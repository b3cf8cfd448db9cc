package dev.wfe.postgres.internal.mapping;

import java.sql.SQLException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A column of a table, and how it maps to a value's property. Thread-safe.
 *
 * @param name the column's name
 * @param type the column's type
 * @param stamped whether an absent value is replaced by the database: a new row gets the current
 *     time, an existing row keeps its value
 * @param getter returns the value to send: text (also for JSON and timestamps), a number, a boolean
 *     or null
 * @param setter reads the column into a builder
 * @param <V> the values that are written
 * @param <B> the builder of the values that are read
 */
public record Field<V, B>(
    String name,
    ColumnType type,
    boolean stamped,
    Function<V, @Nullable Object> getter,
    Setter<B> setter) {
  /**
   * Creates a column that is only written.
   *
   * @param getter returns the value to send, as in the record
   */
  public static <V> Field<V, Object> written(
      String name, ColumnType type, Function<V, @Nullable Object> getter) {
    return new Field<>(name, type, false, getter, (row, builder) -> {});
  }

  /** Reads a column of a row into a builder. */
  @FunctionalInterface
  interface Setter<B> {
    /** Reads the column. */
    void read(Row row, B builder) throws SQLException;
  }
}
