package dev.wfe.bench;

import dev.wfe.bench.Comparison.Pace;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import me.tongfei.progressbar.ProgressBar;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;
import org.openjdk.jmh.util.Statistics;

/**
 * Measures comparisons. The alternatives take turns, in another order in each round, so that a
 * temporary disturbance of the machine affects all of them.
 */
final class Rounds {
  private static final PrintStream NOWHERE =
      new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);

  private final Settings settings;
  private final ProgressBar progress;
  private final Random order = new Random(1);

  Rounds(Settings settings, ProgressBar progress) {
    this.settings = settings;
    this.progress = progress;
  }

  /** The number of steps of the progress bar for a comparison. */
  static int steps(Settings settings, Comparison comparison) {
    return comparison.threads().size() * comparison.alternatives().size() * (settings.rounds() + 1);
  }

  Collection<Samples> measure(int size, Comparison comparison) throws RunnerException {
    List<Samples> measured = new ArrayList<>();
    for (int threads : comparison.threads()) {
      Map<Implementation, List<Double>> samples = new EnumMap<>(Implementation.class);
      Map<Implementation, List<Cost>> costs = new EnumMap<>(Implementation.class);
      Map<Implementation, List<CallTimes>> times = new EnumMap<>(Implementation.class);
      for (Alternative alternative : comparison.alternatives()) {
        samples.put(alternative.implementation(), new ArrayList<>());
        warmUp(comparison, alternative, threads);
      }
      for (int round = 0; round < settings.rounds(); round++) {
        List<Alternative> turn = new ArrayList<>(comparison.alternatives());
        Collections.shuffle(turn, order);
        for (Alternative alternative : turn) {
          Implementation implementation = alternative.implementation();
          RunResult result = run(comparison, alternative, threads, 1, settings.sampleMillis());
          add(samples, implementation, rate(comparison, threads, result));
          alternative.cost().ifPresent(cost -> add(costs, implementation, cost));
          if (comparison.pace() == Pace.CALL_TIMES) {
            add(times, implementation, times(result));
          }
        }
      }
      samples.forEach(
          (implementation, rates) ->
              measured.add(
                  new Samples(
                      size,
                      comparison.operation(),
                      comparison.load(),
                      threads,
                      implementation,
                      rates,
                      costs.getOrDefault(implementation, List.of()),
                      times.getOrDefault(implementation, List.of()))));
    }
    return measured;
  }

  private void warmUp(Comparison comparison, Alternative alternative, int threads)
      throws RunnerException {
    int runs = comparison.pace() == Pace.SINGLE_CALL ? 1 : settings.warmUpSeconds();
    run(comparison, alternative, threads, runs, 1_000);
  }

  private static <T> void add(
      Map<Implementation, List<T>> all, Implementation implementation, T one) {
    all.computeIfAbsent(implementation, key -> new ArrayList<>()).add(one);
  }

  /** How often per second something was done. */
  private static double rate(Comparison comparison, int threads, RunResult result) {
    double score = result.getPrimaryResult().getScore();
    return switch (comparison.pace()) {
      case CALLS_PER_SECOND -> score;
      case SINGLE_CALL -> comparison.executions() / score;
      case CALL_TIMES -> threads / score;
    };
  }

  private static CallTimes times(RunResult result) {
    Statistics seconds = result.getPrimaryResult().getStatistics();
    return new CallTimes(1_000 * seconds.getPercentile(50), 1_000 * seconds.getPercentile(99));
  }

  private static Mode mode(Pace pace) {
    return switch (pace) {
      case CALLS_PER_SECOND -> Mode.Throughput;
      case SINGLE_CALL -> Mode.SingleShotTime;
      case CALL_TIMES -> Mode.SampleTime;
    };
  }

  private RunResult run(
      Comparison comparison, Alternative alternative, int threads, int samples, int millis)
      throws RunnerException {
    progress.setExtraMessage(
        " %s %s, %d threads, %s"
            .formatted(
                comparison.operation(), comparison.load(), threads, alternative.implementation()));
    Measured.select(alternative);
    Options options =
        new OptionsBuilder()
            .include(Measured.class.getName())
            .mode(mode(comparison.pace()))
            .forks(0)
            .threads(threads)
            .warmupIterations(0)
            .measurementIterations(samples)
            .measurementTime(TimeValue.milliseconds(millis))
            .shouldFailOnError(true)
            .build();
    RunResult result =
        new Runner(options, OutputFormatFactory.createFormatInstance(NOWHERE, VerboseMode.SILENT))
            .runSingle();
    progress.step();
    return result;
  }
}
