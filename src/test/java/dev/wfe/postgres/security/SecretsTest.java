package dev.wfe.postgres.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.wfe.model.EventSubscription;
import dev.wfe.persistence.StoreException;
import dev.wfe.persistence.TokenMismatchException;
import dev.wfe.postgres.Entities;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.testing.LogCapture;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.hibernate.SessionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** No message contains a token, whatever the database says about its row. */
@ExtendWith(TestDatabaseExtension.class)
final class SecretsTest {
  private static final String SECRET = "s3cr3t";
  private static final String VIOLATION = "violates check constraint";

  private final TestDatabase database;
  private final List<PostgresPersistenceProvider> providers;

  SecretsTest(TestDatabase database) {
    this.database = database;
    providers =
        List.of(
            PostgresPersistenceProvider.connect(database.url()),
            PostgresPersistenceProvider.over(database.dataSource()));
  }

  @BeforeEach
  void oneSubscriptionThatIsHeldAndOneThatIsNot() {
    PostgresPersistenceProvider provider = providers.get(0);
    provider.createEventSubscription(held("held"));
    provider.createEventSubscription(subscription("free").build());
  }

  @AfterEach
  void closeAll() {
    providers.get(0).truncateAll();
    providers.forEach(PostgresPersistenceProvider::close);
  }

  private static EventSubscription.Builder subscription(String id) {
    return EventSubscription.builder("w", "p", "shipped", "1").subscribeAsOf(Instant.EPOCH).id(id);
  }

  private static EventSubscription held(String id) {
    return subscription(id).externalToken(SECRET).externalWorkerId("worker").build();
  }

  /** What another program may have added to the table, and how it is taken away again. */
  private enum Addition {
    CHECK(
        "alter table wfc.event_subscriptions add constraint c"
            + " check (external_worker_id <> 'bad') not valid",
        "alter table wfc.event_subscriptions drop constraint c"),
    UNIQUE("create unique index u on wfc.event_subscriptions (external_token)", "drop index wfc.u"),
    CAST(
        """
        create function wfc.cast_token() returns trigger language plpgsql as
          $$ begin perform new.external_token::int; return new; end $$;
        create trigger t before insert or update on wfc.event_subscriptions
          for each row execute function wfc.cast_token()\
        """,
        "drop function wfc.cast_token() cascade"),
    NOT_NULL(
        """
        alter table wfc.event_subscriptions add column n int;
        alter table wfc.event_subscriptions add constraint c check (n is not null) not valid\
        """,
        "alter table wfc.event_subscriptions drop column n");

    final String add;
    final String remove;

    Addition(String add, String remove) {
      this.add = add;
      this.remove = remove;
    }
  }

  @ParameterizedTest
  @EnumSource
  void aForeignRefusalOfARowDoesNotShowIt(Addition addition) {
    database.execute(addition.add);
    try {
      for (PostgresPersistenceProvider provider : providers) {
        requireSilence(
            () -> provider.setSubscriptionToken("free", SECRET, "bad", Duration.ofHours(1)));
        requireSilence(
            () ->
                provider.createEventSubscription(
                    held("other").toBuilder().externalWorkerId("bad").build()));
      }
    } finally {
      database.execute(addition.remove);
    }
  }

  private static void requireSilence(Runnable call) {
    try (LogCapture log = new LogCapture()) {
      Throwable failure = catchThrowable(call::run);

      assertThat(failure).isInstanceOf(StoreException.class);
      assertThat(LogCapture.stackTrace(failure)).doesNotContain(SECRET);
      assertThat(log.text()).doesNotContain(SECRET);
    }
  }

  /** Hibernate logs what its own statements run into, word for word. */
  @Test
  void entitiesOverOurConnectionsDoNotLogTheRow() {
    database.execute(Addition.CHECK.add);
    try (LogCapture log = new LogCapture()) {
      SessionFactory factory = providers.get(0).entityManagerFactory().unwrap(SessionFactory.class);
      EventSubscription refused = held("entity").toBuilder().externalWorkerId("bad").build();

      Throwable failure =
          catchThrowable(
              () ->
                  factory.inTransaction(entities -> entities.persist(Entities.toEntity(refused))));

      assertThat(LogCapture.stackTrace(failure)).contains(VIOLATION).doesNotContain(SECRET);
      assertThat(log.text()).contains(VIOLATION).doesNotContain(SECRET);
    } finally {
      database.execute(Addition.CHECK.remove);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"held", "nothing"})
  void aTokenThatDoesNotFitIsNotShown(String id) {
    Throwable failure =
        catchThrowable(() -> providers.get(0).clearSubscriptionToken(id, "other " + SECRET));

    assertThat(LogCapture.stackTrace(failure)).doesNotContain(SECRET);
    assertThat(failure instanceof TokenMismatchException).isEqualTo(id.equals("held"));
  }

  @Test
  void valuesAndTheirRefusalsDoNotShowIt() {
    assertThat(held("held").toString()).doesNotContain(SECRET);
    assertThat(
            catchThrowable(
                () ->
                    providers
                        .get(0)
                        .createEventSubscription(
                            held("x").toBuilder().externalToken(SECRET.repeat(1_000)).build())))
        .hasMessageContaining("externalToken")
        .hasMessageNotContaining(SECRET);
  }
}
