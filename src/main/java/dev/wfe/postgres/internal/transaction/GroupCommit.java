package dev.wfe.postgres.internal.transaction;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Lets concurrent calls share a transaction. While there are few calls, each runs at once and
 * alone, in its thread. If there are more, two transactions are under way at a time; the other
 * calls wait until one of these has ended, and then run together, in a thread of the group. So
 * nobody waits when nobody else is writing, and the more callers there are, the more share a
 * commit. Thread-safe.
 *
 * @param <C> the calls
 */
public final class GroupCommit<C extends GroupCommit.Call> implements AutoCloseable {
  /** How many transactions are under way at a time if there are more than a few calls. */
  static final int MAX_FLIGHTS = 2;

  /** How many calls run alone at a time. Together, so few would take as long. */
  static final int FEW_CALLS = 4;

  /** How many bytes the calls of a group have at most. */
  static final long MAX_BYTES = 1024 * 1024;

  private static final int IDLE_THREAD_SECONDS = 10;
  private static final long INTERRUPTED_WAIT_MILLIS = 1_000;

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

  /** A call that a group can run. */
  public abstract static class Call {
    final CompletableFuture<Turn> turn = new CompletableFuture<>();

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
     * stored; they are run alone.
     */
    void run(List<C> calls);
  }

  private final int maxCalls;
  private final Together<C> together;
  private final ThreadPoolExecutor threads;
  private final ReentrantLock lock = new ReentrantLock();
  private final Deque<C> waiting = new ArrayDeque<>();

  /** The number of transactions under way, and of the calls in them. */
  private int flights;

  private int flying;
  private boolean closed;

  /**
   * Creates a group.
   *
   * @param maxCalls how many calls run together at most; 1 if each runs alone
   */
  public GroupCommit(int maxCalls, Together<C> together) {
    this.maxCalls = maxCalls;
    this.together = together;
    this.threads =
        new ThreadPoolExecutor(
            MAX_FLIGHTS,
            MAX_FLIGHTS,
            IDLE_THREAD_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            GroupCommit::newThread);
    this.threads.allowCoreThreadTimeOut(true);
  }

  private static Thread newThread(Runnable flight) {
    Thread thread = new Thread(null, flight, "wfe-postgres-group-commit", 0, false);
    thread.setDaemon(true);
    thread.setContextClassLoader(GroupCommit.class.getClassLoader());
    return thread;
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
      boolean few = waiting.isEmpty() && flying < FEW_CALLS;
      if (flights < MAX_FLIGHTS || few) {
        flights++;
        flying++;
        return Turn.IN_FLIGHT;
      }
      waiting.add(call);
    } finally {
      lock.unlock();
    }
    try {
      return call.turn.get();
    } catch (InterruptedException interrupt) {
      Turn turn = interrupted(call);
      Thread.currentThread().interrupt();
      return turn;
    } catch (ExecutionException impossible) {
      throw new IllegalStateException(impossible);
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
  public void land() {
    List<C> group = next(1);
    if (group.isEmpty()) {
      return;
    }
    try {
      threads.execute(() -> fly(group));
    } catch (RuntimeException | Error noThread) {
      dissolve(group);
    }
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

  private void dissolve(List<C> first) {
    for (List<C> group = first; !group.isEmpty(); group = next(group.size())) {
      group.forEach(call -> call.turn.complete(Turn.ALONE));
    }
  }

  private void fly(List<C> first) {
    for (List<C> group = first; !group.isEmpty(); group = next(group.size())) {
      try {
        together.run(group);
      } finally {
        group.forEach(call -> call.turn.complete(Turn.ALONE));
      }
    }
  }

  /**
   * Ends a flight, and takes the next group out. If only a few calls wait, lets them run alone.
   *
   * @param landed the number of calls that have landed
   */
  private List<C> next(int landed) {
    lock.lock();
    try {
      flying -= landed;
      flights--;
      if (flights >= MAX_FLIGHTS) {
        return List.of();
      }
      if (flying + waiting.size() <= FEW_CALLS) {
        while (!waiting.isEmpty()) {
          flyAlone(waiting.removeFirst());
        }
        return List.of();
      }
      List<C> group = takeWaiting();
      if (group.size() == 1) {
        flyAlone(group.get(0));
        return List.of();
      }
      flights += group.isEmpty() ? 0 : 1;
      flying += group.size();
      return group;
    } finally {
      lock.unlock();
    }
  }

  private void flyAlone(C call) {
    flights++;
    flying++;
    call.turn.complete(Turn.IN_FLIGHT);
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
      threads.shutdown();
    } finally {
      lock.unlock();
    }
  }
}
