package dev.wfe.bench.hosts;

import dev.wfe.bench.Experiment;
import dev.wfe.bench.Server;
import dev.wfe.host.Start;
import dev.wfe.host.StartOptions;
import dev.wfe.host.Workflow;
import dev.wfe.host.WorkflowClient;
import dev.wfe.host.WorkflowHost;
import dev.wfe.persistence.ItemResult;
import dev.wfe.postgres.PostgresPersistenceProvider;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/**
 * Offers a host a constant number of workflows per second, first without, and then with a
 * transaction that keeps an old snapshot. So PostgreSQL cannot remove the versions of rows that
 * were replaced since then.
 */
final class HeldSnapshot implements Experiment {
  private static final int CONNECTIONS = 16;
  private static final int WORKERS = 32;
  private static final int PER_SECOND = 1_000;
  private static final int MAX_BATCH = 500;
  private static final long PAUSE_MILLIS = 10;

  /** A row of the table for each. */
  private static final int ROWS = 10;

  private final Server server;
  private final Duration time;

  HeldSnapshot(Server server, Duration time) {
    this.server = server;
    this.time = time;
  }

  @Override
  public String name() {
    return "held-snapshot";
  }

  @Override
  public String run() throws Exception {
    Duration row = time.dividedBy(ROWS);
    StringBuilder table =
        new StringBuilder(
            """
            | snapshot | seconds | offered/s | executed/s | not executed | oldest, s | claims/s \
            | workflows per claim | pages per claim | ms per claim |
            |---|--:|--:|--:|--:|--:|--:|--:|--:|--:|
            """);
    try (CountedStore store = CountedStore.create(server);
        Load load = new Load(store)) {
      load.start();
      table.append(load.row("warming up", row));
      table.append(load.row("none", row));
      table.append(load.row("none", row));
      try (Connection reader = DriverManager.getConnection(store.url())) {
        reader.setAutoCommit(false);
        reader.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
        try (Statement statement = reader.createStatement();
            ResultSet any = statement.executeQuery("select count(*) from wfc.workflows")) {
          any.next();
        }
        load.beginTime();
        for (int i = 0; i < ROWS; i++) {
          table.append(load.row("held", row));
        }
        reader.rollback();
      }
      table.append(load.row("ended", row));
    }
    return table.append("\n").toString();
  }

  /** A host, and a thread that starts workflows through a provider of its own. */
  private static final class Load implements AutoCloseable {
    private final CountedStore store;
    private final PostgresPersistenceProvider hostProvider;
    private final PostgresPersistenceProvider startProvider;
    private final WorkflowClient client;
    private final Workflow<Reaction> workflow =
        Workflow.define("offered", 1, Reaction.class).run("step", this::executed).build();
    private final WorkflowHost host;
    private final Thread starter = new Thread(this::offer, "offers");

    /** When the workflows became due that were not executed, by their numbers. */
    private final ConcurrentSkipListMap<Integer, Long> open = new ConcurrentSkipListMap<>();

    private volatile int offered;
    private volatile boolean closed;
    private long beginNanos = System.nanoTime();

    Load(CountedStore store) {
      this.store = store;
      hostProvider = store.connect(CONNECTIONS);
      startProvider = store.connect(2);
      client = WorkflowClient.over(startProvider);
      host = WorkflowHost.builder(hostProvider).workflow(workflow).workers(WORKERS).build();
    }

    void start() {
      host.start();
      starter.start();
    }

    void beginTime() {
      beginNanos = System.nanoTime();
    }

    private void executed(Reaction reaction) {
      open.remove(Integer.parseInt(reaction.id()));
    }

    private void offer() {
      long begin = System.nanoTime();
      try {
        while (!closed) {
          long owed = (System.nanoTime() - begin) * PER_SECOND / TimeUnit.SECONDS.toNanos(1);
          int end = (int) Math.min(owed, offered + MAX_BATCH);
          if (end > offered) {
            List<Start<Reaction>> starts =
                IntStream.range(offered, end)
                    .mapToObj(number -> start(Integer.toString(number)))
                    .toList();
            long now = System.nanoTime();
            IntStream.range(offered, end).forEach(number -> open.put(number, now));
            client.startWorkflows(workflow, starts).forEach(ItemResult::orThrow);
            offered = end;
          }
          Thread.sleep(PAUSE_MILLIS);
        }
      } catch (InterruptedException closing) {
        Thread.currentThread().interrupt();
      }
    }

    /** With a random id, as workflows have by default. */
    private static Start<Reaction> start(String number) {
      return new Start<>(new Reaction(number), StartOptions.none());
    }

    /** Waits, and tells what happened meanwhile. */
    String row(String label, Duration duration) throws InterruptedException, SQLException {
      int offeredBefore = offered;
      int openBefore = open.size();
      CountedStore.Claims before = store.claims();
      Thread.sleep(duration.toMillis());
      int offeredNow = offered - offeredBefore;
      int openNow = open.size();
      int executed = offeredNow + openBefore - openNow;
      CountedStore.Claims claims = store.claims().since(before);
      double seconds = duration.toMillis() / 1e3;
      return "| %s | %.0f | %.0f | %.0f | %,d | %.1f | %.0f | %.1f | %,.0f | %.1f |%n"
          .formatted(
              label,
              (System.nanoTime() - beginNanos) / 1e9,
              offeredNow / seconds,
              executed / seconds,
              openNow,
              oldestSeconds(),
              claims.count() / seconds,
              (double) executed / claims.count(),
              (double) claims.pages() / claims.count(),
              claims.millis() / claims.count());
    }

    private double oldestSeconds() {
      return Optional.ofNullable(open.firstEntry())
          .map(oldest -> (System.nanoTime() - oldest.getValue()) / 1e9)
          .orElse(0.0);
    }

    @Override
    public void close() {
      closed = true;
      try {
        starter.join();
      } catch (InterruptedException interrupt) {
        Thread.currentThread().interrupt();
      }
      host.close();
      startProvider.close();
      hostProvider.close();
    }
  }
}
