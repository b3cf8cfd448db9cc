package dev.wfe.postgres.faults.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.wfe.persistence.StoreException;
import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.testing.EmptyDatabase;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** The connection is cut while the store is created. */
@ExtendWith(TestDatabaseExtension.class)
@Timeout(120)
final class CutMigrationTest {
  private static final int REQUESTS_BETWEEN_CUTS = 8;
  private static final int MORE_THAN_IT_TAKES = 100;

  @Test
  void howeverOftenTheCreationOfTheStoreIsCutItGoesOn(@EmptyDatabase TestDatabase database)
      throws Exception {
    try (FaultyProxy proxy = new FaultyProxy(database.url());
        PostgresPersistenceProvider store =
            PostgresPersistenceProvider.connect(
                proxy.url(), PostgresOptions.builder().poolSize(1).build())) {
      int cuts = 0;
      while (isCut(proxy, store, (cuts + 1) * REQUESTS_BETWEEN_CUTS)) {
        cuts++;
        assertThat(cuts).isLessThan(MORE_THAN_IT_TAKES);
      }
      assertThat(cuts).isGreaterThan(1);
      store.validateStore();
      assertThat(store.nextDefinitionSequence("first")).isEqualTo(1);
    }
  }

  /** Whether the connection was cut, after so many requests, before the store was there. */
  private static boolean isCut(FaultyProxy proxy, PostgresPersistenceProvider store, int after)
      throws InterruptedException {
    AtomicInteger requests = new AtomicInteger();
    Trigger cut =
        proxy.beforeAnswer(
            sql -> requests.incrementAndGet() == after, connection -> connection.cut());
    Throwable failure = catchThrowable(store::ensureStoreExists);
    if (failure == null) {
      proxy.forgetTriggers();
      return false;
    }
    assertThat(failure).isInstanceOf(StoreException.class);
    cut.awaitFired();
    return true;
  }
}
