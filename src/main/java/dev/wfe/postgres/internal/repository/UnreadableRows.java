package dev.wfe.postgres.internal.repository;

import dev.wfe.persistence.UnreadableRowException;
import dev.wfe.postgres.internal.mapping.ReadRows;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Leaves unreadable rows out of lists, and logs each of them once per process, because hosts query
 * the same lists again and again. Thread-safe.
 */
final class UnreadableRows {
  private static final Logger LOG = LoggerFactory.getLogger(UnreadableRows.class);
  private static final int MAX_REMEMBERED = 1_000;
  private static final Set<String> LOGGED = ConcurrentHashMap.newKeySet();

  private UnreadableRows() {}

  /** Returns the readable values and logs the failures of the others. */
  static <T> List<T> leaveOut(String operation, ReadRows<T> rows) {
    for (UnreadableRowException failure : rows.unreadable()) {
      if (LOGGED.size() >= MAX_REMEMBERED) {
        LOGGED.clear();
      }
      if (LOGGED.add(String.valueOf(failure.getMessage()))) {
        LOG.warn("{} leaves out a row that cannot be read: {}", operation, failure.getMessage());
      }
    }
    return rows.readable();
  }
}
