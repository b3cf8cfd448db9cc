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
  private static final int WARM_UP = 30;
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
    Map<Kind, List<Double>> millis = new EnumMap<>(Kind.class);
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
      for (int i = -WARM_UP; i < count; i++) {
        List<Kind> turn = new ArrayList<>(Arrays.asList(Kind.values()));
        Collections.shuffle(turn, random);
        for (Kind kind : turn) {
          double time = time(kind, kind.isInOtherProcess() ? other : own, host, provider);
          if (i >= 0) {
            millis.computeIfAbsent(kind, key -> new ArrayList<>()).add(time);
          }
        }
      }
    }
    StringBuilder table =
        new StringBuilder(
            """
            | the step is due because of | wake-ups | median, ms | p99, ms | longest, ms |
            |---|--:|--:|--:|--:|
            """);
    millis.forEach(
        (kind, times) -> {
          Collections.sort(times);
          table.append(
              "| %s | %d | %.1f | %.1f | %.1f |%n"
                  .formatted(
                      kind.label,
                      times.size(),
                      percentile(times, 50),
                      percentile(times, 99),
                      times.get(times.size() - 1)));
        });
    return table.append("\n").toString();
  }

  private static double percentile(List<Double> sorted, int percent) {
    return sorted.get((sorted.size() * percent - 1) / 100);
  }

  /** The milliseconds from the return of the call to the begin of the step. */
  private double time(
      Kind kind, Actor actor, WorkflowHost host, PostgresPersistenceProvider provider)
      throws Exception {
    String id = UUID.randomUUID().toString();
    if (kind.isEvent()) {
      host.startWorkflow(Reaction.WAITING, new Reaction(id), StartOptions.id(id));
      awaitWaiting(provider, id);
    }
    Thread.sleep(random.nextInt(SHORTEST_PAUSE_MILLIS, LONGEST_PAUSE_MILLIS));
    long returned = kind.isEvent() ? actor.publish(id) : actor.start(id);
    Long begun = Reaction.BEGUN.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    if (begun == null) {
      throw new IllegalStateException("No step was executed after " + kind.label);
    }
    return (begun - returned) / 1e6;
  }

  private static void awaitWaiting(PostgresPersistenceProvider provider, String id)
      throws InterruptedException {
    while (provider.getLiveWorkflow(id).pointers().stream()
        .noneMatch(pointer -> pointer.status() == PointerStatus.WAITING_FOR_EVENT)) {
      Thread.sleep(5);
    }
  }
}
