package dev.wfe.histories;

import dev.wfe.histories.checkers.Checker;
import dev.wfe.histories.checkers.CommandChecker;
import dev.wfe.histories.checkers.ErrorChecker;
import dev.wfe.histories.checkers.EventChecker;
import dev.wfe.histories.checkers.FailureChecker;
import dev.wfe.histories.checkers.InstanceChecker;
import dev.wfe.histories.checkers.ProcessedChecker;
import dev.wfe.histories.checkers.SequenceChecker;
import dev.wfe.histories.checkers.TokenChecker;
import dev.wfe.histories.checkers.Violation;
import dev.wfe.histories.workload.Drain;
import dev.wfe.histories.workload.Workers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Runs workers on a store while faults are injected, and checks the history that they recorded. A
 * long run is many rounds, each on an empty store.
 *
 * <p>{@code -Dwfe.test.histories.seconds=} sets how long, {@code -Dwfe.test.histories.seed=} with
 * what choices: what is called in which order by each thread and when faults are injected, though
 * not how the threads interleave.
 */
public final class TestRunner {
  private static final int SECONDS =
      Integer.getInteger("wfe.test.histories.minutes", 0) > 0
          ? 60 * Integer.getInteger("wfe.test.histories.minutes")
          : Integer.getInteger("wfe.test.histories.seconds", 3);

  private static final int MAX_ROUND_SECONDS = 60;

  /** Longer than any claim of a dead worker. Short runs list what is left instead of waiting. */
  private static final Duration PATIENCE_OF_LONG_RUNS = Duration.ofSeconds(45);

  private static final Path FOLDER = Path.of("target", "histories");
  private static final int SHOWN = 10;
  private static final int MAX_ROUNDS_MORE = 10;

  private final String name;
  private final TestRun testRun;
  private final long seed;
  private final Summary summary;

  private TestRunner(String name, TestRun testRun, long seed) {
    this.name = name;
    this.testRun = testRun;
    this.seed = seed;
    this.summary = new Summary(name, seed, SECONDS);
  }

  /**
   * Runs on the testRun, and closes it.
   *
   * @param name of the run, and of the file of its counts in {@code target/histories}
   * @throws AssertionError with the seed, when a promise was not kept, or the run was too weak to
   *     prove anything; what was recorded stays in the folder that it names
   * @throws Exception when the run itself failed
   */
  public static void check(String name, TestRun testRun) throws Exception {
    long seed = Long.getLong("wfe.test.histories.seed", new Random().nextInt(Integer.MAX_VALUE));
    try (testRun) {
      new TestRunner(name, testRun, seed).run();
    } catch (Exception failure) {
      throw new IllegalStateException("The run failed; -Dwfe.test.histories.seed=" + seed, failure);
    }
  }

  private void run() throws Exception {
    Path folder = FOLDER.resolve(name);
    List<Fault> faults = List.of();
    long left = SECONDS;
    for (int round = 1; left > 0 || isWeak(round, faults); round++, left -= MAX_ROUND_SECONDS) {
      Path ofRound = folder.resolve("round-" + round);
      delete(ofRound);
      Files.createDirectories(ofRound);
      faults = round(ofRound, seed + round, left > 0 ? Math.min(left, MAX_ROUND_SECONDS) : SECONDS);
      delete(ofRound);
    }
    delete(folder);
    List<String> missing = summary.missing(faults);
    if (!missing.isEmpty()) {
      throw new AssertionError(
          "Seed %s: too weak to prove anything, these did not happen: %s in %s"
              .formatted(seed, missing, summary));
    }
  }

  /** A slow machine gets some rounds more. */
  private boolean isWeak(int round, List<Fault> faults) {
    return round <= MAX_ROUNDS_MORE && !summary.missing(faults).isEmpty();
  }

  private List<Fault> round(Path folder, long seedOfRound, long seconds) throws Exception {
    testRun.empty();
    List<Fault> faults;
    Map<String, Integer> injections;
    try (Workers workers = testRun.start(folder, seedOfRound)) {
      faults = testRun.faults();
      Nemesis nemesis = new Nemesis(faults, new Random(seedOfRound), testRun.maxPauseMillis());
      try {
        LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(seconds));
      } finally {
        injections = nemesis.stop();
      }
      workers.stop();
    }
    Duration patience = SECONDS < MAX_ROUND_SECONDS ? Duration.ZERO : PATIENCE_OF_LONG_RUNS;
    Drain.run(testRun.afterwards(), folder, testRun, patience);
    check(folder, faults, injections);
    return faults;
  }

  private void check(Path folder, List<Fault> faults, Map<String, Integer> injections)
      throws IOException {
    History history = HistoryFiles.read(folder);
    List<Violation> violations = new ArrayList<>();
    for (Checker checker : checkers(!faults.isEmpty())) {
      violations.addAll(checker.check(history));
    }
    testRun
        .brokenInvariants()
        .forEach(problem -> violations.add(new Violation("Invariant", "store", problem)));
    summary.add(history, injections, violations.size());
    Files.createDirectories(FOLDER);
    summary.write(FOLDER.resolve(name + ".json"));
    System.out.println(summary);
    if (!violations.isEmpty()) {
      throw new AssertionError(
          "%s promises were not kept; -Dwfe.test.histories.seed=%s; the records are in %s:\n%s"
              .formatted(
                  violations.size(),
                  seed,
                  folder,
                  violations.stream()
                      .limit(SHOWN)
                      .map(Violation::toString)
                      .collect(Collectors.joining("\n"))));
    }
  }

  /** All there are. */
  static List<Checker> checkers(boolean faults) {
    return List.of(
        new FailureChecker(faults),
        new TokenChecker(),
        new SequenceChecker(),
        new InstanceChecker(),
        new CommandChecker(),
        new EventChecker(),
        new ProcessedChecker(),
        new ErrorChecker());
  }

  private static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
