package dev.wfe.postgres.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.CallerTransactionException;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.jdbc.DataSourceAutoConfiguration;
import org.springframework.boot.autoconfigure.jdbc.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.autoconfigure.jdbc.JdbcTemplateAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

/** The stored rows after a write in each phase of each kind of Spring transaction. */
@ExtendWith(TestDatabaseExtension.class)
final class TransactionPhasesTest {
  private final TestDatabase database;

  TransactionPhasesTest(TestDatabase database) {
    this.database = database;
    database.execute("create table if not exists orders (id text primary key)");
  }

  @BeforeEach
  void clear() {
    database.execute("truncate orders, wfc.workflows cascade");
  }

  /** What an application has. */
  private record Beans(
      PostgresPersistenceProvider store, JdbcTemplate sql, PlatformTransactionManager manager) {
    TransactionTemplate in(int propagation) {
      TransactionTemplate template = new TransactionTemplate(manager);
      template.setPropagationBehavior(propagation);
      return template;
    }

    TransactionTemplate transaction() {
      return in(TransactionDefinition.PROPAGATION_REQUIRED);
    }

    void create(String id) {
      store.createNewWorkflow(WorkflowInstance.builder("definition", 1).id(id).build());
    }

    void order(String id) {
      sql.update("insert into orders values (?)", id);
    }

    void after(TransactionSynchronization callback) {
      TransactionSynchronizationManager.registerSynchronization(callback);
    }
  }

  /** Where a workflow is created, in a transaction that is committed or rolled back. */
  enum Phase {
    INSIDE {
      @Override
      void run(Beans beans, Runnable create) {
        create.run();
      }
    },
    BEFORE_COMMIT {
      @Override
      void run(Beans beans, Runnable create) {
        beans.after(
            new TransactionSynchronization() {
              @Override
              public void beforeCommit(boolean readOnly) {
                create.run();
              }
            });
      }
    },
    BEFORE_COMPLETION {
      @Override
      void run(Beans beans, Runnable create) {
        beans.after(
            new TransactionSynchronization() {
              @Override
              public void beforeCompletion() {
                create.run();
              }
            });
      }
    },
    AFTER_COMMIT {
      @Override
      void run(Beans beans, Runnable create) {
        beans.after(
            new TransactionSynchronization() {
              @Override
              public void afterCommit() {
                create.run();
              }
            });
      }
    },
    AFTER_COMPLETION {
      @Override
      void run(Beans beans, Runnable create) {
        beans.after(
            new TransactionSynchronization() {
              @Override
              public void afterCompletion(int status) {
                create.run();
              }
            });
      }
    },
    REQUIRED_AFTER_COMPLETION {
      @Override
      void run(Beans beans, Runnable create) {
        AFTER_COMPLETION.run(
            beans, () -> beans.transaction().executeWithoutResult(status -> create.run()));
      }
    },
    NEW_AFTER_COMPLETION {
      @Override
      void run(Beans beans, Runnable create) {
        AFTER_COMPLETION.run(
            beans,
            () ->
                beans
                    .in(TransactionDefinition.PROPAGATION_REQUIRES_NEW)
                    .executeWithoutResult(status -> create.run()));
      }
    },
    SUSPENDED {
      @Override
      void run(Beans beans, Runnable create) {
        beans
            .in(TransactionDefinition.PROPAGATION_NOT_SUPPORTED)
            .executeWithoutResult(status -> create.run());
      }
    },
    NEW {
      @Override
      void run(Beans beans, Runnable create) {
        beans
            .in(TransactionDefinition.PROPAGATION_REQUIRES_NEW)
            .executeWithoutResult(status -> create.run());
      }
    };

    abstract void run(Beans beans, Runnable create);

    /** Whether what is written is stored although the transaction is rolled back. */
    boolean isApart() {
      return compareTo(BEFORE_COMPLETION) > 0;
    }
  }

  static Stream<Arguments> kinds() {
    return Stream.of(ThreadBoundTransactionTest.Kind.values())
        .flatMap(kind -> Stream.of(true, false).map(auto -> Arguments.of(kind, auto)));
  }

  /** A test. */
  private interface Work {
    void with(Beans beans) throws Exception;
  }

