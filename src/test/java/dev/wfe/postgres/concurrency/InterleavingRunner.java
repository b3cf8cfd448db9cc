package dev.wfe.postgres.concurrency;

import dev.wfe.memory.InMemoryPersistenceProvider;
import dev.wfe.memory.MemoryOperator;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.modelled.Call;
import dev.wfe.postgres.modelled.CallContext;
import dev.wfe.postgres.modelled.Described;
import dev.wfe.postgres.modelled.FinalState;
import dev.wfe.postgres.modelled.NormalForm;
import dev.wfe.postgres.modelled.SqlOperator;
import dev.wfe.postgres.testing.TestDatabase;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/** Runs two calls, each on a host of its own, in a chosen interleaving. Not thread-safe. */
public final class InterleavingRunner implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 60;

  private final TestDatabase database;
  private final PostgresPersistenceProvider observer;
  private final Host oneHost;
  private final Host otherHost;
  private final ExecutorService threads = Executors.newFixedThreadPool(2);

  InterleavingRunner(TestDatabase database) {
    this.database = database;
    observer = PostgresPersistenceProvider.connect(database.url());
    oneHost = new Host(database, "one host");
    otherHost = new Host(database, "other host");
  }

  /** What the two calls gave, and what was there in the end. */
  record Outcome(Object one, Object other, List<FinalState.Answer> stored) {
    Outcome turnedRound() {
      return new Outcome(/* one= */ other, /* other= */ one, stored);
    }

    /** For a reader who knows what else is the same everywhere. */
    String without(List<FinalState.Answer> common) {
      List<FinalState.Answer> rest = new ArrayList<>(stored);
      rest.removeAll(common);
      return "%s | %s | %s".formatted(Described.of(one), Described.of(other), rest);
    }
  }

  /** Both calls, each on its host, with what the host has read. */
  private static final class Two {
    private final Interleaving interleaving;
    private final CallContext one;
    private final CallContext other;
    private final CallContext observed;

    /** The store is empty. */
    Two(Interleaving interleaving, CallContext one, CallContext other, CallContext observed) {
      this.interleaving = interleaving;
      this.one = one;
      this.other = other;
      this.observed = observed;
      interleaving.before().forEach(call -> requireDone(call, observed));
      interleaving.readByOne().forEach(call -> requireDone(call, one));
      interleaving.readByOther().forEach(call -> requireDone(call, other));
    }

    private static void requireDone(Call call, CallContext context) {
      Object outcome = call.outcome(context);
      if (outcome instanceof NormalForm.Thrown) {
        throw new AssertionError("%s gave %s".formatted(call, outcome));
      }
    }

    Object one() {
      return interleaving.one().outcome(one);
    }

    Object other() {
      return interleaving.other().outcome(other);
    }

    Outcome outcome(Object ofOne, Object ofOther) {
      return new Outcome(ofOne, ofOther, FinalState.of(observed, InterleavingRunner::ids));
    }
  }

  /** The ids that interleavings use, and some more. */
  private static List<String> ids(String prefix) {
    int count = prefix.equals("s") ? 8 : 4;
    return IntStream.rangeClosed(1, count).mapToObj(number -> prefix + number).toList();
  }

  private Two start(Interleaving interleaving) {
    database.emptyStore("wfc");
    oneHost.neverPause();
    otherHost.neverPause();
    CallContext observed = new CallContext(observer, new SqlOperator(database.dataSource()));
    return new Two(interleaving, oneHost.context(), otherHost.context(), observed);
  }

  /** One after the other, on the in-memory provider: the expected outcome. */
  static Outcome oneFirstInMemory(Interleaving interleaving) {
    InMemoryPersistenceProvider memory = new InMemoryPersistenceProvider();
    Supplier<CallContext> context = () -> new CallContext(memory, new MemoryOperator(memory));
    Two two = new Two(interleaving, context.get(), context.get(), context.get());
    Object one = two.one();
    return two.outcome(one, two.other());
  }

  /** One after the other. */
  Outcome oneFirst(Interleaving interleaving) {
    Two two = start(interleaving);
    Object one = two.one();
    return two.outcome(one, two.other());
  }

  /** Only the other is made; the one is said to have given this. */
  Outcome onlyOther(Interleaving interleaving, Object one) {
    Two two = start(interleaving);
    return two.outcome(one, two.other());
  }

  /**
   * The other call runs before each statement of the one by turns, the first left out: that is the
   * other first.
   */
  List<Outcome> otherBetweenStatements(Interleaving interleaving) {
    List<Outcome> outcomes = new ArrayList<>();
    int statement = 1;
    while (true) {
      Two two = start(interleaving);
      List<Object> other = new ArrayList<>();
      oneHost.pauseBefore(statement++, () -> other.add(two.other()));
      Object one = two.one();
      if (other.isEmpty()) {
        return outcomes;
      }
      outcomes.add(two.outcome(one, other.get(0)));
    }
  }

  /** The one is stopped at the lock; the other comes, and waits or is done; the lock opens. */
  Outcome oneWaitingFor(LockPoint lock, Interleaving interleaving) throws Exception {
    Two two = start(interleaving);
    try (Connection third = closed(lock)) {
      Future<Object> one = threads.submit(two::one);
      await(oneHost, one);
      if (one.isDone()) {
        throw new AssertionError("%s stops nobody: %s".formatted(lock, one.get()));
      }
      Future<Object> other = threads.submit(two::other);
      await(otherHost, other);
      third.rollback();
      return two.outcome(get(one), get(other));
    }
  }

  private Connection closed(LockPoint lock) throws Exception {
    Connection third = database.dataSource().getConnection();
    third.setAutoCommit(false);
    try (Statement statement = third.createStatement()) {
      statement.execute(lock.sql());
    }
    return third;
  }

  /** Until the host waits for a lock, or its call is done. */
  private static void await(Host host, Future<Object> call) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (!call.isDone() && !host.isWaiting()) {
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError("The call neither ends nor waits");
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
    }
  }

  private static Object get(Future<Object> call) throws Exception {
    return call.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    threads.shutdownNow();
    oneHost.close();
    otherHost.close();
    observer.close();
  }
}
