package dev.wfe.bench;

import java.util.List;

/**
 * A operation under one load, done in several ways.
 *
 * @param operation what {@code -Dbench} selects by
 * @param load what it works on, such as {@code n=10}
 * @param pace whether calls are counted or one is timed
 * @param threads the numbers of threads it is measured with
 * @param alternatives the ways
 */
public record Comparison(
    String operation,
    String load,
    Pace pace,
    List<Integer> threads,
    List<Alternative> alternatives) {
  /** How a sample is taken. */
  public enum Pace {
    /** Calls per second, over a time. */
    CALLS_PER_SECOND,
    /** One call of each thread, timed. */
    SINGLE_CALL
  }

  /** Calls per second, with 1 and with 8 threads. */
  public static Comparison of(String operation, String load, Alternative... alternatives) {
    return of(operation, load, List.of(1, 8), alternatives);
  }

  /** Calls per second, with the numbers of threads. */
  public static Comparison of(
      String operation, String load, List<Integer> threads, Alternative... alternatives) {
    return new Comparison(operation, load, Pace.CALLS_PER_SECOND, threads, List.of(alternatives));
  }
}
