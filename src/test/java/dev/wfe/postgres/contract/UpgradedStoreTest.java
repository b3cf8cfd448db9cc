package dev.wfe.postgres.contract;

import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.internal.schema.OldStores;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.tck.StoreUnderTest;
import dev.wfe.tck.UsualSizesContract;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;

/** The contract on an upgraded store of the Rust provider's current form. */
@Tag("variant")
class UpgradedStoreTest extends UsualSizesContract {
  private static final PostgresOptions OPTIONS = PostgresOptions.defaults();

  private static TestDatabase database;
  private static PostgresStore store;

  @BeforeAll
  static void open() {
    database = TestDatabase.empty();
    database.execute(OldStores.RUST_PROVIDER);
    store = new PostgresStore(database, OPTIONS);
  }

  @AfterAll
  static void close() {
    store.close();
    database.close();
  }

  @Override
  protected StoreUnderTest store() {
    return store;
  }
}
