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
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Work for one engine. Each sample has a database of its own, so that no engine disturbs another
 * one, and none finds what it has left behind.
 */
final class Workload {
  /** How many executions one claim asks for. */
  static final int CLAIM = 50;

  private static final int BATCH = 1_000;
  private static final long TIME_LIMIT_MINUTES = 5;

  /** The work that a sample measures. */
  enum Kind {
    /** Executing what was started before. */
    EXECUTIONS,
    /** Claiming what was started before, without executing it. */
    CLAIMS,
    /** Starting, while nothing is executed. */
    STARTS,
    /** Starting and executing at the same time. */
    STARTS_AND_EXECUTIONS
  }

  private final Server server;
  private final Kind kind;
  private final int due;
  private final int count;
  private final String database;
  private final Engine.Opening opening;
  private @Nullable String template;
  private @Nullable Sample sample;

  /**
   * Creates a workload.
   *
   * @param due how many executions are due before
   * @param count how many executions a sample executes, claims or starts
   */
  Workload(
      Server server,
      Kind kind,
      int due,
      int count,
      Implementation implementation,
      Engine.Opening opening) {
    this.server = server;
    this.kind = kind;
    this.due = due;
    this.count = count;
    this.database = "wfe_bench_" + implementation.name().toLowerCase(Locale.ROOT);
    this.opening = opening;
  }

  /** The alternative of the engine; its threads share the work of a sample. */
  Alternative of(Implementation implementation) {
    return Alternative.of(implementation, thread -> () -> sample().work(thread))
        .preparedBy(this::open)
        .followedBy(this::close);
  }

  private Sample sample() {
    if (sample == null) {
      throw new IllegalStateException("Not prepared");
    }
    return sample;
  }

  private void open() throws Exception {
    if (template == null) {
      template = "%s_%s_%d".formatted(database, kind.name().toLowerCase(Locale.ROOT), due);
      fill(template);
    }
    sample = new Sample(server.createDatabase(database, template));
    sample.prepare();
  }

  /** Creates a database with the tables, and with what is due. Each sample gets a copy. */
  private void fill(String name) throws Exception {
    String url = server.createDatabase(name);
    try (Engine engine = opening.open(url, () -> {})) {
      for (int first = 0; first < due; first += BATCH) {
        int end = Math.min(first + BATCH, due);
        engine.startAll(IntStream.range(first, end).mapToObj(Order::of).toList());
      }
    }
    vacuum(url);
    server.awaitDisconnection(name);
  }

  /** Otherwise autovacuum runs later, during a measurement. */
  private static void vacuum(String url) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement()) {
      statement.execute("vacuum analyze");
    }
  }

  private Optional<Cost> close() throws Exception {
    Sample ended = sample();
    sample = null;
    ended.engine.close();
    server.awaitDisconnection(database);
    Cost cost = server.counters(database).since(ended.before, count);
    server.dropDatabase(database);
    ended.check();
    return Optional.of(cost);
  }

  /** One sample. Thread-safe. */
  private final class Sample {
    private final String url;
    private final AtomicInteger taken = new AtomicInteger();
    private final CountDownLatch notStarted = new CountDownLatch(count);
    private final CountDownLatch notExecuted = new CountDownLatch(count);
    private final CountDownLatch notStored = new CountDownLatch(1);
    private final Set<String> claimed = ConcurrentHashMap.newKeySet();
    private final Engine engine;
    private Server.Counters before = new Server.Counters(0, 0, 0);

    Sample(String url) throws Exception {
      this.url = url;
      this.engine = opening.open(url, notExecuted::countDown);
    }

    void prepare() throws Exception {
      if (kind == Kind.CLAIMS) {
        warmUp();
        vacuum(url);
      } else if (kind == Kind.STARTS_AND_EXECUTIONS) {
        engine.run();
      }
      before = server.counters(database);
    }

    /** Makes every connection prepare its statements. */
    private void warmUp() throws Exception {
      ExecutorService threads = Executors.newFixedThreadPool(Engine.CONNECTIONS);
      List<Future<?>> claims = new ArrayList<>();
      for (int i = 0; i < 8 * Engine.CONNECTIONS; i++) {
        claims.add(
            threads.submit(
                () -> {
                  claiming().claim(CLAIM).release().run();
                  return true;
                }));
      }
      for (Future<?> claim : claims) {
        claim.get();
      }
      threads.shutdown();
    }

    private Engine.Claiming claiming() {
      return (Engine.Claiming) engine;
    }

    int work(int thread) throws Exception {
      if (kind == Kind.EXECUTIONS) {
        engine.run();
      } else if (kind == Kind.CLAIMS) {
        while (taken.get() < count) {
          List<String> ids = claiming().claim(CLAIM).ids();
          taken.addAndGet(ids.size());
          claimed.addAll(ids);
        }
      } else {
        for (int i = taken.getAndIncrement(); i < count; i = taken.getAndIncrement()) {
          engine.start(Order.of(i));
          notStarted.countDown();
        }
        await(notStarted);
      }
      if (kind == Kind.EXECUTIONS || kind == Kind.STARTS_AND_EXECUTIONS) {
        await(notExecuted);
        if (thread == 0) {
          awaitStored();
          notStored.countDown();
        }
        await(notStored);
      }
      return count;
    }

    private void await(CountDownLatch latch) throws InterruptedException {
      if (!latch.await(TIME_LIMIT_MINUTES, TimeUnit.MINUTES)) {
        throw new IllegalStateException(
            "%s: %,d are missing".formatted(database, latch.getCount()));
      }
    }

    /** The last step is executed; waits until this is stored, too. */
    private void awaitStored() throws SQLException, InterruptedException {
      try (Connection connection = DriverManager.getConnection(url);
          Statement statement = connection.createStatement()) {
        long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(TIME_LIMIT_MINUTES);
        while (System.nanoTime() - end < 0) {
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

    /** Nothing may be claimed twice. */
    void check() {
      if (kind == Kind.CLAIMS && claimed.size() != taken.get()) {
        throw new IllegalStateException(
            "%s: %,d of %,d were claimed twice"
                .formatted(database, taken.get() - claimed.size(), taken.get()));
      }
    }
  }
}
