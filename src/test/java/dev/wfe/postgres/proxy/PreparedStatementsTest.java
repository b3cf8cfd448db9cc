package dev.wfe.postgres.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import jakarta.persistence.EntityManager;
import java.time.Instant;
import java.util.List;
import org.hibernate.Session;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(TestDatabaseExtension.class)
final class PreparedStatementsTest {
  private static final String RUNNABLE = "order by next_execution";

  private final TestDatabase database;

  PreparedStatementsTest(TestDatabase database) {
    this.database = database;
  }

  @Test
  void statementsArePreparedOnTheServerFromTheirFirstUse() {
    assertThat(preparedAfterOneUse("")).anyMatch(statement -> statement.contains(RUNNABLE));
  }

  /** Some pooling proxies hand each transaction to another session, which knows none of them. */
  @Test
  void theUrlCanSayThatNoneAre() {
    assertThat(preparedAfterOneUse("prepareThreshold=0")).isEmpty();
  }

  private List<String> preparedAfterOneUse(String parameter) {
    String url = database.url() + (database.url().contains("?") ? "&" : "?") + parameter;
    PostgresOptions options = PostgresOptions.builder().poolSize(1).build();
    try (PostgresPersistenceProvider provider = PostgresPersistenceProvider.connect(url, options)) {
      provider.getRunnableInstances(Instant.now());
      try (EntityManager entities = provider.entityManagerFactory().createEntityManager()) {
        return entities
            .unwrap(Session.class)
            .createNativeQuery(
                "select statement from pg_prepared_statements"
                    + " where statement not like '%pg_prepared_statements%'",
                String.class)
            .getResultList();
      }
    }
  }
}
