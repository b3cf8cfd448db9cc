package dev.wfe.cli;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * What has to be closed when the program ends, be it well or by Ctrl-C: the last opened first.
 * Thread-safe.
 */
final class Cleanup implements AutoCloseable {
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();
  private final Thread hook = new Thread(this::interrupt, "cleanup");
  private volatile boolean interrupted;

  /** Takes care of the resource. */
  synchronized <T extends AutoCloseable> T add(T resource) {
    if (opened.isEmpty()) {
      Runtime.getRuntime().addShutdownHook(hook);
    }
    opened.push(resource);
    return resource;
  }

  /** True when the program is being ended from outside, so that failures are to be expected. */
  boolean isInterrupted() {
    return interrupted;
  }

  private void interrupt() {
    interrupted = true;
    closeAll();
  }

  /**
   * Closes everything. Repeatable.
   *
   * @throws CliException for the first that fails to close, when all have been tried
   */
  @Override
  public void close() {
    closeAll();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // the program is ending, and the hook with it
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
          CliException.DATABASE, "The end failed: " + failure.getMessage(), failure);
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
