package dev.wfe.bench;

import dev.wfe.bench.hosts.Hosts;
import dev.wfe.bench.operations.ColdCalls;
import dev.wfe.bench.operations.Operations;
import dev.wfe.bench.peers.Peers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;
import java.util.logging.Level;
import java.util.logging.Logger;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import org.openjdk.jmh.runner.RunnerException;

/** Measures the selected operations and writes the results. */
public final class Bench {
  private static final Path FOLDER = Path.of("target", "bench");

  private Bench() {}

  /** Takes no arguments; see {@link Settings}. */
  public static void main(String[] arguments) throws Exception {
    silence();
    Settings settings = Settings.ofSystem();
    List<Samples> operations = new ArrayList<>();
    List<Samples> peers;
    StringBuilder experiments = new StringBuilder();
    try (Server server = Server.start(settings.url())) {
      for (int size : settings.sizes()) {
        operations.addAll(measure(settings, server, size));
      }
      int executions = settings.executions();
      peers =
          measure(settings, Comparison::executions, Peers.all(server, executions, settings.due()));
      List<Experiment> all = new ArrayList<>();
      all.add(new ColdCalls(server, settings.rounds()));
      all.addAll(
          Hosts.all(
              server, settings.wakeUps(), settings.idle(), settings.snapshot(), settings.sizes()));
      for (Experiment experiment : all) {
        if (settings.selects(experiment.name())) {
          System.out.println("Measuring " + experiment.name());
          experiments.append(experiment.run());
        }
      }
    }
    Report.write(FOLDER, operations, peers, experiments.toString());
  }

  /** Log lines of the libraries would hide the progress bar. */
  private static void silence() {
    System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "warn");
    Logger.getLogger("").setLevel(Level.WARNING);
  }

  private static List<Samples> measure(Settings settings, Server server, int size)
      throws Exception {
    String database = "wfe_bench_" + size;
    List<Samples> measured;
    System.out.printf("Filling tables of %,d pointers%n", size);
    try (World world = World.create(server.createDatabase(database), size)) {
      measured = measure(settings, comparison -> size, Operations.all(world));
    }
    server.dropDatabase(database);
    return measured;
  }

  private static List<Samples> measure(
      Settings settings, ToIntFunction<Comparison> size, List<Comparison> all)
      throws RunnerException {
    List<Comparison> selected =
        all.stream().filter(one -> settings.selects(one.operation())).toList();
    int steps = selected.stream().mapToInt(comparison -> Rounds.steps(settings, comparison)).sum();
    List<Samples> measured = new ArrayList<>();
    try (ProgressBar progress =
        new ProgressBarBuilder().setTaskName("Measuring").setInitialMax(steps).build()) {
      Rounds rounds = new Rounds(settings, progress);
      for (Comparison comparison : selected) {
        measured.addAll(rounds.measure(size.applyAsInt(comparison), comparison));
      }
    }
    return measured;
  }
}
