package dev.wfe.host;

import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * Watches one execution of a step in the thread that creates the watch. Interrupts it when its time
 * is over or its lease is lost, and logs once if it goes on nevertheless. Thread-safe.
 */
final class Watch {
  /** How long a step may take to end after it was interrupted, before that is logged. */
  private static final Duration GRACE = Duration.ofSeconds(10);

  private static final ScheduledExecutorService TIMER = timer();

  private final Thread thread = Thread.currentThread();
  private final long started = System.nanoTime();
  private final String what;
  private final String otherwise;
  private final Logger log;
  private @Nullable Duration limit;
  private boolean exceeded;
  private boolean interrupted;
  private boolean finished;
  private long stopped;
  private @Nullable ScheduledFuture<?> alarm;

  /**
   * Begins to watch the calling thread.
   *
   * @param what names the step in the log
   * @param otherwise why it is interrupted, if not because of its time limit
   */
  Watch(String what, String otherwise, Logger log) {
    this.what = what;
    this.otherwise = otherwise;
    this.log = log;
  }

  private static ScheduledExecutorService timer() {
    ScheduledThreadPoolExecutor timer =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(task, "wfe-step-time-limits");
              thread.setDaemon(true);
              return thread;
            });
    timer.setRemoveOnCancelPolicy(true);
    timer.setKeepAliveTime(10, TimeUnit.SECONDS);
    timer.allowCoreThreadTimeOut(true);
    return timer;
  }

  /** Interrupts the step after this time from now on; null: never. */
  synchronized void limit(@Nullable Duration time) {
    limit = time;
    if (time != null && !interrupted) {
      after(time, this::ring);
    }
  }

  private synchronized void ring() {
    exceeded = !finished;
    interrupt();
  }

  /** Interrupts the step, if it has not finished. */
  synchronized void interrupt() {
    if (!finished && !interrupted) {
      interrupted = true;
      thread.interrupt();
      after(limit != null && limit.compareTo(GRACE) < 0 ? limit : GRACE, this::complain);
    }
  }

  private synchronized void complain() {
    if (!finished) {
      log.warn(
          "{} goes on although its thread was interrupted, because {}. It keeps its worker until it"
              + " ends",
          what,
          exceeded ? "it took longer than its time limit, " + limit : otherwise);
    }
  }

  private void after(Duration time, Runnable task) {
    if (alarm != null) {
      alarm.cancel(false);
    }
    alarm = TIMER.schedule(task, time.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** The step has ended: it is not interrupted any more. */
  synchronized void stop() {
    finished = true;
    stopped = System.nanoTime();
    if (alarm != null) {
      alarm.cancel(false);
    }
  }

  /** How long the step was executed, after it has ended. */
  synchronized Duration duration() {
    return Duration.ofNanos(stopped - started);
  }

  /** What the step failed with: its own error, or the time limit. */
  synchronized Throwable reason(Throwable error) {
    if (!exceeded) {
      return error;
    }
    TimeoutException timeout =
        new TimeoutException("The step took longer than its time limit, " + limit);
    timeout.initCause(error);
    return timeout;
  }
}