  private void run(ThreadBoundTransactionTest.Kind kind, boolean autoCommit, Work test) {
    kind.of(
            new ApplicationContextRunner()
                .withConfiguration(
                    AutoConfigurations.of(
                        DataSourceAutoConfiguration.class,
                        DataSourceTransactionManagerAutoConfiguration.class,
                        JdbcTemplateAutoConfiguration.class,
                        TransactionPhasesAutoConfiguration.class,
                        WfeAutoConfiguration.class))
                .withPropertyValues(
                    "spring.datasource.url=" + database.url(),
                    "spring.datasource.hikari.auto-commit=" + autoCommit,
                    "spring.datasource.hikari.maximum-pool-size=3"))
        .run(
            context ->
                test.with(
                    new Beans(
                        context.getBean(PostgresPersistenceProvider.class),
                        context.getBean(JdbcTemplate.class),
                        context.getBean(PlatformTransactionManager.class))));
  }

  private List<String> stored() {
    return database
        .queryForStrings("select id from orders union all select id from wfc.workflows order by 1")
        .stream()
        .map(String::valueOf)
        .toList();
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void aWriteInAnyPhaseIsPartOfTheTransactionOrCommittedByItself(
      ThreadBoundTransactionTest.Kind kind, boolean autoCommit) {
    run(
        kind,
        autoCommit,
        beans -> {
          for (Phase phase : Phase.values()) {
            clear();
            beans
                .transaction()
                .executeWithoutResult(
                    status -> {
                      beans.order("committed");
                      phase.run(beans, () -> beans.create("with a commit"));
                    });
            beans
                .transaction()
                .executeWithoutResult(
                    status -> {
                      beans.order("rolled back");
                      phase.run(beans, () -> beans.create("with a rollback"));
                      status.setRollbackOnly();
                    });
            assertThat(stored())
                .as("%s", phase)
                .containsExactlyElementsOf(
                    phase.isApart() && phase != Phase.AFTER_COMMIT
                        ? List.of("committed", "with a commit", "with a rollback")
                        : List.of("committed", "with a commit"));
          }
        });
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void aWriteInAReadOnlyTransactionIsRefusedAndAReadIsPartOfIt(
      ThreadBoundTransactionTest.Kind kind, boolean autoCommit) {
    run(
        kind,
        autoCommit,
        beans -> {
          beans.create("w");
          TransactionTemplate readOnly = beans.transaction();
          readOnly.setReadOnly(true);
          readOnly.executeWithoutResult(
              status -> {
                assertThatThrownBy(() -> beans.create("refused"))
                    .isInstanceOf(CallerTransactionException.class)
                    .hasMessageContaining("read only");
                assertThat(beans.store.getWorkflowInstance("w").id()).isEqualTo("w");
              });
          beans.create("afterwards");
        });
    assertThat(stored()).containsExactly("afterwards", "w");
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void writesInATransactionMarkedForRollbackAreRolledBack(
      ThreadBoundTransactionTest.Kind kind, boolean autoCommit) {
    run(
        kind,
        autoCommit,
        beans -> {
          assertThatThrownBy(
                  () ->
                      beans
                          .transaction()
                          .executeWithoutResult(
                              status -> {
                                beans
                                    .transaction()
                                    .executeWithoutResult(
                                        participating -> participating.setRollbackOnly());
                                beans.create("w");
                              }))
              .isInstanceOf(org.springframework.transaction.UnexpectedRollbackException.class);
          beans.create("afterwards");
        });
    assertThat(stored()).containsExactly("afterwards");
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void besideATransactionOnAnotherDataSourceAWriteIsCommitted(
      ThreadBoundTransactionTest.Kind kind, boolean autoCommit) {
    DataSource other = new DriverManagerDataSource(database.url());
    run(
        kind,
        autoCommit,
        beans -> {
          JdbcTransactionManager manager = new JdbcTransactionManager(other);
          manager.addListener(new TransactionPhases());
          new TransactionTemplate(manager)
              .executeWithoutResult(
                  status -> {
                    assertThat(beans.sql.queryForObject("select 1", Integer.class)).isOne();
                    beans.create("w");
                    status.setRollbackOnly();
                  });
        });
    assertThat(stored()).containsExactly("w");
  }

  /** Such as one that is not a bean. */
  @Test
  void operationsJoinATransactionWhoseManagerIsNotABean() {
    run(
        ThreadBoundTransactionTest.Kind.JDBC,
        false,
        beans -> {
          DataSource dataSource = Objects.requireNonNull(beans.sql.getDataSource());
          TransactionTemplate unknown =
              new TransactionTemplate(new JdbcTransactionManager(dataSource));
          unknown.executeWithoutResult(
              status -> {
                beans.create("rolled back");
                status.setRollbackOnly();
              });
          unknown.executeWithoutResult(
              status -> Phase.AFTER_COMPLETION.run(beans, () -> beans.create("after")));
        });
    assertThat(stored()).containsExactly("after");
  }
}
