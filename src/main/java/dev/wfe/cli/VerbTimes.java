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
 * How long the verbs of a store take, seen from their caller. That of {@code processCommands}
 * includes the handlers. Thread-safe.
 */
final class VerbTimes {
  private static final int SIGNIFICANT_DIGITS = 3;

  private final Map<String, Histogram> microsOfVerb = new ConcurrentHashMap<>();

  /**
   * A verb's figures.
   *
   * @param calls how many calls, failed ones included
   */
  record Row(String verb, long calls, double p50Millis, double p99Millis) {}

  /** The same store, with every call of a verb measured. */
  PersistenceProvider measured(PersistenceProvider store) {
    return (PersistenceProvider)
        Proxy.newProxyInstance(
            VerbTimes.class.getClassLoader(),
            new Class<?>[] {PersistenceProvider.class},
            (proxy, verb, arguments) -> {
              long began = System.nanoTime();
              try {
                return verb.invoke(store, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause() == null ? e : e.getCause();
              } finally {
                record(verb.getName(), System.nanoTime() - began);
              }
            });
  }

  private void record(String verb, long nanos) {
    microsOfVerb
        .computeIfAbsent(verb, name -> new ConcurrentHistogram(SIGNIFICANT_DIGITS))
        .recordValue(TimeUnit.NANOSECONDS.toMicros(nanos));
  }

  long calls() {
    return microsOfVerb.values().stream().mapToLong(Histogram::getTotalCount).sum();
  }

  /** The most called first. */
  List<Row> rows() {
    return microsOfVerb.entrySet().stream()
        .map(entry -> row(entry.getKey(), entry.getValue()))
        .sorted(Comparator.comparingLong(Row::calls).reversed().thenComparing(Row::verb))
        .toList();
  }

  private static Row row(String verb, Histogram micros) {
    return new Row(
        verb,
        micros.getTotalCount(),
        micros.getValueAtPercentile(50) / 1_000.0,
        micros.getValueAtPercentile(99) / 1_000.0);
  }
}
