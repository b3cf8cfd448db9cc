package dev.wfe.bench;

import java.util.List;

/**
 * Several implementations of one operation under one load.
 *
 * @param operation the name by which {@code -Dbench} selects it
 * @param load the size of its input, such as {@code n=10}
 * @param pace whether calls are counted or a single call is timed
 * @param threads the numbers of threads with which it is measured
 * @param executions how many executions one call of all threads makes together
 * @param alternatives the implementations
 */
public record Comparison(
    String operation,
    String load,
    Pace pace,
    List<Integer> threads,
    int executions,
    List<Alternative> alternatives) {
  /** One caller, as many as connections, and more. */
  public static final List<Integer> MANY_CALLERS = List.of(1, 8, 32, 128);

  /** How a sample is taken. */
  public enum Pace {
    /** Calls per second over a period. */
    CALLS_PER_SECOND,
    /** The time of one call in each thread. */
    SINGLE_CALL,
    /** Calls per second over a period, and how long the single calls took. */
    CALL_TIMES
  }

  /** Calls per second, with 1 and with 8 threads. */
  public static Comparison of(String operation, String load, Alternative... alternatives) {
    return of(operation, load, List.of(1, 8), alternatives);
  }

  /** Calls per second, with the given numbers of threads. */
  public static Comparison of(
      String operation, String load, List<Integer> threads, Alternative... alternatives) {
    return new Comparison(
        operation, load, Pace.CALLS_PER_SECOND, threads, 1, List.of(alternatives));
  }
}
