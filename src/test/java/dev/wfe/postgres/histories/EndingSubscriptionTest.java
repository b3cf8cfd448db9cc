package dev.wfe.postgres.histories;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.model.EventSubscription;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Found by the histories: a token is requested while the subscription is being terminated. */
@ExtendWith(TestDatabaseExtension.class)
final class EndingSubscriptionTest {
  private static final String TOKEN = "token";

  private final TestDatabase database;
  private final PostgresPersistenceProvider provider;
  private final ExecutorService other = Executors.newSingleThreadExecutor();

  EndingSubscriptionTest(TestDatabase database) {
    this.database = database;
    this.provider = PostgresPersistenceProvider.connect(database.url());
  }

  @AfterEach
  void close() {
    other.shutdownNow();
    provider.close();
  }

  @Test
  void aTokenIsNotRefusedAsHeldWhenTheSubscriptionEnds() throws Exception {
    String id = subscribe();

    assertNotFoundAfterEnd(
        id, () -> provider.setSubscriptionToken(id, TOKEN, "worker", Duration.ofHours(1)));
  }

  @Test
  void theHoldersTokenIsNotRefusedAsAnothersWhenTheSubscriptionEnds() throws Exception {
    String id = subscribe();
    provider.setSubscriptionToken(id, TOKEN, "worker", Duration.ofHours(1));

    assertNotFoundAfterEnd(id, () -> provider.clearSubscriptionToken(id, TOKEN));
  }

  private String subscribe() {
    return provider.createEventSubscription(
        EventSubscription.builder("workflow", "pointer", "name", "key")
            .subscribeAsOf(Instant.EPOCH)
            .build());
  }

  private void assertNotFoundAfterEnd(String id, Runnable call) throws Exception {
    try (Connection ending = database.dataSource().getConnection();
        Statement statement = ending.createStatement()) {
      ending.setAutoCommit(false);
      statement.executeUpdate("delete from wfc.event_subscriptions where id = '" + id + "'");
      Future<?> asked = other.submit(call);
      database.awaitWaiting("with", ending);
      ending.commit();

      assertThatThrownBy(() -> asked.get(60, TimeUnit.SECONDS))
          .isInstanceOf(ExecutionException.class)
          .cause()
          .isExactlyInstanceOf(NotFoundException.class);
    }
  }
}
