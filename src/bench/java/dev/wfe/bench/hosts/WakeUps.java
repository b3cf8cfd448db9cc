package dev.wfe.bench.hosts;

import dev.wfe.bench.Experiment;
import dev.wfe.bench.Server;
import dev.wfe.host.StartOptions;
import dev.wfe.host.WorkflowHost;
import dev.wfe.model.PointerStatus;
import dev.wfe.postgres.PostgresPersistenceProvider;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/** How soon an idle host executes a step after this or another process has made it due. */
final class WakeUps implements Experiment {
  private static final int CONNECTIONS = 4;
  private static final int COLD = 30;
  private static final int WARM_UP = 500;
  private static final int SHORTEST_PAUSE_MILLIS = 250;
  private static final int LONGEST_PAUSE_MILLIS = 450;
  private static final long PATIENCE_SECONDS = 30;

  private final Server server;
  private final int count;
  private final Random random = new Random(1);

  WakeUps(Server server, int count) {
    this.server = server;
    this.count = count;
  }

  /** What makes a step due, and where. */
  private enum Kind {
    OTHER_STARTS("a start in another process"),
    OTHER_PUBLISHES("an event that another process publishes"),
    OWN_STARTS("a start in the host's process"),
    OWN_PUBLISHES("an event that the host's process publishes");

    private final String label;

    Kind(String label) {
      this.label = label;
    }

    boolean isInOtherProcess() {
      return this == OTHER_STARTS || this == OTHER_PUBLISHES;
    }

    boolean isEvent() {
      return this == OTHER_PUBLISHES || this == OWN_PUBLISHES;
    }
  }

  @Override
  public String name() {
    return "wake-ups";
  }

  @Override
  public String run() throws Exception {
    Map<Kind, List<Double>> cold;
    Map<Kind, List<Double>> warm;
    try (CountedStore store = CountedStore.create(server);
        PostgresPersistenceProvider provider = store.connect(CONNECTIONS);
        WorkflowHost host =
            WorkflowHost.builder(provider)
                .workflow(Reaction.STARTED)
                .workflow(Reaction.WAITING)
                .build();
        Actor other = OtherProcess.begin(store.url());
        Actor own = new OtherProcess.Client(host)) {
      host.start();
      Turns turns = new Turns(host, provider, other, own);
      cold = turns.times(COLD, true);
      turns.times(WARM_UP, false);
      store.vacuum();
      warm = turns.times(count, true);
    }
    StringBuilder table =
        new StringBuilder(
            """
            | the step is due because of | wake-ups | median, ms | p99, ms | longest, ms \
            | median of the first %d |
            |---|--:|--:|--:|--:|--:|
            """
                .formatted(COLD));
    for (Kind kind : Kind.values()) {
      List<Double> times = sorted(warm, kind);
      table.append(
          "| %s | %d | %.1f | %.1f | %.1f | %.1f |%n"
              .formatted(
                  kind.label,
                  times.size(),
                  percentile(times, 50),
                  percentile(times, 99),
                  percentile(times, 100),
                  percentile(sorted(cold, kind), 50)));
    }
    return table.append("\n").toString();
  }

  private static List<Double> sorted(Map<Kind, List<Double>> times, Kind kind) {
    return times.getOrDefault(kind, List.of()).stream().sorted().toList();
  }

  private static double percentile(List<Double> sorted, int percent) {
    return sorted.get((sorted.size() * percent - 1) / 100);
  }

  /** The kinds take turns, in another order each time. */
  private final class Turns {
    private final WorkflowHost host;
    private final PostgresPersistenceProvider provider;
    private final Actor other;
    private final Actor own;

    Turns(WorkflowHost host, PostgresPersistenceProvider provider, Actor other, Actor own) {
      this.host = host;
      this.provider = provider;
      this.other = other;
      this.own = own;
    }

    /**
     * Makes so many wake-ups of each kind.
     *
     * @param idle whether the host is idle for a while before each
     */
    Map<Kind, List<Double>> times(int each, boolean idle) throws Exception {
      Map<Kind, List<Double>> millis = new EnumMap<>(Kind.class);
      for (int i = 0; i < each; i++) {
        List<Kind> turn = new ArrayList<>(Arrays.asList(Kind.values()));
        Collections.shuffle(turn, random);
        for (Kind kind : turn) {
          millis.computeIfAbsent(kind, key -> new ArrayList<>()).add(time(kind, idle));
        }
      }
      return millis;
    }

    /** The milliseconds from the return of the call to the begin of the step. */
    private double time(Kind kind, boolean idle) throws Exception {
      Actor actor = kind.isInOtherProcess() ? other : own;
      String id = UUID.randomUUID().toString();
      if (kind.isEvent()) {
        host.startWorkflow(Reaction.WAITING, new Reaction(id), StartOptions.id(id));
        awaitWaiting(id);
      }
      if (idle) {
        Thread.sleep(random.nextInt(SHORTEST_PAUSE_MILLIS, LONGEST_PAUSE_MILLIS));
      }
      long returned = kind.isEvent() ? actor.publish(id) : actor.start(id);
      Long begun = Reaction.BEGUN.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
      if (begun == null) {
        throw new IllegalStateException("No step was executed after " + kind.label);
      }
      return (begun - returned) / 1e6;
    }

    private void awaitWaiting(String id) throws InterruptedException {
      while (provider.getLiveWorkflow(id).pointers().stream()
          .noneMatch(pointer -> pointer.status() == PointerStatus.WAITING_FOR_EVENT)) {
        Thread.sleep(1);
      }
    }
  }
}
