package dev.wfe.postgres.internal.runtime;

import dev.wfe.postgres.internal.sql.StoreNames;
import java.util.Map;
import java.util.WeakHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Registers the open providers of this class loader, and logs a warning when a second one is opened
 * for the same store. References are weak, so a provider that is dropped without being closed does
 * not stay registered. Thread-safe.
 */
final class OpenRuntimes {
  private static final Logger LOG = LoggerFactory.getLogger(OpenRuntimes.class);
  private static final Map<ProviderRuntime, Place> OPEN = new WeakHashMap<>();

  private record Place(String database, StoreNames names) {}

  private OpenRuntimes() {}

  /**
   * Registers a runtime, and warns if another one is open for the same store.
   *
   * @param database identifies the database
   */
  static void add(ProviderRuntime runtime, String database, StoreNames names) {
    Place place = new Place(database, names);
    boolean another;
    synchronized (OPEN) {
      another = OPEN.containsValue(place);
      OPEN.put(runtime, place);
    }
    if (another) {
      LOG.warn(
          "This application has another open provider for the same store (schema {}, table prefix"
              + " '{}'). Two providers use twice the connections, and an operation of one waits for"
              + " locks that the other holds in a caller's transaction. Open one provider and share"
              + " or inject it; close a provider that is no longer used.",
          names.schema(),
          names.prefix());
    }
  }

  static void remove(ProviderRuntime runtime) {
    synchronized (OPEN) {
      OPEN.remove(runtime);
    }
  }
}
