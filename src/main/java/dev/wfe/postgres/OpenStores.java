package dev.wfe.postgres;

import dev.wfe.postgres.internal.sql.StoreNames;
import java.util.Map;
import java.util.WeakHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The stores that are open in this class loader, so that who opens one twice hears of it. One that
 * is dropped without being closed is not kept. Thread-safe.
 */
final class OpenStores {
  private static final Logger LOG = LoggerFactory.getLogger(PostgresPersistenceProvider.class);
  private static final Map<Store, Place> OPEN = new WeakHashMap<>();

  private record Place(String database, StoreNames names) {}

  private OpenStores() {}

  /**
   * Takes note of a store.
   *
   * @param database what no other database has
   */
  static void add(Store store, String database, StoreNames names) {
    Place place = new Place(database, names);
    boolean another;
    synchronized (OPEN) {
      another = OPEN.containsValue(place);
      OPEN.put(store, place);
    }
    if (another) {
      LOG.warn(
          "Another provider of this application is open over the same store (schema {}, table"
              + " prefix '{}'). Two of them take twice the connections, and a verb of one waits for"
              + " what a transaction that the other takes part in holds. Open one and share it, or"
              + " inject it; close one that is no longer used.",
          names.schema(),
          names.prefix());
    }
  }

  static void remove(Store store) {
    synchronized (OPEN) {
      OPEN.remove(store);
    }
  }
}
