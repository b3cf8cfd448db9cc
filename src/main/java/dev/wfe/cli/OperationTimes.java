package dev.wfe.cli;

import dev.wfe.persistence.PersistenceProvider;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * Measures how long the operations of a provider take for their caller. The time of {@code
 * inTransaction} includes what is done in the transaction. Thread-safe.
 */
final class OperationTimes {
  private static final int SIGNIFICANT_DIGITS = 3;

  private final Map<String, Histogram> microsOfOperation = new ConcurrentHashMap<>();

  /**
   * The figures of one operation.
   *
   * @param calls the number of calls, including failed ones
   */
  record Row(String operation, long calls, double p50Millis, double p99Millis) {}

  /** A provider that measures each call and passes it to the given provider. */
  PersistenceProvider measured(PersistenceProvider provider) {
    return (PersistenceProvider)
        Proxy.newProxyInstance(
            OperationTimes.class.getClassLoader(),
            new Class<?>[] {PersistenceProvider.class},
            (proxy, method, arguments) -> {
              long began = System.nanoTime();
              try {
                return method.invoke(provider, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause() == null ? e : e.getCause();
              } finally {
                record(method.getName(), System.nanoTime() - began);
              }
            });
  }

  private void record(String operation, long nanos) {
    microsOfOperation
        .computeIfAbsent(operation, name -> new ConcurrentHistogram(SIGNIFICANT_DIGITS))
        .recordValue(TimeUnit.NANOSECONDS.toMicros(nanos));
  }

  long calls() {
    return microsOfOperation.values().stream().mapToLong(Histogram::getTotalCount).sum();
  }

  /** The operation with the most calls first. */
  List<Row> rows() {
    return microsOfOperation.entrySet().stream()
        .map(entry -> row(entry.getKey(), entry.getValue()))
        .sorted(Comparator.comparingLong(Row::calls).reversed().thenComparing(Row::operation))
        .toList();
  }

  private static Row row(String operation, Histogram micros) {
    return new Row(
        operation,
        micros.getTotalCount(),
        micros.getValueAtPercentile(50) / 1_000.0,
        micros.getValueAtPercentile(99) / 1_000.0);
  }
}
