package dev.wfe.postgres.transactions;

import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.contract.PostgresStore;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.tck.StoreUnderTest;
import dev.wfe.tck.UsualSizesContract;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;

/** The contract, each operation in a JTA transaction of its thread. */
@Tag("variant")
final class JtaStoreTest extends UsualSizesContract {
  private static JtaServer server;
  private static PostgresStore opened;
  private static PostgresPersistenceProvider first;
  private static PostgresPersistenceProvider second;
  private static StoreUnderTest store;

  @BeforeAll
  static void open() throws SQLException {
    server = new JtaServer(TestDatabase.migrated());
    opened = new PostgresStore(server.database, PostgresOptions.defaults());
    first = PostgresPersistenceProvider.overJta(server.dataSource);
    second = PostgresPersistenceProvider.overJta(server.dataSource);
    store = new StoreInTransactions(opened, joined(first), joined(second));
  }

  @AfterAll
  static void close() {
    first.close();
    second.close();
    opened.close();
    server.close();
  }

  private static PersistenceProvider joined(PostgresPersistenceProvider provider) {
    return InTransactions.over(provider, operation -> run(provider, operation));
  }

  private static @Nullable Object run(
      PostgresPersistenceProvider provider, InTransactions.Operation operation) throws Throwable {
    server.transactions.begin();
    try {
      return operation.on(provider);
    } finally {
      server.transactions.commit();
    }
  }

  @Override
  protected StoreUnderTest store() {
    return store;
  }
}
