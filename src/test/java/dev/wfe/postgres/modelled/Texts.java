package dev.wfe.postgres.modelled;

import dev.wfe.persistence.ValueLimits;
import java.util.List;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Tuple;

/**
 * Few texts, so that they collide: plain ones, hostile but legal ones, and some that no store
 * accepts. The digit at the start of each decides their order in any collation.
 */
final class Texts {
  private Texts() {}

  private static List<String> plain(String prefix) {
    return List.of(prefix + "1", prefix + "2", prefix + "3");
  }

  private static List<String> hostile(String prefix) {
    return List.of(
        prefix + "4'; drop table wfc.workflows; --",
        prefix + "5 \n\t\"\\%_{id}:name ? $1 null",
        prefix + "6 \uD83D\uDE00\u00e9\uFFFD\u2028",
        prefix + "7" + "x".repeat(ValueLimits.MAX_KEY_BYTES - prefix.length() - 1));
  }

  private static List<String> illegal(String prefix) {
    return List.of(
        prefix + "8\0",
        prefix + "8\uD800",
        prefix + "8" + "\u00e9".repeat(ValueLimits.MAX_KEY_BYTES / 2));
  }

  /** All that a store takes as a key. */
  static List<String> legal(String prefix) {
    return Stream.concat(plain(prefix).stream(), hostile(prefix).stream()).toList();
  }

  /** Keys that begin so, most of them plain. */
  static Arbitrary<String> keys(String prefix) {
    return Arbitraries.frequencyOf(
        Tuple.of(100, Arbitraries.just(prefix + "1")),
        Tuple.of(60, Arbitraries.of(plain(prefix))),
        Tuple.of(16, Arbitraries.of(hostile(prefix))),
        Tuple.of(1, Arbitraries.of(illegal(prefix))));
  }

  /** As {@link #keys}, or empty. */
  static Arbitrary<String> keysOrEmpty(String prefix) {
    return Arbitraries.frequencyOf(Tuple.of(8, keys(prefix)), Tuple.of(1, Arbitraries.just("")));
  }

  /** Text of any length. */
  static Arbitrary<String> free() {
    return Arbitraries.frequencyOf(
        Tuple.of(5, keysOrEmpty("text")), Tuple.of(1, Arbitraries.just("long ".repeat(1_000))));
  }
}
