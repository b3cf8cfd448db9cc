package dev.wfe.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The measurements of one alternative under one load with one number of threads.
 *
 * @param size pointers in the tables
 * @param operation the operation
 * @param load what it worked on
 * @param threads how many threads
 * @param way the way
 * @param callsPerSecond the samples, as they came
 */
record Samples(
    int size,
    String operation,
    String load,
    int threads,
    Implementation way,
    List<Double> callsPerSecond) {
  double median() {
    List<Double> sorted = new ArrayList<>(callsPerSecond);
    Collections.sort(sorted);
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }

  /** Half the distance from the least to the greatest, in parts of the median. */
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
