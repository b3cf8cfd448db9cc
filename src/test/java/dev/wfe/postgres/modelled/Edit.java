package dev.wfe.postgres.modelled;

import java.util.List;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import net.jqwik.api.Arbitrary;

/** A change to a value or a builder; its text is how failures print it. */
public record Edit<T>(String text, UnaryOperator<T> change) {
  /** Sets a field to one of the values. */
  static <B, V> Arbitrary<Edit<B>> of(
      String field, Arbitrary<V> values, BiFunction<B, V, B> setter) {
    return values.map(
        value ->
            new Edit<>(field + "=" + Described.of(value), builder -> setter.apply(builder, value)));
  }

  /** The value after all the changes. */
  static <T> T all(T start, List<Edit<T>> edits) {
    T value = start;
    for (Edit<T> edit : edits) {
      value = edit.change.apply(value);
    }
    return value;
  }

  @Override
  public String toString() {
    return text;
  }
}
