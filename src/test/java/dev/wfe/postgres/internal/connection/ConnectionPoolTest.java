package dev.wfe.postgres.internal.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.persistence.StoreUnavailableException;
import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.testing.LogCapture;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import jakarta.persistence.EntityManager;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(TestDatabaseExtension.class)
final class ConnectionPoolTest {
  private static final PostgresOptions ONE = PostgresOptions.builder().poolSize(1).build();

  private final TestDatabase database;

  ConnectionPoolTest(TestDatabase database) {
    this.database = database;
  }

  private ConnectionPool pool(Duration connectTimeout) {
    ProviderSettings settings = TestSettings.of(1, connectTimeout, false);
    return ConnectionPool.of(ConnectionUrl.dataSource(database.url(), settings), settings);
  }

  @Test
  void connectionsAreGivenInTheOrderOfTheCalls() throws Exception {
    List<String> given = new CopyOnWriteArrayList<>();
    try (ConnectionPool pool = pool(Duration.ofSeconds(10))) {
      Connection first = pool.getConnection();
      FutureTask<Boolean> waiting =
          new FutureTask<>(
              () -> {
                try (Connection second = pool.getConnection()) {
                  return given.add("waiting") && second.isValid(0);
                }
              });
      Thread thread = new Thread(waiting);
      thread.start();
      while (thread.getState() != Thread.State.TIMED_WAITING) {
        Thread.onSpinWait();
      }

      first.close();
      try (Connection third = pool.getConnection()) {
        assertThat(third.isValid(0)).isTrue();
        given.add("again");
      }

      assertThat(waiting.get(1, TimeUnit.MINUTES)).isTrue();
      assertThat(given).containsExactly("waiting", "again");
    }
  }

  @Test
  void aConnectionThatIsClosedTwiceIsGivenBackOnce() throws Exception {
    try (ConnectionPool pool = pool(Duration.ofMillis(250))) {
      Connection first = pool.getConnection();
      first.close();
      first.close();

      try (Connection second = pool.getConnection()) {
        assertThat(second.isValid(0)).isTrue();
        assertThatThrownBy(pool::getConnection)
            .hasMessageStartingWith("all 1 connections of the pool were in use for 250 ms");
      }
    }
  }

  @Test
  void anExhaustedPoolIsReportedToTheCallerAndNotLogged() {
    PostgresOptions impatient =
        ONE.toBuilder().connectTimeout(Duration.ofMillis(250)).retryTimeout(Duration.ZERO).build();
    try (PostgresPersistenceProvider provider =
            PostgresPersistenceProvider.connect(database.url(), impatient);
        EntityManager holder = provider.entityManagerFactory().createEntityManager()) {
      holder.getTransaction().begin();
      assertThat(holder.createNativeQuery("select 1", Integer.class).getSingleResult())
          .isEqualTo(1);
      try (LogCapture log = new LogCapture()) {
        assertThatThrownBy(() -> provider.nextDefinitionSequence("d"))
            .isInstanceOf(StoreUnavailableException.class)
            .hasMessageContaining("all 1 connections of the pool were in use");
        assertThat(log.text()).isEmpty();
      }
      holder.getTransaction().rollback();
    }
  }

  @Test
  @SuppressWarnings("try") // closed early on purpose
  void aFailingDataSourceIsReportedToTheCallerAndNotLogged() throws Exception {
    try (ConnectionPool external = pool(Duration.ofSeconds(10));
        PostgresPersistenceProvider provider =
            PostgresPersistenceProvider.over(
                external, ONE.toBuilder().retryTimeout(Duration.ZERO).build())) {
      external.close();
      try (LogCapture log = new LogCapture()) {
        assertThatThrownBy(() -> provider.nextDefinitionSequence("d"))
            .isInstanceOf(StoreUnavailableException.class);
        assertThat(log.text()).isEmpty();
      }
    }
  }
}
