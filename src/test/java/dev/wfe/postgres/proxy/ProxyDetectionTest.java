package dev.wfe.postgres.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.StoreSetupException;
import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.testing.EmptyDatabase;
import dev.wfe.postgres.testing.PgBouncer;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.Persistence;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.hibernate.cfg.AvailableSettings;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;

/** What a provider does when PgBouncer is before the database, with and without the option. */
@ExtendWith(TestDatabaseExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ProxyDetectionTest {
  private static final int ONE_SESSION = 1;

  private static final PostgresOptions PROXIED =
      PostgresOptions.builder().poolSize(3).poolingProxy(true).build();

  private final TestDatabase database;
  private final PgBouncer proxy;

  ProxyDetectionTest(TestDatabase database) {
    this.database = database;
    this.proxy = PgBouncer.before(database, ONE_SESSION);
  }

  @AfterAll
  void endProxy() {
    proxy.close();
  }

  @Test
  void noProxyIsSeenWhereThereIsNone() {
    for (int i = 0; i < 3; i++) {
      try (PostgresPersistenceProvider provider =
          PostgresPersistenceProvider.connect(database.url())) {
        assertThat(provider.options().poolingProxy()).isFalse();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aDataSourceThatPreparesStatementsIsRefused(boolean option) {
    PGSimpleDataSource preparing = new PGSimpleDataSource();
    preparing.setUrl(proxy.url());

    assertThatThrownBy(
            () ->
                PostgresPersistenceProvider.over(
                    preparing,
                    PROXIED.toBuilder().poolingProxy(option).directUrl(database.url()).build()))
        .isInstanceOf(StoreSetupException.class)
        .hasMessageContainingAll("poolingProxy", "prepareThreshold=0");
  }

  @Test
  void aFactoryThatPreparesStatementsIsRefused() {
    Map<String, Object> properties =
        new HashMap<>(PostgresOptions.defaults().hibernateProperties());
    properties.put(AvailableSettings.JAKARTA_JDBC_URL, proxy.url());
    try (EntityManagerFactory factory = Persistence.createEntityManagerFactory("wfe", properties)) {
      assertThatThrownBy(() -> PostgresPersistenceProvider.over(factory))
          .isInstanceOf(StoreSetupException.class)
          .hasMessageContainingAll("poolingProxy", "prepareThreshold=0");
    }
  }

  /** Some proxies carry prepared statements along; whoever says so is believed. */
  @Test
  void aThresholdThatWasSetOnPurposeIsKept() {
    PGSimpleDataSource preparing = new PGSimpleDataSource();
    preparing.setUrl(proxy.url() + "&prepareThreshold=1000");
    try (PostgresPersistenceProvider over = PostgresPersistenceProvider.over(preparing);
        PostgresPersistenceProvider connected =
            PostgresPersistenceProvider.connect(proxy.url() + "&prepareThreshold=1000")) {
      for (PostgresPersistenceProvider provider : List.of(over, connected)) {
        assertThat(provider.nextDefinitionSequence("kept")).isPositive();
        assertThat(provider.options().poolingProxy()).isTrue();
      }
    }
  }

  @Test
  void collidingPreparedStatementsAreASetupFailure() throws SQLException {
    try (PgBouncer newSession = PgBouncer.before(database, ONE_SESSION)) {
      String url = newSession.url() + "&prepareThreshold=1";
      PostgresOptions one = PostgresOptions.builder().poolSize(1).build();
      try (PostgresPersistenceProvider host = PostgresPersistenceProvider.connect(url, one)) {
        host.nextDefinitionSequence("met");

        assertThatThrownBy(
                () -> {
                  try (PostgresPersistenceProvider other =
                      PostgresPersistenceProvider.connect(url, one)) {
                    other.getEvent("e");
                  }
                })
            .isInstanceOf(StoreSetupException.class)
            .hasMessageContainingAll("poolingProxy", "prepareThreshold=0");
      }
    }
  }

  /**
   * The proxy gives the client another session, to which the driver's statements are unknown. A
   * persist without revision is two statements, which the driver does not repeat by itself.
   */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void statementsThatAnotherSessionPreparedAreAMatterOfSetup(boolean external) {
    try (PgBouncer newSession = PgBouncer.before(database, ONE_SESSION);
        HikariDataSource pool = new HikariDataSource()) {
      pool.setJdbcUrl(newSession.url() + "&prepareThreshold=1");
      pool.setMaximumPoolSize(1);
      // Without wake-ups, which could be the first to find out.
      PostgresOptions options = PostgresOptions.builder().poolSize(1).wakeUps(false).build();
      try (PostgresPersistenceProvider host =
          external
              ? PostgresPersistenceProvider.over(pool, options)
              : PostgresPersistenceProvider.connect(pool.getJdbcUrl(), options)) {
        String id = "ended" + external;
        WorkflowInstance value = WorkflowInstance.builder("definition", 1).id(id).name(id).build();
        host.createNewWorkflow(value);
        for (int i = 0; i < 3; i++) {
          host.persistWorkflow(value);
        }
        database.execute(
            """
            select pg_terminate_backend(pid, 10000) from pg_stat_activity
            where datname = current_database() and pid <> pg_backend_pid()
            """);

        assertThatThrownBy(() -> host.persistWorkflow(value))
            .isInstanceOf(StoreSetupException.class)
            .hasMessageContainingAll("26000", "poolingProxy", "prepareThreshold=0");
      }
    }
  }

  @Test
  void aProxyThatKeepsSessionsMayBeTheDirectUrl(@EmptyDatabase TestDatabase empty) {
    try (PgBouncer sessions = PgBouncer.keepingSessions(empty);
        PostgresPersistenceProvider provider =
            PostgresPersistenceProvider.connect(
                sessions.url(), PostgresOptions.builder().directUrl(sessions.url()).build())) {
      provider.ensureStoreExists();
      provider.validateStore();
      assertThat(provider.nextDefinitionSequence("sessions")).isEqualTo(1);
    }
  }
}
