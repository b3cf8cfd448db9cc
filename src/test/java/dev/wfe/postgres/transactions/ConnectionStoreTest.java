package dev.wfe.postgres.transactions;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.contract.PostgresStore;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.tck.StoreUnderTest;
import dev.wfe.tck.WholeContract;
import java.sql.Connection;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The whole contract, each verb in the transaction of a connection. */
final class ConnectionStoreTest extends WholeContract {
  private static TestDatabase database;
  private static HikariDataSource pool;
  private static PostgresStore opened;
  private static StoreUnderTest store;

  @BeforeAll
  static void open() {
    database = TestDatabase.migrated();
    HikariConfig config = new HikariConfig();
    config.setDataSource(database.dataSource());
    config.setAutoCommit(false);
    config.setMaximumPoolSize(16);
    pool = new HikariDataSource(config);
    opened = new PostgresStore(database, PostgresOptions.defaults());
    store =
        new StoreInTransactions(opened, within(opened.provider()), within(opened.anotherHost()));
  }

  @AfterAll
  static void close() {
    opened.close();
    pool.close();
    database.close();
  }

  private static PersistenceProvider within(PostgresPersistenceProvider provider) {
    return InTransactions.over(provider, verb -> run(provider, verb));
  }

  private static @Nullable Object run(
      PostgresPersistenceProvider provider, InTransactions.Verb verb) throws Throwable {
    try (Connection connection = pool.getConnection()) {
      try {
        return verb.on(provider.within(connection));
      } finally {
        connection.commit();
      }
    }
  }

  @Override
  protected StoreUnderTest store() {
    return store;
  }
}
