package dev.wfe.cli;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A column of rows.
 *
 * @param name the header; JSON has it as the name of the member
 * @param value returns a text, number, boolean, instant or JSON of a row, or null
 */
record Column<T>(String name, Function<T, @Nullable Object> value) {
  static <T> Column<T> of(String name, Function<T, @Nullable Object> value) {
    return new Column<>(name, value);
  }
}
