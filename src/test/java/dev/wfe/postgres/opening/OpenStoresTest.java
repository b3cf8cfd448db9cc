package dev.wfe.postgres.opening;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.testing.EmptyDatabase;
import dev.wfe.postgres.testing.LogCapture;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import jakarta.persistence.EntityManager;
import java.lang.ref.WeakReference;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(TestDatabaseExtension.class)
final class OpenStoresTest {
  private static final PostgresOptions DEFAULTS = PostgresOptions.builder().poolSize(1).build();
  private static final String WARNING = "This application has another open provider";

  private final TestDatabase database;
  private final LogCapture log = new LogCapture();

  OpenStoresTest(TestDatabase database) {
    this.database = database;
  }

  @AfterEach
  void stopLogging() {
    log.close();
  }

  private PostgresPersistenceProvider connect(PostgresOptions options) {
    return PostgresPersistenceProvider.connect(database.url(), options);
  }

  private void assertNoWarning() {
    assertThat(log.text()).doesNotContain(WARNING);
  }

  @Test
  void theWarningNamesTheConsequenceAndTheRemedy() {
    PostgresPersistenceProvider first = connect(DEFAULTS);
    PostgresPersistenceProvider second = connect(DEFAULTS);
    second.close();
    first.close();

    assertThat(log.text())
        .containsOnlyOnce(WARNING)
        .contains(
            "twice the connections", "waits for locks that the other holds", "share or inject it");
  }

  @Test
  void providersOpenedInDifferentWaysCount() {
    try (PostgresPersistenceProvider first = connect(DEFAULTS);
        PostgresPersistenceProvider second =
            PostgresPersistenceProvider.over(first.entityManagerFactory())) {
      assertThat(second.options()).isNotNull();
      assertThat(log.text()).containsOnlyOnce(WARNING);
    }
  }

  @Test
  void otherStoresOfTheDatabaseDoNotCount() {
    connect(DEFAULTS).close();
    PostgresPersistenceProvider first = connect(DEFAULTS);
    connect(DEFAULTS.toBuilder().schema("other").build()).close();
    connect(DEFAULTS.toBuilder().tablePrefix("other_").build()).close();
    first.close();

    assertNoWarning();
  }

  @Test
  void theSameNamesInAnotherDatabaseDoNotCount(@EmptyDatabase TestDatabase other) {
    try (PostgresPersistenceProvider first = connect(DEFAULTS);
        PostgresPersistenceProvider second =
            PostgresPersistenceProvider.connect(other.url(), DEFAULTS)) {
      assertThat(second.options()).isEqualTo(first.options());
      assertNoWarning();
    }
  }

  @Test
  void viewsDoNotCount() {
    try (PostgresPersistenceProvider store = connect(DEFAULTS);
        EntityManager entities = store.entityManagerFactory().createEntityManager()) {
      assertThat(store.within(entities)).isNotSameAs(store.inOwnTransactions());
      assertNoWarning();
    }
  }

  @Test
  void anUnreachableProviderDoesNotCount() {
    WeakReference<PostgresPersistenceProvider> dropped =
        new WeakReference<>(PostgresPersistenceProvider.over(database.dataSource()));
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (dropped.get() != null) {
      assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
      System.gc();
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
    }

    connect(DEFAULTS).close();
    assertNoWarning();
  }
}
