package dev.wfe.postgres.modelled;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Tuple;
import org.jspecify.annotations.Nullable;

/**
 * An id to ask for: a text, or one that the store assigned.
 *
 * @param text the text; null for an assigned one
 * @param back which of the assigned ones, counted from the last
 */
public record Id(@Nullable String text, int back) {
  static Arbitrary<Id> any(String prefix) {
    Arbitrary<Id> given = Texts.keys(prefix).map(text -> new Id(text, 0));
    Arbitrary<Id> assigned = Arbitraries.integers().between(0, 3).map(back -> new Id(null, back));
    return Arbitraries.frequencyOf(Tuple.of(8, given), Tuple.of(1, assigned));
  }

  String in(CallContext context) {
    return text == null ? context.assigned(back) : text;
  }

  @Override
  public String toString() {
    return text == null ? "assigned id, %s back".formatted(back) : Described.of(text);
  }
}
