package dev.wfe.postgres.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.persistence.StoreSetupException;
import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.testing.EmptyDatabase;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import jakarta.persistence.EntityManagerFactory;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import javax.sql.DataSource;
import org.hibernate.SessionFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.domain.EntityScan;
import org.springframework.boot.autoconfigure.jdbc.DataSourceAutoConfiguration;
import org.springframework.boot.autoconfigure.orm.jpa.HibernateJpaAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;
import org.springframework.jdbc.datasource.AbstractDataSource;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.datasource.embedded.EmbeddedDatabase;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.jta.JtaTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

@ExtendWith(TestDatabaseExtension.class)
final class WfeAutoConfigurationTest {
  private final TestDatabase database;
  private final ApplicationContextRunner application;

  WfeAutoConfigurationTest(@EmptyDatabase TestDatabase database) {
    this.database = database;
    application =
        new ApplicationContextRunner()
            .withConfiguration(
                AutoConfigurations.of(
                    DataSourceAutoConfiguration.class, WfeAutoConfiguration.class))
            .withPropertyValues(
                "spring.datasource.url=" + database.url(),
                "spring.datasource.hikari.maximum-pool-size=2");
  }

  @Test
  void theStoreIsThereAndOverTheDataSourceOfTheApplication() {
    application.run(
        context -> {
          PersistenceProvider provider = context.getBean(PersistenceProvider.class);
          provider.createNewWorkflow(WorkflowInstance.builder("definition", 1).build());

          assertThat(context.getBean(PostgresPersistenceProvider.class).options())
              .isEqualTo(PostgresOptions.defaults());
          assertThat(database.queryForString("select count(*) from wfc.workflows")).isEqualTo("1");
        });
  }

  @Test
  void propertiesSayHowItIsSetUp() {
    application
        .withPropertyValues(
            "wfe.schema=Orders",
            "wfe.table-prefix=wf_",
            "wfe.statement-timeout=5s",
            "wfe.retry-timeout=0",
            "wfe.group-size=7",
            "wfe.wake-ups=false",
            "wfe.transactional-wake-ups=true",
            "wfe.pooling-proxy=true",
            "spring.datasource.hikari.data-source-properties.prepareThreshold=0",
            "wfe.direct-url=" + database.url(),
            "wfe.validate=true")
        .run(
            context -> {
              assertThat(context.getBean(PostgresPersistenceProvider.class).options())
                  .isEqualTo(
                      PostgresOptions.builder()
                          .schema("Orders")
                          .tablePrefix("wf_")
                          .statementTimeout(Duration.ofSeconds(5))
                          .retryTimeout(Duration.ZERO)
                          .groupSize(7)
                          .wakeUps(false)
                          .transactionalWakeUps(true)
                          .poolingProxy(true)
                          .directUrl(database.url())
                          .build());
              assertThat(database.queryForString("select count(*) from \"Orders\".wf_workflows"))
                  .isEqualTo("0");
            });
  }

  @Test
  void withoutMigrationsNothingIsMadeAndValidationSaysWhatIsMissing() {
    application
        .withPropertyValues("wfe.migrate=false")
        .run(
            context -> {
              assertThat(context).hasSingleBean(PersistenceProvider.class);
              assertThat(database.queryForString("select to_regnamespace('wfc')")).isNull();
            });
    application
        .withPropertyValues("wfe.migrate=false", "wfe.validate=true")
        .run(
            context ->
                assertThat(context).getFailure().hasRootCauseInstanceOf(StoreSetupException.class));
  }

  @Configuration(proxyBeanMethods = false)
  static class OwnProvider {
    @Bean
    PostgresPersistenceProvider store(DataSource dataSource) {
      return PostgresPersistenceProvider.over(dataSource);
    }
  }

  @Test
  void itBacksOffWhereTheApplicationHasAProvider() {
    application
        .withUserConfiguration(OwnProvider.class)
        .run(
            context -> {
              assertThat(context.getBeanNamesForType(PersistenceProvider.class))
                  .containsExactly("store");
              assertThat(database.queryForString("select to_regnamespace('wfc')")).isNull();
            });
  }

  @Configuration(proxyBeanMethods = false)
  static class Jta {
    @Bean
    JtaTransactionManager transactionManager() {
      JtaTransactionManager manager =
          new JtaTransactionManager() {
            @Override
            public void afterPropertiesSet() {
              // Nothing is to be looked up.
            }
          };
      manager.setAutodetectUserTransaction(false);
      return manager;
    }
  }

  @Test
  void itBacksOffUnderJta() {
    application
        .withUserConfiguration(Jta.class)
        .run(context -> assertThat(context).doesNotHaveBean(PersistenceProvider.class));
  }

  @Test
  void itBacksOffWhereThereIsNoDataSource() {
    new ApplicationContextRunner()
        .withConfiguration(AutoConfigurations.of(WfeAutoConfiguration.class))
        .run(context -> assertThat(context).doesNotHaveBean(PersistenceProvider.class));
  }

  @Configuration(proxyBeanMethods = false)
  @EntityScan("dev.wfe.postgres.entity")
  static class StoreEntitiesToo {}

