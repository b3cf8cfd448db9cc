package dev.wfe.postgres.internal.transaction;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Lets concurrent calls share a transaction. While there are few calls, each runs at once and
 * alone, in its thread. If there are more, two transactions are under way at a time; the other
 * calls wait until one of these has ended, and then run together, in a thread of the group. A group
 * that follows another waits a moment for the callers that have just been answered. So nobody waits
 * when nobody else is writing, and the more callers there are, the more share a commit. A
 * transaction that takes long, for example because it waits for a lock, holds nobody up: it does
 * not count any more. Thread-safe.
 *
 * @param <C> the calls
 */
public final class GroupCommit<C extends GroupCommit.Call> implements AutoCloseable {
  /** How many transactions are under way at a time if there are more than a few calls. */
  static final int MAX_FLIGHTS = 2;

  /** How many calls run alone at a time. Together, so few would take longer. */
  static final int FEW_CALLS = 8;

  /** How many bytes the calls of a group have at most. */
  static final long MAX_BYTES = 1024 * 1024;

  private static final int IDLE_THREAD_SECONDS = 10;
  private static final long INTERRUPTED_WAIT_MILLIS = 1_000;

  /**
   * How long calls wait for each other.
   *
   * @param gathering how long a group waits for more calls after the one before it has ended
   * @param patience after which time a transaction does not count any more
   */
  public record Waits(Duration gathering, Duration patience) {}

  /** What the thread of a call does next. */
  public enum Turn {
    /** It runs the call alone. */
    ALONE,
    /** It runs the call alone, and then calls {@link #land}. */
    IN_FLIGHT,
    /** It takes the answer; the group has run the call. */
    ANSWERED,
    /** It gives up; the thread was interrupted while the group was running the call. */
    INTERRUPTED
  }

  /** A transaction under way. */
  private record Flight(int calls, long startNanos) {}

  /** A call that a group can run. */
  public abstract static class Call {
    final CompletableFuture<Turn> turn = new CompletableFuture<>();
    private @Nullable Flight flight;

    /** How many bytes the call sends. */
    protected abstract long bytes();

    /** Says that the group has run the call. */
    protected final void answered() {
      turn.complete(Turn.ANSWERED);
    }
  }

  /** Runs calls in one transaction. */
  @FunctionalInterface
  public interface Together<C> {
    /**
     * Runs the calls and answers them after the commit. Those that it does not answer are not
     * stored; they are run alone. Throws nothing.
     */
    void run(List<C> calls);
  }

  private final int maxCalls;
  private final long gatheringNanos;
  private final long patienceNanos;
  private final Together<C> together;
  private final ThreadPoolExecutor threads;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition enoughAreWaiting = lock.newCondition();
  private final Deque<C> waiting = new ArrayDeque<>();
  private final Set<Flight> flights = Collections.newSetFromMap(new IdentityHashMap<>());

  /** How many calls there were lately at a time. It decreases slowly. */
  private int crowd;

  /** How many waiting calls {@link #enoughAreWaiting} means. */
  private int enough;

  private boolean closed;

  /**
   * Creates a group.
   *
   * @param maxCalls how many calls run together at most; 1 if each runs alone
   */
  public GroupCommit(int maxCalls, Waits waits, Together<C> together) {
    this.maxCalls = maxCalls;
    this.gatheringNanos = waits.gathering().toNanos();
    this.patienceNanos = waits.patience().toNanos();
    this.together = together;
    this.threads =
        new ThreadPoolExecutor(
            0,
            Integer.MAX_VALUE,
            IDLE_THREAD_SECONDS,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            flight -> LibraryThreads.create(flight, "wfe-postgres-group-commit"));
  }

  /** Waits until it is the call's turn. */
  public Turn await(C call) {
    if (maxCalls == 1 || call.bytes() > MAX_BYTES) {
      return Turn.ALONE;
    }
    lock.lock();
    try {
      if (closed) {
        return Turn.ALONE;
      }
      crowd = Math.max(crowd, busyCalls() + waiting.size() + 1);
      if (hasRoom()) {
        flyAlone(call);
      } else {
        waiting.add(call);
        if (waiting.size() >= enough) {
          enoughAreWaiting.signalAll();
        }
      }
    } finally {
      lock.unlock();
    }
    try {
      return turnOf(call);
    } catch (InterruptedException interrupt) {
      Turn turn = interrupted(call);
      Thread.currentThread().interrupt();
      return turn;
    }
  }

  private boolean hasRoom() {
    return busyFlights() < MAX_FLIGHTS || (waiting.isEmpty() && crowd <= FEW_CALLS);
  }

  private int busyFlights() {
    return (int) flights.stream().filter(this::counts).count();
  }

  private int busyCalls() {
    return flights.stream().filter(this::counts).mapToInt(Flight::calls).sum();
  }

