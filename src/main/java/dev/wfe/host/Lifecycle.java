package dev.wfe.host;

import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.persistence.Registration;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * The life of a {@link WorkflowHost} or an {@link ActivityWorker}: the threads that repeat turns,
 * pause with back-off while turns fail, and end in order. Thread-safe.
 */
final class Lifecycle {
  private static final Duration MAX_PAUSE = Duration.ofSeconds(5);
  private static final Duration STORE_PATIENCE = Duration.ofSeconds(1);
  private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(5);
  private static final Duration RELEASE_PATIENCE = Duration.ofSeconds(1);
  private static final AtomicInteger NUMBER = new AtomicInteger();

  /** The states, in their order. */
  enum State {
    NEW,
    RUNNING,
    /** Nothing is claimed any more; work under way goes on. */
    CLOSING,
    /** No work is waited for any more; what it reported is stored. */
    STORING,
    CLOSED
  }

  /** One turn of a loop; returns when the next one is due at the latest. */
  @FunctionalInterface
  interface Turn {
    Duration run() throws InterruptedException;
  }

  /** What ends with the life. The methods are called once, in this order. */
  interface Ending {
    /** Stops beginning work, and gives back what has not begun. Work that has begun goes on. */
    void drain();

    /** Leaves what is still under way; afterwards its threads are interrupted. */
    void leave();

    /** Gives back what is held. */
    void giveBack();
  }

  private final String name;
  private final Logger log;
  private final Duration firstPause;
  private final Duration longestPause;
  private final List<Thread> threads = new ArrayList<>();
  private final List<Pace> paces = new ArrayList<>();
  private final Set<String> beside = new HashSet<>();
  private final Map<String, Instant> failing = new ConcurrentHashMap<>();
  private final Map<String, Instant> underWay = new ConcurrentHashMap<>();
  private final CountDownLatch workEnded = new CountDownLatch(1);
  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile State state = State.NEW;
  private @Nullable Registration registration;

  /**
   * A life that has not begun.
   *
   * @param name of what lives, such as "host": in the names of threads, in the log and in errors
   * @param firstPause how long a loop pauses after the first failure in a row
   * @param lease what is held during an outage; the longest pause is much shorter
   */
  Lifecycle(String name, Logger log, Duration firstPause, Duration lease) {
    this.name = name;
    this.log = log;
    this.firstPause = firstPause;
    Duration most = lease.dividedBy(6);
    this.longestPause = most.compareTo(MAX_PAUSE) < 0 ? most : MAX_PAUSE;
  }

