package dev.wfe.tck.postgres;

import dev.wfe.persistence.StoreSetupException;
import dev.wfe.postgres.PostgresPersistenceProvider;
import org.junit.jupiter.api.Test;

/**
 * Fails a build whose deployed store is not as this version of the library maps it. Changes
 * nothing: a role that may connect is enough. A database that cannot be reached or holds no store
 * is a failure too.
 */
public abstract class DeployedStoreContract {
  /**
   * Opens the deployed store, with the schema and table prefix that it has; closed by the test.
   * Past a pooling proxy.
   */
  protected abstract PostgresPersistenceProvider deployedStore();

  /**
   * They agree in every table, column, type, default and key.
   *
   * @throws StoreSetupException if not, naming each difference by table and column
   */
  @Test
  void theTablesAreAsTheyAreMapped() {
    try (PostgresPersistenceProvider store = deployedStore()) {
      store.validateStore();
    }
  }
}
