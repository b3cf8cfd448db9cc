package dev.wfe.cli.orders;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Prevents two workers of this program from working on the same id. This only saves effort: the
 * result is correct without it, because several programs can work at once. Thread-safe.
 */
final class Claims {
  private final Set<String> ids = ConcurrentHashMap.newKeySet();

  /** Runs the work, unless another thread is working on the same id. */
  boolean run(String id, Runnable work) {
    if (!ids.add(id)) {
      return false;
    }
    try {
      work.run();
      return true;
    } finally {
      ids.remove(id);
    }
  }
}
