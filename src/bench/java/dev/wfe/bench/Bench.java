package dev.wfe.bench;

import dev.wfe.bench.operations.Operations;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;

/** Measures the selected operations and writes the results. */
public final class Bench {
  private static final Path FOLDER = Path.of("target", "bench");

  private Bench() {}

  /** Takes no arguments; see {@link Settings}. */
  public static void main(String[] arguments) throws Exception {
    silence();
    Settings settings = Settings.ofSystem();
    List<Samples> measured = new ArrayList<>();
    try (Server server = Server.start(settings.url())) {
      for (int size : settings.sizes()) {
        measured.addAll(measure(settings, server, size));
      }
    }
    Report.write(FOLDER, measured);
  }

  /** Log lines of the libraries would hide the progress bar. */
  private static void silence() {
    System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "warn");
    Logger.getLogger("").setLevel(Level.WARNING);
  }

  private static List<Samples> measure(Settings settings, Server server, int size)
      throws Exception {
    String database = "wfe_bench_" + size;
    List<Samples> measured = new ArrayList<>();
    System.out.printf("Filling tables of %,d pointers%n", size);
    try (World world = World.create(server.createDatabase(database), size)) {
      List<Comparison> comparisons =
          Operations.all(world).stream().filter(settings::selects).toList();
      int steps =
          comparisons.stream().mapToInt(comparison -> Rounds.steps(settings, comparison)).sum();
      try (ProgressBar progress =
          new ProgressBarBuilder().setTaskName("Measuring").setInitialMax(steps).build()) {
        Rounds rounds = new Rounds(settings, progress);
        for (Comparison comparison : comparisons) {
          measured.addAll(rounds.measure(size, comparison));
        }
      }
    }
    server.dropDatabase(database);
    return measured;
  }
}
