package dev.wfe.postgres.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.persistence.StaleRevisionException;
import dev.wfe.persistence.StoreUnavailableException;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.util.function.UnaryOperator;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.domain.EntityScan;
import org.springframework.boot.autoconfigure.jdbc.DataSourceAutoConfiguration;
import org.springframework.boot.autoconfigure.jdbc.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.autoconfigure.jdbc.JdbcTemplateAutoConfiguration;
import org.springframework.boot.autoconfigure.orm.jpa.HibernateJpaAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.LazyConnectionDataSourceProxy;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.orm.jpa.JpaSystemException;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionSystemException;
import org.springframework.transaction.support.TransactionTemplate;

/** Operations are part of an application's transactions, however it manages them. */
@ExtendWith(TestDatabaseExtension.class)
final class ThreadBoundTransactionTest {
  private static final WorkflowInstance WORKFLOW =
      WorkflowInstance.builder("definition", 1).id("w").build();

  private final TestDatabase database;

  ThreadBoundTransactionTest(TestDatabase database) {
    this.database = database;
    database.execute("create table if not exists orders (id text primary key)");
  }

  @BeforeEach
  void clear() {
    database.execute("truncate orders, wfc.workflows, wfc.definition_sequences cascade");
  }

  @Configuration(proxyBeanMethods = false)
  @EntityScan("dev.wfe.postgres.entity")
  static class StoreEntitiesToo {}

  /** The kinds of application. */
  enum Kind {
    JDBC(TransactionSystemException.class),
    BEHIND_A_LAZY_PROXY(StoreUnavailableException.class),
    BEHIND_A_TRANSACTIONAL_PROXY(TransactionSystemException.class),
    JPA(JpaSystemException.class),
    JPA_WITH_THE_STORES_ENTITIES(JpaSystemException.class),
    JPA_WITH_A_TRANSACTION_MANAGER_OF_JDBC(TransactionSystemException.class);

    final Class<? extends Exception> broken;

    Kind(Class<? extends Exception> broken) {
      this.broken = broken;
    }

    ApplicationContextRunner of(ApplicationContextRunner base) {
      return switch (this) {
        case JDBC -> base;
        case BEHIND_A_LAZY_PROXY ->
            processed(base, new Wrapping(LazyConnectionDataSourceProxy::new));
        case BEHIND_A_TRANSACTIONAL_PROXY ->
            processed(base, new Wrapping(TransactionAwareDataSourceProxy::new));
        case JPA -> jpa(base);
        case JPA_WITH_THE_STORES_ENTITIES ->
            jpa(base).withUserConfiguration(StoreEntitiesToo.class);
        case JPA_WITH_A_TRANSACTION_MANAGER_OF_JDBC ->
            jpa(base).withUserConfiguration(JdbcTransactions.class);
      };
    }

    private static ApplicationContextRunner jpa(ApplicationContextRunner base) {
      return base.withConfiguration(AutoConfigurations.of(HibernateJpaAutoConfiguration.class));
    }

    private static ApplicationContextRunner processed(
        ApplicationContextRunner base, BeanPostProcessor processor) {
      return base.withInitializer(
          context -> context.getBeanFactory().addBeanPostProcessor(processor));
    }
  }

  @Configuration(proxyBeanMethods = false)
  static class JdbcTransactions {
    @Bean
    JdbcTransactionManager transactionManager(DataSource dataSource) {
      return new JdbcTransactionManager(dataSource);
    }
  }

  /** Puts a wrapper around the application's data source. */
  private record Wrapping(UnaryOperator<DataSource> wrapper) implements BeanPostProcessor {
    @Override
    public Object postProcessAfterInitialization(Object bean, String name) {
      return bean instanceof DataSource dataSource ? wrapper.apply(dataSource) : bean;
    }
  }

  /** What an application has. */
  private record Beans(
      PostgresPersistenceProvider store, JdbcTemplate sql, TransactionTemplate in) {
    TransactionTemplate propagating(int propagation) {
      TransactionTemplate other = new TransactionTemplate(managers());
      other.setPropagationBehavior(propagation);
      return other;
    }

    private PlatformTransactionManager managers() {
      PlatformTransactionManager manager = in.getTransactionManager();
      assertThat(manager).isNotNull();
      return manager;
    }
  }

  /** A test. */
  private interface Test {
    void with(Beans beans) throws Exception;
  }

