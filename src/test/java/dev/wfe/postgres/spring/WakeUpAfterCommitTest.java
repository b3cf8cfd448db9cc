package dev.wfe.postgres.spring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.model.WorkflowInstance;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import dev.wfe.postgres.wakeups.Listener;
import dev.wfe.postgres.wakeups.Notifications;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.jdbc.DataSourceAutoConfiguration;
import org.springframework.boot.autoconfigure.jdbc.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.autoconfigure.orm.jpa.HibernateJpaAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** The commit of a transaction of Spring wakes other processes, and no rollback does. */
@ExtendWith(TestDatabaseExtension.class)
final class WakeUpAfterCommitTest {
  private static final WorkflowInstance WORKFLOW =
      WorkflowInstance.builder("definition", 1).build();

  private final TestDatabase database;

  WakeUpAfterCommitTest(TestDatabase database) {
    this.database = database;
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aTransactionOfSpringWakesAfterItsCommit(boolean isJpa) {
    ApplicationContextRunner base =
        new ApplicationContextRunner()
            .withConfiguration(
                AutoConfigurations.of(
                    DataSourceAutoConfiguration.class,
                    DataSourceTransactionManagerAutoConfiguration.class,
                    WfeAutoConfiguration.class))
            .withPropertyValues("spring.datasource.url=" + database.url());
    (isJpa
            ? base.withConfiguration(AutoConfigurations.of(HibernateJpaAutoConfiguration.class))
            : base)
        .run(
            context -> {
              PostgresPersistenceProvider store =
                  context.getBean(PostgresPersistenceProvider.class);
              TransactionTemplate transaction =
                  new TransactionTemplate(context.getBean(PlatformTransactionManager.class));
              try (Notifications sent = new Notifications(database);
                  PostgresPersistenceProvider other =
                      PostgresPersistenceProvider.connect(database.url());
                  Listener own = Listener.listening(store);
                  Listener listener = Listener.listening(other)) {
                assertThat(own).isNotNull();
                transaction.executeWithoutResult(
                    status -> {
                      store.createNewWorkflow(WORKFLOW);
                      status.setRollbackOnly();
                    });
                listener.assertWokenBy(
                    () ->
                        transaction.executeWithoutResult(
                            status -> {
                              store.createNewWorkflow(WORKFLOW);
                              assertThat(sent.all()).isEmpty();
                            }));
                assertThat(sent.all()).hasSize(1);
              }
            });
  }
}
