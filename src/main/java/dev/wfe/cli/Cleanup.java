package dev.wfe.cli;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Closes resources when the program ends, also on Ctrl-C, in the reverse order of opening.
 * Thread-safe.
 */
final class Cleanup implements AutoCloseable {
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();
  private final Thread hook = new Thread(this::interrupt, "cleanup");
  private volatile boolean interrupted;

  /** Adds a resource that has to be closed. */
  synchronized <T extends AutoCloseable> T add(T resource) {
    if (opened.isEmpty()) {
      Runtime.getRuntime().addShutdownHook(hook);
    }
    opened.push(resource);
    return resource;
  }

  /** True if the program is being terminated from outside, so that failures are expected. */
  boolean isInterrupted() {
    return interrupted;
  }

  private void interrupt() {
    interrupted = true;
    closeAll();
  }

  /**
   * Closes all resources. Idempotent.
   *
   * @throws CliException if a resource cannot be closed, after all others were closed
   */
  @Override
  public void close() {
    closeAll();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // the program is terminating and runs the hook itself
    }
  }

  private synchronized void closeAll() {
    Exception failure = null;
    while (!opened.isEmpty()) {
      Exception failed = tryClose(opened.pop());
      failure = failure == null ? failed : failure;
    }
    if (failure != null) {
      throw new CliException(
          CliException.DATABASE, "Shutting down failed: " + failure.getMessage(), failure);
    }
  }

  private static @Nullable Exception tryClose(AutoCloseable resource) {
    try {
      resource.close();
      return null;
    } catch (Exception e) {
      return e;
    }
  }
}