  private void run(Kind kind, Test test) {
    kind.of(
            new ApplicationContextRunner()
                .withConfiguration(
                    AutoConfigurations.of(
                        DataSourceAutoConfiguration.class,
                        DataSourceTransactionManagerAutoConfiguration.class,
                        JdbcTemplateAutoConfiguration.class,
                        WfeAutoConfiguration.class))
                .withPropertyValues(
                    "spring.datasource.url=" + database.url(),
                    "spring.datasource.hikari.maximum-pool-size=3"))
        .run(
            context ->
                test.with(
                    new Beans(
                        context.getBean(PostgresPersistenceProvider.class),
                        context.getBean(JdbcTemplate.class),
                        new TransactionTemplate(
                            context.getBean(PlatformTransactionManager.class)))));
  }

  private String stored() {
    return "%s orders, %s workflows"
        .formatted(
            database.queryForString("select count(*) from orders"),
            database.queryForString("select count(*) from wfc.workflows"));
  }

  private static void place(Beans beans) {
    beans.sql.update("insert into orders values ('o')");
    beans.store.createNewWorkflow(WORKFLOW);
    assertThat(beans.sql.queryForObject("select count(*) from wfc.workflows", Long.class)).isOne();
  }

  @ParameterizedTest
  @EnumSource
  void afterACommitAllIsThere(Kind kind) {
    run(
        kind,
        beans -> {
          beans.in.executeWithoutResult(
              status -> {
                place(beans);
                assertThat(stored()).isEqualTo("0 orders, 0 workflows");
              });
          assertThat(stored()).isEqualTo("1 orders, 1 workflows");
        });
  }

  @ParameterizedTest
  @EnumSource
  void afterARollbackNothingIsThere(Kind kind) {
    run(
        kind,
        beans -> {
          beans.in.executeWithoutResult(
              status -> {
                place(beans);
                status.setRollbackOnly();
              });
          assertThat(stored()).isEqualTo("0 orders, 0 workflows");
        });
  }

  @ParameterizedTest
  @EnumSource
  void aStalePersistLeavesTheTransactionAsItWas(Kind kind) {
    run(
        kind,
        beans -> {
          beans.in.executeWithoutResult(
              status -> {
                place(beans);
                WorkflowInstance read = beans.store.getWorkflowInstance("w");
                beans.store.persistWorkflow(read.toBuilder().reference("first").build());
                assertThatThrownBy(() -> beans.store.persistWorkflow(read))
                    .isInstanceOf(StaleRevisionException.class);
              });
          assertThat(stored()).isEqualTo("1 orders, 1 workflows");
        });
  }

  /** Where the rollback fails on it as well, Spring throws that instead. */
  @ParameterizedTest
  @EnumSource
  void ofABrokenConnectionNothingIsThere(Kind kind) {
    run(
        kind,
        beans -> {
          assertThatThrownBy(
                  () ->
                      beans.in.executeWithoutResult(
                          status -> {
                            place(beans);
                            endSession(beans);
                            beans.store.nextDefinitionSequence("d");
                          }))
              .isInstanceOf(kind.broken);
          assertThat(stored()).isEqualTo("0 orders, 0 workflows");
        });
  }

  private void endSession(Beans beans) {
    database.execute(
        "select pg_terminate_backend(%s)"
            .formatted(beans.sql.queryForObject("select pg_backend_pid()", Integer.class)));
  }

  @ParameterizedTest
  @EnumSource
  void independentOperationsCommitByThemselves(Kind kind) {
    run(
        kind,
        beans -> {
          PersistenceProvider store = beans.store;
          store.nextDefinitionSequence("d");
          beans.in.executeWithoutResult(
              status -> {
                beans.store.inOwnTransactions().nextDefinitionSequence("d");
                beans
                    .propagating(TransactionDefinition.PROPAGATION_NOT_SUPPORTED)
                    .executeWithoutResult(suspended -> store.nextDefinitionSequence("d"));
                beans
                    .propagating(TransactionDefinition.PROPAGATION_REQUIRES_NEW)
                    .executeWithoutResult(other -> store.nextDefinitionSequence("d"));
                place(beans);
                status.setRollbackOnly();
              });
          assertThat(stored()).isEqualTo("0 orders, 0 workflows");
          assertThat(store.nextDefinitionSequence("d")).isEqualTo(5);
        });
  }
}
