package dev.wfe.postgres.faults;

import dev.wfe.postgres.testing.ThreadKind;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A call in a thread of its own. */
public final class Background<T> {
  private static final long PATIENCE_SECONDS = 60;

  private final CompletableFuture<T> outcome = new CompletableFuture<>();
  private final Thread thread;
  private volatile boolean interrupted;

  private Background(ThreadKind kind, Callable<T> call) {
    thread =
        kind.thread(
            () -> {
              try {
                outcome.complete(call.call());
              } catch (Throwable failure) {
                interrupted = Thread.currentThread().isInterrupted();
                outcome.completeExceptionally(failure);
              }
            });
  }

  public static <T> Background<T> of(Callable<T> call) {
    return of(ThreadKind.PLATFORM, call);
  }

  public static <T> Background<T> of(ThreadKind kind, Callable<T> call) {
    Background<T> background = new Background<>(kind, call);
    background.thread.start();
    return background;
  }

  public void interrupt() {
    thread.interrupt();
  }

  public boolean isDone() {
    return outcome.isDone();
  }

  /** Whether the thread waits with a time limit, so not for a lock of this process. */
  public boolean isInTimedWait() {
    return thread.getState() == Thread.State.TIMED_WAITING;
  }

  /** What the call gave; fails if it failed. */
  public T value() throws InterruptedException, ExecutionException, TimeoutException {
    return outcome.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  /** Whether the call gave something, rather than failed. */
  public boolean succeeds() throws InterruptedException, TimeoutException {
    try {
      value();
      return true;
    } catch (ExecutionException failed) {
      return false;
    }
  }

  /** What the call failed with, which must be of the type. */
  public <X extends Throwable> X failure(Class<X> type)
      throws InterruptedException, TimeoutException {
    Throwable failure;
    try {
      throw new AssertionError("It succeeded: " + value());
    } catch (ExecutionException failed) {
      failure = failed.getCause();
    }
    if (type.isInstance(failure)) {
      return type.cast(failure);
    }
    throw new AssertionError("It failed otherwise than as a " + type.getSimpleName(), failure);
  }

  /** Whether the thread was interrupted when the call failed. */
  public boolean endedInterrupted() {
    return interrupted;
  }
}
