package dev.wfe.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The measurements of one alternative under one load with one number of threads.
 *
 * @param size the number of pointers in the tables
 * @param operation the operation's name
 * @param load the size of its input
 * @param threads the number of threads
 * @param implementation the implementation
 * @param callsPerSecond the samples, in the order of measurement
 * @param costs what the samples cost the server, if it is known
 * @param times how long the calls of each sample took, if the comparison is about that
 */
record Samples(
    int size,
    String operation,
    String load,
    int threads,
    Implementation implementation,
    List<Double> callsPerSecond,
    List<Cost> costs,
    List<CallTimes> times) {
  double median() {
    return median(callsPerSecond);
  }

  static double median(List<Double> values) {
    List<Double> sorted = new ArrayList<>(values);
    Collections.sort(sorted);
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }

  /**
   * Half the difference between the largest and the smallest sample, as a fraction of the median.
   */
  double spread() {
    return (Collections.max(callsPerSecond) - Collections.min(callsPerSecond)) / 2 / median();
  }

  boolean isBeside(Samples other) {
    return size == other.size
        && threads == other.threads
        && operation.equals(other.operation)
        && load.equals(other.load);
  }
}
