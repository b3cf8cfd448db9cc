package dev.wfe.postgres.transactions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.persistence.StoreSetupException;
import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.testing.PgBouncer;
import dev.wfe.postgres.testing.TestDatabase;
import org.hibernate.SessionFactory;
import org.junit.jupiter.api.Test;

/** A container's data source that connects through PgBouncer in transaction mode. */
@SuppressWarnings("try") // a proxy is closed before the server drops its database
final class JtaProxyTest {
  @Test
  void aContainersDataSourceThatPreparesStatementsIsRefused() throws Exception {
    TestDatabase database = TestDatabase.migrated();
    try (PgBouncer proxy = PgBouncer.before(database, 2);
        JtaServer server = new JtaServer(database, proxy.url())) {
      assertThatThrownBy(() -> PostgresPersistenceProvider.overJta(server.dataSource, options()))
          .isInstanceOf(StoreSetupException.class)
          .hasMessageContainingAll("poolingProxy", "prepareThreshold=0");
      try (SessionFactory unit = server.unit()) {
        assertThatThrownBy(() -> PostgresPersistenceProvider.over(unit, options()))
            .isInstanceOf(StoreSetupException.class)
            .hasMessageContainingAll("poolingProxy", "prepareThreshold=0");
      }
      // Before the server drops the database.
      proxy.close();
    }
  }

  @Test
  void oneThatPreparesNothingIsAWayIn() throws Exception {
    TestDatabase database = TestDatabase.migrated();
    try (PgBouncer proxy = PgBouncer.before(database, 2);
        JtaServer server = new JtaServer(database, proxy.url() + "&prepareThreshold=0");
        PostgresPersistenceProvider store =
            PostgresPersistenceProvider.overJta(server.dataSource, options())) {
      for (int i = 1; i <= 10; i++) {
        server.transactions.begin();
        assertThat(store.nextDefinitionSequence("d")).isEqualTo(i);
        server.transactions.commit();
      }
      assertThat(store.options().poolingProxy()).isTrue();
      proxy.close();
    }
  }

  private static PostgresOptions options() {
    return PostgresOptions.defaults();
  }
}
