package dev.wfe.postgres.internal.repository;

import dev.wfe.persistence.UnreadableRowException;
import dev.wfe.postgres.internal.mapping.ReadRows;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Leaves rows that cannot be read out of lists. Each is logged once by a process, since hosts ask
 * for the same lists all the time. Thread-safe.
 */
final class UnreadableRows {
  private static final Logger LOG = LoggerFactory.getLogger(UnreadableRows.class);
  private static final int MAX_REMEMBERED = 1_000;
  private static final Set<String> LOGGED = ConcurrentHashMap.newKeySet();

  private UnreadableRows() {}

  /** The values that could be read. */
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