  @Test
  void theTablesAreThereBeforeHibernateLooksAtThem() {
    application
        .withConfiguration(AutoConfigurations.of(HibernateJpaAutoConfiguration.class))
        .withUserConfiguration(StoreEntitiesToo.class)
        .withPropertyValues("spring.jpa.hibernate.ddl-auto=validate")
        .run(
            context -> {
              context
                  .getBean(PersistenceProvider.class)
                  .createNewWorkflow(
                      WorkflowInstance.builder("definition", 1).reference("read").build());
              Long found =
                  context
                      .getBean(EntityManagerFactory.class)
                      .unwrap(SessionFactory.class)
                      .fromSession(
                          session ->
                              session
                                  .createQuery(
                                      "select count(w) from WorkflowEntity w"
                                          + " where w.reference = 'read'",
                                      Long.class)
                                  .getSingleResult());
              assertThat(found).isOne();
            });
  }

  @Test
  void itIsClosedWithTheContext() {
    PostgresPersistenceProvider[] provider = new PostgresPersistenceProvider[1];
    application.run(context -> provider[0] = context.getBean(PostgresPersistenceProvider.class));

    assertThatThrownBy(() -> provider[0].nextDefinitionSequence("d"))
        .isInstanceOf(StoreSetupException.class)
        .hasMessage("The provider is closed");
  }

  @Test
  void theStoreIsCreatedBeforeHibernateThatStartsBeforeScripts() {
    application
        .withConfiguration(AutoConfigurations.of(HibernateJpaAutoConfiguration.class))
        .withUserConfiguration(StoreEntitiesToo.class)
        .withPropertyValues(
            "spring.jpa.defer-datasource-initialization=true",
            "spring.jpa.hibernate.ddl-auto=validate")
        .run(context -> assertThat(context).hasNotFailed());
  }

  @Test
  void hibernateDropsNothingWhenTheApplicationEnds() {
    for (int start = 1; start <= 2; start++) {
      String expected = Integer.toString(start);
      application
          .withConfiguration(AutoConfigurations.of(HibernateJpaAutoConfiguration.class))
          .withUserConfiguration(StoreEntitiesToo.class)
          .withPropertyValues("spring.jpa.hibernate.ddl-auto=create-drop", "wfe.validate=true")
          .run(
              context -> {
                context
                    .getBean(PersistenceProvider.class)
                    .createNewWorkflow(WorkflowInstance.builder("definition", 1).build());
                assertThat(database.queryForString("select count(*) from wfc.workflows"))
                    .isEqualTo(expected);
              });
    }
  }

  @Test
  void anEmbeddedDatabaseInItsPlaceIsNotUsed() {
    application
        .withUserConfiguration(Embedded.class)
        .run(
            context -> {
              assertThat(context).hasNotFailed();
              assertThat(context).doesNotHaveBean(PersistenceProvider.class);
            });
  }

  /** As a slice of tests has it. */
  @Configuration(proxyBeanMethods = false)
  static class Embedded {
    @Bean
    EmbeddedDatabase dataSource() {
      return new EmbeddedDatabaseStandIn();
    }
  }

  private static final class EmbeddedDatabaseStandIn extends AbstractDataSource
      implements EmbeddedDatabase {
    @Override
    public Connection getConnection() throws SQLException {
      throw new SQLException("is no PostgreSQL");
    }

    @Override
    public Connection getConnection(String user, String password) throws SQLException {
      return getConnection();
    }

    @Override
    public void shutdown() {}
  }

  @Configuration(proxyBeanMethods = false)
  static class TwoDataSources {
    @Bean
    @Primary
    DataSource orders(TwoUrls urls) {
      return new DriverManagerDataSource(urls.orders());
    }

    @Bean
    DataSource workflows(TwoUrls urls) {
      return new DriverManagerDataSource(urls.workflows());
    }

    @Bean
    JdbcTransactionManager workflowTransactions(@Qualifier("workflows") DataSource workflows) {
      return new JdbcTransactionManager(workflows);
    }
  }

  private record TwoUrls(String orders, String workflows) {}

  @Test
  void ofTwoDataSourcesTheNamedOneIsUsedAndItsTransactionsAreJoined() {
    application
        .withConfiguration(AutoConfigurations.of(TransactionPhasesAutoConfiguration.class))
        .withUserConfiguration(TwoDataSources.class)
        .withBean(
            TwoUrls.class, () -> new TwoUrls("jdbc:postgresql://127.0.0.1:1/none", database.url()))
        .withPropertyValues("wfe.data-source=workflows")
        .run(
            context -> {
              PersistenceProvider store = context.getBean(PersistenceProvider.class);
              TransactionTemplate transaction =
                  new TransactionTemplate(context.getBean(JdbcTransactionManager.class));
              transaction.executeWithoutResult(
                  status -> {
                    store.createNewWorkflow(WorkflowInstance.builder("definition", 1).build());
                    status.setRollbackOnly();
                  });
              assertThat(database.queryForString("select count(*) from wfc.workflows"))
                  .isEqualTo("0");
            });
  }

  @Test
  void aProviderOfTheApplicationOverItsSecondDataSourceJoinsItsTransactions() {
    DataSource second = new DriverManagerDataSource(database.url());
    try (PostgresPersistenceProvider store =
        SpringTransactions.over(second, PostgresOptions.defaults())) {
      store.ensureStoreExists();
      new TransactionTemplate(new JdbcTransactionManager(second))
          .executeWithoutResult(
              status -> {
                store.createNewWorkflow(WorkflowInstance.builder("definition", 1).build());
                status.setRollbackOnly();
              });
      assertThat(database.queryForString("select count(*) from wfc.workflows")).isEqualTo("0");
    }
  }
}