  /** Creates a thread that does not keep the process alive. */
  private static Thread newThread(String name, Runnable work) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    return thread;
  }

  /** Creates a pool of threads that do not keep the process alive. */
  static ExecutorService newPool(String threadName, int count) {
    return Executors.newFixedThreadPool(
        count, work -> newThread(threadName + NUMBER.incrementAndGet(), work));
  }

  /**
   * Adds a thread that repeats turns from the start until the end of the last state.
   *
   * @param what the turn does, for the log
   * @param atEnd is called when the last state is over
   */
  void loop(String thread, String what, Pace pace, State last, Turn turn, Runnable atEnd) {
    paces.add(pace);
    threads.add(
        newThread(
            threadName(thread),
            () -> {
              repeat(what, pace, last, turn);
              atEnd.run();
            }));
  }

  /** As {@link #loop(String, String, Pace, State, Turn, Runnable)}, with nothing at the end. */
  void loop(String thread, String what, Pace pace, State last, Turn turn) {
    loop(thread, what, pace, last, turn, () -> {});
  }

  /**
   * As {@link #loop(String, String, Pace, State, Turn)}, for work beside what the life is for: if a
   * turn fails or does not end, {@link #failingSince} does not tell it.
   */
  void loopBeside(String thread, String what, Pace pace, State last, Turn turn) {
    beside.add(what);
    loop(thread, what, pace, last, turn);
  }

  private String threadName(String thread) {
    return "wfe-%s-%s".formatted(name.replace(' ', '-'), thread).toLowerCase(Locale.ROOT);
  }

  private void repeat(String what, Pace pace, State last, Turn turn) {
    int failures = 0;
    while (state.compareTo(last) <= 0) {
      Instant begun = Instant.now();
      try {
        if (failures > 0) {
          pause(failures);
          begun = Instant.now();
        }
        if (!beside.contains(what)) {
          underWay.put(what, begun);
        }
        Duration atMost = turn.run();
        underWay.remove(what);
        failures = 0;
        failing.remove(what);
        pace.pause(atMost);
      } catch (InterruptedException closing) {
        log.debug("Interrupted while the {} is {}", name, state);
      } catch (RuntimeException | Error failure) {
        failures++;
        underWay.remove(what);
        if (!beside.contains(what)) {
          failing.putIfAbsent(what, begun);
        }
        if (isRunning()) {
          log.warn("The {} cannot {}; trying again", name, what, failure);
        }
      }
    }
  }

  /**
   * Waits after a failure, twice as long after each failure in a row; not longer than until no work
   * is waited for any more.
   */
  void pause(int failures) throws InterruptedException {
    Duration pause = firstPause.multipliedBy(1L << Math.min(failures - 1, 20));
    long millis = Math.min(longestPause.toMillis(), pause.toMillis());
    boolean unused = workEnded.await(millis, TimeUnit.MILLISECONDS);
  }

  State state() {
    return state;
  }

  boolean isRunning() {
    return state == State.RUNNING;
  }

  /**
   * Since when turns have failed or have not ended for long, by this machine's clock; null if the
   * last of each loop did not.
   */
  @Nullable Instant failingSince() {
    Instant longAgo = Instant.now().minus(longestPause);
    return Stream.concat(
            failing.values().stream(), underWay.values().stream().filter(longAgo::isAfter))
        .min(Instant::compareTo)
        .orElse(null);
  }

  /**
   * Starts the threads. Has no effect if they are running.
   *
   * @param first is called before; if it throws, nothing is started
   * @param hinted get a hint when work may have become due
   * @throws IllegalStateException after the close
   */
  synchronized void start(Runnable first, PersistenceProvider provider, List<Pace> hinted) {
    if (state == State.RUNNING) {
      return;
    }
    if (state != State.NEW) {
      throw new IllegalStateException(
          "This %1$s was closed, and a closed %1$s cannot be started again: build a new one"
              .formatted(name));
    }
    first.run();
    registration = provider.onWorkDue(() -> hinted.forEach(Pace::hint));
    state = State.RUNNING;
    threads.forEach(Thread::start);
    log.info("The {} has started", name);
  }

  /**
   * Starts, and blocks until the end, which also comes when the JVM is shut down or the calling
   * thread is interrupted. When the JVM is shut down, it does not end before the close has
   * returned.
   *
   * @throws InterruptedException after the close, if the thread was interrupted
   */
  void run(Runnable start, Runnable close) throws InterruptedException {
    Thread hook = new Thread(close, threadName("shutdown"));
    try {
      Runtime.getRuntime().addShutdownHook(hook);
    } catch (IllegalStateException ending) {
      log.debug("The JVM is ending; the {} is not started", name);
      close.run();
      return;
    }
    try {
      start.run();
      closed.await();
    } catch (InterruptedException interrupt) {
      close.run();
      throw interrupt;
    } finally {
      remove(hook);
    }
  }

  private void remove(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException ending) {
      log.debug("The {} was closed because the JVM is ending", name);
    }
  }

  /**
   * Ends everything: waits for the workers, interrupts them, and gives back what is held. Does not
   * wait long for a database that is away. A second call waits until the first one has returned.
   *
   * @param patience how long to wait for the workers
   */
  void close(ExecutorService workers, Duration patience, Ending ending) {
    boolean isFirst;
    synchronized (this) {
      isFirst = state.compareTo(State.CLOSING) < 0;
      if (isFirst) {
        enter(State.CLOSING);
      }
    }
    boolean interrupted = isFirst ? end(workers, patience, ending) : awaitClosed();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean end(ExecutorService workers, Duration patience, Ending ending) {
    try {
      log.info("The {} is closing", name);
      return endInOrder(workers, patience, ending);
    } finally {
      log.info("The {} is closed", name);
      closed.countDown();
    }
  }

  private boolean endInOrder(ExecutorService workers, Duration patience, Ending ending) {
    if (registration != null) {
      registration.close();
    }
    ending.drain();
    workers.shutdown();
    boolean interrupted = false;
    try {
      if (!workers.awaitTermination(patience.toMillis(), TimeUnit.MILLISECONDS)) {
        log.warn("Work was still under way after {}; interrupting it", patience);
      }
    } catch (InterruptedException interrupt) {
      interrupted = true;
    }
    enter(State.STORING);
    workEnded.countDown();
    interrupted |= join(threads, System.nanoTime() + STORE_PATIENCE.toNanos());
    enter(State.CLOSED);
    threads.forEach(Thread::interrupt);
    long end = System.nanoTime() + CLOSE_PATIENCE.toNanos();
    interrupted |= join(threads, end);
    ending.leave();
    workers.shutdownNow();
    Thread release = newThread(threadName("release"), () -> release(ending));
    release.start();
    end = Math.max(end, System.nanoTime() + RELEASE_PATIENCE.toNanos());
    interrupted |= join(List.of(release), end);
    return interrupted;
  }

  /** Enters the state. Loops whose last state is over end at once. */
  private void enter(State next) {
    state = next;
    paces.forEach(Pace::wake);
  }

  private void release(Ending ending) {
    try {
      ending.giveBack();
    } catch (RuntimeException failure) {
      log.warn("What the {} holds could not be given back; it expires", name, failure);
    }
  }

  private boolean awaitClosed() {
    try {
      closed.await();
      return false;
    } catch (InterruptedException interrupt) {
      return true;
    }
  }

  /**
   * Waits for the threads, which end soon unless the database does not answer.
   *
   * @param end until when, as {@link System#nanoTime}
   * @return whether the calling thread was interrupted
   */
  private static boolean join(List<Thread> threads, long end) {
    boolean interrupted = false;
    for (Thread thread : threads) {
      long left = 1;
      while (thread.isAlive() && left > 0) {
        left = (end - System.nanoTime()) / 1_000_000;
        try {
          thread.join(Math.max(1, left));
        } catch (InterruptedException interrupt) {
          interrupted = true;
        }
      }
    }
    return interrupted;
  }
}