  private boolean counts(Flight flight) {
    return System.nanoTime() - flight.startNanos() < patienceNanos;
  }

  private void flyAlone(C call) {
    Flight flight = new Flight(1, System.nanoTime());
    flights.add(flight);
    ((Call) call).flight = flight;
    call.turn.complete(Turn.IN_FLIGHT);
  }

  /** Starts a group whenever a transaction under way does not count any more. */
  private Turn turnOf(C call) throws InterruptedException {
    while (true) {
      try {
        return call.turn.get(patienceNanos, TimeUnit.NANOSECONDS);
      } catch (TimeoutException tooLong) {
        start(next(null));
      } catch (ExecutionException impossible) {
        throw new IllegalStateException(impossible);
      }
    }
  }

  /** Takes the call out if it is not running yet; otherwise waits a moment for the answer. */
  private Turn interrupted(C call) {
    lock.lock();
    try {
      if (waiting.remove(call)) {
        return Turn.ALONE;
      }
    } finally {
      lock.unlock();
    }
    try {
      return call.turn.get(INTERRUPTED_WAIT_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException | TimeoutException stillRunning) {
      return Turn.INTERRUPTED;
    } catch (ExecutionException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /** Ends the transaction of a call that ran in flight; those that wait come next. */
  public void land(C call) {
    start(next(((Call) call).flight));
  }

  /** Whether the call waits for its turn, and is in no group yet. */
  boolean isWaiting(C call) {
    lock.lock();
    try {
      return waiting.contains(call);
    } finally {
      lock.unlock();
    }
  }

  /** Calls that run together. */
  private record Group<C>(Flight flight, List<C> calls) {}

  private void start(@Nullable Group<C> group) {
    if (group == null) {
      return;
    }
    try {
      threads.execute(() -> fly(group));
    } catch (RuntimeException | Error noThread) {
      dissolve(group);
    }
  }

  private void fly(Group<C> first) {
    Group<C> group = first;
    while (group != null) {
      try {
        together.run(group.calls());
      } finally {
        leaveAlone(group);
      }
      group = next(gather(group.flight()));
    }
  }

  /**
   * Waits a moment for the callers that have just been answered, because they are about to call
   * again. Half of those that are expected are enough.
   *
   * @param landed the transaction that has answered them
   * @return what takes its place as long as the group waits
   */
  private Flight gather(Flight landed) {
    Flight gathering = new Flight(0, System.nanoTime());
    lock.lock();
    try {
      flights.remove(landed);
      flights.add(gathering);
      long nanos = gatheringNanos;
      while (crowd > FEW_CALLS && !closed && nanos > 0) {
        enough = (crowd - busyCalls()) / 2;
        if (waiting.size() >= enough) {
          break;
        }
        nanos = enoughAreWaiting.awaitNanos(nanos);
      }
    } catch (InterruptedException interrupt) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
    return gathering;
  }

  private void dissolve(Group<C> first) {
    for (Group<C> group = first; group != null; group = next(group.flight())) {
      leaveAlone(group);
    }
  }

  /** Lets those calls of the group run alone that have no answer. */
  private void leaveAlone(Group<C> group) {
    group.calls().forEach(call -> call.turn.complete(Turn.ALONE));
  }

  /**
   * Takes the next group out of those that wait, if there is room for it. If only a few calls wait,
   * lets them run alone.
   *
   * @param landed the transaction that has ended, or null
   */
  private @Nullable Group<C> next(@Nullable Flight landed) {
    lock.lock();
    try {
      if (landed != null) {
        flights.remove(landed);
        crowd = Math.max(crowd - 1, busyCalls() + waiting.size());
      }
      if (waiting.isEmpty() || busyFlights() >= MAX_FLIGHTS) {
        return null;
      }
      if (crowd <= FEW_CALLS) {
        while (!waiting.isEmpty()) {
          flyAlone(waiting.removeFirst());
        }
        return null;
      }
      List<C> calls = takeWaiting();
      if (calls.size() == 1) {
        flyAlone(calls.get(0));
        return null;
      }
      Group<C> group = new Group<>(new Flight(calls.size(), System.nanoTime()), calls);
      flights.add(group.flight());
      return group;
    } finally {
      lock.unlock();
    }
  }

  private List<C> takeWaiting() {
    List<C> group = new ArrayList<>();
    long bytes = 0;
    while (!waiting.isEmpty()
        && group.size() < maxCalls
        && bytes + waiting.getFirst().bytes() <= MAX_BYTES) {
      C call = waiting.removeFirst();
      bytes += call.bytes();
      group.add(call);
    }
    return group;
  }

  /** Calls that wait, and later ones, run alone. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      waiting.forEach(call -> call.turn.complete(Turn.ALONE));
      waiting.clear();
      enoughAreWaiting.signalAll();
      threads.shutdown();
    } finally {
      lock.unlock();
    }
  }
}
