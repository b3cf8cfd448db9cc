package dev.wfe.postgres.contract;

import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.testing.PgBouncer;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.tck.StoreUnderTest;
import dev.wfe.tck.WholeContract;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;

/** The whole contract through PgBouncer, with fewer sessions than either host has connections. */
@Tag("variant")
class PooledStoreTest extends WholeContract {
  private static final int SESSIONS = 4;

  private static TestDatabase database;
  private static PgBouncer proxy;
  private static PostgresStore store;

  @BeforeAll
  static void open() {
    database = TestDatabase.empty();
    proxy = PgBouncer.before(database, SESSIONS);
    store =
        new PostgresStore(
            database,
            proxy.url(),
            PostgresOptions.builder().poolingProxy(true).directUrl(database.url()).build());
  }

  @AfterAll
  static void close() {
    if (store != null) {
      store.close();
    }
    if (proxy != null) {
      proxy.close();
    }
    database.close();
  }

  @Override
  protected StoreUnderTest store() {
    return store;
  }
}
