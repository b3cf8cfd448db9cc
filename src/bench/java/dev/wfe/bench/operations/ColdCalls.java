package dev.wfe.bench.operations;

import dev.wfe.bench.Experiment;
import dev.wfe.bench.Implementation;
import dev.wfe.bench.Server;
import dev.wfe.postgres.PostgresPersistenceProvider;
import java.util.ArrayList;
import java.util.List;

/** The first persists of new processes: the library and the baseline take turns. */
public final class ColdCalls implements Experiment {
  private static final String DATABASE = "wfe_bench_cold";

  private final Server server;
  private final int rounds;

  /** Starts as many processes with each implementation as there are rounds. */
  public ColdCalls(Server server, int rounds) {
    this.server = server;
    this.rounds = rounds;
  }

  @Override
  public String name() {
    return "cold-calls";
  }

  @Override
  public String run() throws Exception {
    String url = server.createDatabase(DATABASE);
    try (PostgresPersistenceProvider provider = PostgresPersistenceProvider.connect(url)) {
      provider.ensureStoreExists();
    }
    List<List<Double>> byHand = new ArrayList<>();
    List<List<Double>> library = new ArrayList<>();
    for (int round = 0; round < rounds; round++) {
      byHand.add(ColdProcess.run(url, Implementation.BASELINE));
      library.add(ColdProcess.run(url, Implementation.LIBRARY));
    }
    server.dropDatabase(DATABASE);
    StringBuilder table =
        new StringBuilder(
            """
            | first calls of a new process | by hand, ms (range) | library, ms (range) \
            | speed of the library, by hand = 1 |
            |--:|--:|--:|--:|
            """);
    for (int at = 0; at < ColdProcess.CALLS.size(); at++) {
      List<Double> slow = sorted(library, at);
      List<Double> fast = sorted(byHand, at);
      table.append(
          "| %,d | %s | %s | %.2f |%n"
              .formatted(
                  ColdProcess.CALLS.get(at),
                  range(fast),
                  range(slow),
                  median(fast) / median(slow)));
    }
    return table.append("\n").toString();
  }

  private static List<Double> sorted(List<List<Double>> runs, int at) {
    return runs.stream().map(run -> run.get(at)).sorted().toList();
  }

  private static double median(List<Double> sorted) {
    return sorted.get(sorted.size() / 2);
  }

  private static String range(List<Double> sorted) {
    return "%,.1f (%,.1f–%,.1f)"
        .formatted(median(sorted), sorted.get(0), sorted.get(sorted.size() - 1));
  }
}
