package dev.wfe.postgres.internal.mapping;

import java.sql.SQLException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A column of a table, and what it is of a value. Thread-safe.
 *
 * @param name of the column
 * @param type of the column
 * @param stamped whether the database stamps an absent value: a new row gets the database's time, a
 *     stored row keeps what it has
 * @param getter gives what is sent: text (also for JSON and times), a number, a boolean, or null
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
  /** Reads a column of a row into a builder. */
  @FunctionalInterface
  interface Setter<B> {
    /** Reads it. */
    void read(Row row, B builder) throws SQLException;
  }
}
