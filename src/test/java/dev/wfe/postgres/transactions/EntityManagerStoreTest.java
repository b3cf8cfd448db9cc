package dev.wfe.postgres.transactions;

import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.contract.PostgresStore;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.tck.StoreUnderTest;
import dev.wfe.tck.UsualSizesContract;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityTransaction;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;

/** The contract, each operation in an entity manager's transaction. */
@Tag("variant")
final class EntityManagerStoreTest extends UsualSizesContract {
  private static TestDatabase database;
  private static PostgresStore opened;
  private static StoreUnderTest store;

  @BeforeAll
  static void open() {
    database = TestDatabase.migrated();
    opened = new PostgresStore(database, PostgresOptions.defaults());
    store =
        new StoreInTransactions(opened, within(opened.provider()), within(opened.anotherHost()));
  }

  @AfterAll
  static void close() {
    opened.close();
    database.close();
  }

  private static PersistenceProvider within(PostgresPersistenceProvider provider) {
    return InTransactions.over(provider, operation -> run(provider, operation));
  }

  private static @Nullable Object run(
      PostgresPersistenceProvider provider, InTransactions.Operation operation) throws Throwable {
    try (EntityManager entityManager = provider.entityManagerFactory().createEntityManager()) {
      EntityTransaction transaction = entityManager.getTransaction();
      transaction.begin();
      try {
        return operation.on(provider.within(entityManager));
      } finally {
        transaction.commit();
      }
    }
  }

  @Override
  protected StoreUnderTest store() {
    return store;
  }
}
