package dev.wfe.bench.peers;

import dev.wfe.bench.Alternative;
import dev.wfe.bench.Cost;
import dev.wfe.bench.Implementation;
import dev.wfe.bench.Server;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A number of executions by one engine. Each sample has a database of its own, so that no engine
 * disturbs another one, and none finds what it has left behind.
 */
final class Workload {
  private static final int BATCH = 1_000;
  private static final long TIME_LIMIT_MINUTES = 5;

  /** What is measured. */
  enum Kind {
    /** Executing what was started before. */
    DUE,
    /** Starting, while nothing is executed. */
    STARTS,
    /** Starting and executing at the same time. */
    STARTS_AND_EXECUTIONS
  }

  private final Server server;
  private final Kind kind;
  private final int executions;
  private final String database;
  private final Engine.Opening opening;
  private @Nullable Sample sample;

  private Workload(
      Server server, Kind kind, int executions, String database, Engine.Opening opening) {
    this.server = server;
    this.kind = kind;
    this.executions = executions;
    this.database = database;
    this.opening = opening;
  }

  /** The alternative of an engine. Its threads start executions together, if the kind says so. */
  static Alternative of(
      Server server,
      Kind kind,
      int executions,
      Implementation implementation,
      Engine.Opening opening) {
    Workload workload =
        new Workload(
            server,
            kind,
            executions,
            "wfe_bench_" + implementation.name().toLowerCase(Locale.ROOT),
            opening);
    return Alternative.of(implementation, thread -> () -> workload.sample().work(thread))
        .preparedBy(workload::open)
        .followedBy(workload::close);
  }

  private Sample sample() {
    if (sample == null) {
      throw new IllegalStateException("Not prepared");
    }
    return sample;
  }

  private void open() throws Exception {
    sample = new Sample(server.createDatabase(database));
    sample.prepare();
  }

  private Optional<Cost> close() throws Exception {
    Sample ended = sample();
    sample = null;
    ended.engine.close();
    server.awaitDisconnection(database);
    Cost cost = server.counters(database).since(ended.before, executions);
    server.dropDatabase(database);
    return Optional.of(cost);
  }

  /** One sample. Thread-safe. */
  private final class Sample {
    private final String url;
    private final AtomicInteger started = new AtomicInteger();
    private final CountDownLatch notStarted = new CountDownLatch(executions);
    private final CountDownLatch notExecuted = new CountDownLatch(executions);
    private final CountDownLatch notStored = new CountDownLatch(1);
    private final Engine engine;
    private Server.Counters before = new Server.Counters(0, 0, 0);

    Sample(String url) throws Exception {
      this.url = url;
      this.engine = opening.open(url, notExecuted::countDown);
    }

    void prepare() throws Exception {
      if (kind == Kind.DUE) {
        for (int first = 0; first < executions; first += BATCH) {
          int end = Math.min(first + BATCH, executions);
          List<Order> orders = IntStream.range(first, end).mapToObj(Order::of).toList();
          engine.startAll(orders);
        }
        // Otherwise autovacuum runs later, during the measurement.
        try (Connection connection = DriverManager.getConnection(url);
            Statement statement = connection.createStatement()) {
          statement.execute("vacuum analyze");
        }
      } else if (kind == Kind.STARTS_AND_EXECUTIONS) {
        engine.run();
      }
      before = server.counters(database);
    }

    int work(int thread) throws Exception {
      if (kind == Kind.DUE) {
        engine.run();
      } else {
        for (int i = started.getAndIncrement(); i < executions; i = started.getAndIncrement()) {
          engine.start(Order.of(i));
          notStarted.countDown();
        }
        await(notStarted);
      }
      if (kind != Kind.STARTS) {
        await(notExecuted);
        if (thread == 0) {
          awaitStored();
          notStored.countDown();
        }
        await(notStored);
      }
      return executions;
    }

    private void await(CountDownLatch latch) throws InterruptedException {
      if (!latch.await(TIME_LIMIT_MINUTES, TimeUnit.MINUTES)) {
        throw new IllegalStateException("%s: %,d are missing".formatted(database, latch.getCount()));
      }
    }

    /** The last step is executed; waits until this is stored, too. */
    private void awaitStored() throws SQLException, InterruptedException {
      try (Connection connection = DriverManager.getConnection(url);
          Statement statement = connection.createStatement()) {
        for (long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
            System.nanoTime() - end < 0; ) {
          try (ResultSet row = statement.executeQuery(engine.unfinished())) {
            row.next();
            if (!row.getBoolean(1)) {
              return;
            }
          }
          Thread.sleep(1);
        }
        throw new IllegalStateException(database + ": an execution is not stored as ended");
      }
    }
  }
}
