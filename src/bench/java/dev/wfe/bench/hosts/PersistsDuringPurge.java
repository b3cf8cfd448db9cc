package dev.wfe.bench.hosts;

import dev.wfe.bench.Experiment;
import dev.wfe.bench.Server;
import dev.wfe.bench.Templates;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.retention.Purge;
import dev.wfe.retention.Retention;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Times persists of several callers, without and during a purge of ended workflows. */
final class PersistsDuringPurge implements Experiment {
  private static final int CALLERS = 8;
  private static final int POINTERS = 3;
  private static final Duration WARM_UP = Duration.ofSeconds(10);
  private static final Duration QUIET = Duration.ofSeconds(15);
  private static final List<Duration> PAUSES = List.of(Duration.ofMillis(50), Duration.ZERO);

  /** Ended workflows that have a pointer each. */
  private static final String FILL =
      """
      insert into wfc.workflows
          (id, name, definition_id, version, status, data, create_time, complete_time)
        select 'e' || i, 'e' || i, 'ended', 1, 'Complete', jsonb_build_object('order', i),
          now() - interval '40 days', now() - interval '30 days' + i * interval '1 second'
        from generate_series(1, %1$s) i;
      insert into wfc.execution_pointers (id, workflow_id, step_id, active, status, step_name)
        select 'e' || i, 'e' || i, 0, false, 'Complete', 'work' from generate_series(1, %1$s) i;
      analyze;
      checkpoint
      """;

  private final Server server;
  private final List<Integer> sizes;
  private volatile boolean persisting;

  PersistsDuringPurge(Server server, List<Integer> sizes) {
    this.server = server;
    this.sizes = sizes;
  }

  @Override
  public String name() {
    return "persists-during-purge";
  }

  @Override
  public String run() throws Exception {
    StringBuilder table =
        new StringBuilder(
            """
            | ended workflows | meanwhile | seconds | persists/s | median, ms | p99, ms | p99, ratio |
            |--:|---|--:|--:|--:|--:|--:|
            """);
    for (int size : sizes) {
      String database = "wfe_bench_purge";
      String url = server.createDatabase(database);
      try (PostgresPersistenceProvider store = PostgresPersistenceProvider.connect(url);
          PostgresPersistenceProvider purging = PostgresPersistenceProvider.connect(url)) {
        store.ensureStoreExists();
        measure(store, () -> sleep(WARM_UP));
        for (Duration pause : PAUSES) {
          execute(url, FILL.formatted(size));
          Times quiet = measure(store, () -> sleep(QUIET));
          Times busy = measure(store, () -> purge(purging, pause));
          table.append(quiet.row(size, "nothing", quiet));
          table.append(busy.row(size, "purge, pause of %s ms".formatted(pause.toMillis()), quiet));
        }
      }
      server.dropDatabase(database);
    }
    return table.append("\n").toString();
  }

  private static Void sleep(Duration duration) throws InterruptedException {
    Thread.sleep(duration.toMillis());
    return null;
  }

  private static Void purge(PostgresPersistenceProvider store, Duration pause)
      throws InterruptedException, IOException {
    Retention retention = Retention.builder().complete(Duration.ofDays(1)).build();
    Purge.of(store, retention).pause(pause).build().run();
    return null;
  }

  private static void execute(String url, String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement()) {
      for (String one : sql.split(";", -1)) {
        statement.execute(one);
      }
    }
  }

  /** Times the persists that are made while the other work runs. */
  private Times measure(PostgresPersistenceProvider store, Callable<Void> meanwhile)
      throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(CALLERS);
    try {
      persisting = true;
      List<Future<List<Long>>> callers = new ArrayList<>();
      for (int i = 0; i < CALLERS; i++) {
        callers.add(threads.submit(() -> persist(store)));
      }
      long begin = System.nanoTime();
      meanwhile.call();
      double seconds = (System.nanoTime() - begin) / 1e9;
      persisting = false;
      List<Long> all = new ArrayList<>();
      for (Future<List<Long>> caller : callers) {
        all.addAll(caller.get());
      }
      return new Times(seconds, all.stream().sorted().toList());
    } finally {
      persisting = false;
      threads.shutdown();
    }
  }

  private List<Long> persist(PostgresPersistenceProvider store) {
    WorkflowInstance instance =
        store.create(Templates.renamed(Templates.withPointers(POINTERS), UUID.randomUUID()));
    List<Long> nanos = new ArrayList<>();
    for (int step = 0; persisting; step++) {
      WorkflowInstance next = Templates.stepped(instance, step);
      long begin = System.nanoTime();
      instance = store.persistWorkflow(next);
      nanos.add(System.nanoTime() - begin);
    }
    return nanos;
  }

  /**
   * How long persists took.
   *
   * @param sorted in nanoseconds
   */
  private record Times(double seconds, List<Long> sorted) {
    double millis(double quantile) {
      return sorted.get((int) (quantile * (sorted.size() - 1))) / 1e6;
    }

    String row(int size, String label, Times quiet) {
      return "| %,d | %s | %.0f | %,.0f | %.2f | %.2f | %.2f |%n"
          .formatted(
              size,
              label,
              seconds,
              sorted.size() / seconds,
              millis(0.5),
              millis(0.99),
              millis(0.99) / quiet.millis(0.99));
    }
  }
}
