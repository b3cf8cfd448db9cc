package dev.wfe.postgres.contract;

import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.testing.PlantedFunctions;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.tck.StoreUnderTest;
import dev.wfe.tck.WholeContract;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/**
 * The whole contract on a new store: schema and prefix in mixed case, a pool of two connections,
 * and functions and operators of others on the search path.
 */
class CustomStoreTest extends WholeContract {
  private static final PostgresOptions OPTIONS =
      PostgresOptions.builder().schema("Mixed_Case").tablePrefix("Pre_").poolSize(2).build();

  private static TestDatabase database;
  private static PostgresStore store;

  @BeforeAll
  static void open() {
    database = TestDatabase.empty();
    PlantedFunctions.plant(database);
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
