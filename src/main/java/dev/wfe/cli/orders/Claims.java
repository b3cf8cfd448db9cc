package dev.wfe.cli.orders;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Keeps the workers of this program out of each other's way. Spares them effort only: what two do
 * at once is right anyway, as it must be between programs. Thread-safe.
 */
final class Claims {
  private final Set<String> ids = ConcurrentHashMap.newKeySet();

  /** Runs the work unless another thread is at the same id. */
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
