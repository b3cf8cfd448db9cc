package dev.wfe.postgres.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.wfe.host.ActivityType;
import dev.wfe.host.ActivityWorker;
import dev.wfe.host.EventType;
import dev.wfe.host.Recurrence;
import dev.wfe.host.RetryPolicy;
import dev.wfe.host.Schedule;
import dev.wfe.host.StartOptions;
import dev.wfe.host.Workflow;
import dev.wfe.host.WorkflowClient;
import dev.wfe.host.WorkflowHost;
import dev.wfe.host.WorkflowState;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.postgres.testing.EmptyDatabase;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.jdbc.DataSourceAutoConfiguration;
import org.springframework.boot.autoconfigure.jdbc.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.autoconfigure.jdbc.JdbcTemplateAutoConfiguration;
import org.springframework.boot.autoconfigure.transaction.TransactionAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.support.TransactionTemplate;

@ExtendWith(TestDatabaseExtension.class)
final class WorkflowHostAutoConfigurationTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  record Order(String id, @Nullable String paidBy) {
    Order paid(String by) {
      return new Order(id, by);
    }
  }

  private static final EventType<String> PAID = EventType.of("paid", String.class);

  private static final Workflow<Order> WAITING =
      Workflow.define("order", 1, Order.class).await("paid", PAID, Order::id, Order::paid).build();

  private final TestDatabase database;
  private final ApplicationContextRunner application;

  WorkflowHostAutoConfigurationTest(@EmptyDatabase TestDatabase database) {
    this.database = database;
    application =
        new ApplicationContextRunner()
            .withConfiguration(
                AutoConfigurations.of(
                    DataSourceAutoConfiguration.class,
                    DataSourceTransactionManagerAutoConfiguration.class,
                    JdbcTemplateAutoConfiguration.class,
                    TransactionAutoConfiguration.class,
                    TransactionPhasesAutoConfiguration.class,
                    WfeAutoConfiguration.class,
                    WorkflowHostAutoConfiguration.class))
            .withPropertyValues("spring.datasource.url=" + database.url());
  }

  @Configuration(proxyBeanMethods = false)
  static class Waiting {
    @Bean
    Workflow<Order> order() {
      return WAITING;
    }
  }

  private static WorkflowState<Order> end(ApplicationContext context, String id) throws Exception {
    return context.getBean(WorkflowClient.class).awaitEnd(WAITING, id, LIMIT);
  }

  @Test
  void definitionsThatAreBeansAreExecutedAgainAfterARestart() {
    ApplicationContextRunner shop = application.withUserConfiguration(Waiting.class);
    shop.run(
        context ->
            context
                .getBean(WorkflowClient.class)
                .startWorkflow(WAITING, new Order("1001", null), StartOptions.id("1001")));

    shop.run(
        context -> {
          context.getBean(WorkflowClient.class).publish(PAID, "1001", "Ada");
          assertThat(end(context, "1001").data().paidBy()).isEqualTo("Ada");
        });
  }

  @Test
  void aStartThatIsRolledBackStartsNothing() {
    application
        .withUserConfiguration(Waiting.class)
        .run(
            context -> {
              WorkflowHost host = context.getBean(WorkflowHost.class);
              TransactionTemplate transaction = context.getBean(TransactionTemplate.class);
              transaction.executeWithoutResult(
                  status -> {
                    host.startWorkflow(WAITING, new Order("1001", null), StartOptions.id("1001"));
                    status.setRollbackOnly();
                  });
              transaction.executeWithoutResult(
                  status ->
                      host.startWorkflow(
                          WAITING, new Order("1002", null), StartOptions.id("1002")));

              host.publish(PAID, "1002", "Ada");
              assertThat(end(context, "1002").status()).isEqualTo(WorkflowStatus.COMPLETE);
              assertThat(database.queryForString("select count(*) from wfc.workflows"))
                  .isEqualTo("1");
            });
  }

  @Configuration(proxyBeanMethods = false)
  static class Nightly {
    @Bean
    Schedule<Order> nightly(Workflow<Order> order) {
      return Schedule.of(
          "nightly",
          order,
          Recurrence.cron("0 2 * * *", ZoneId.of("Europe/Vienna")),
          new Order("1001", null));
    }
  }

  @Test
  void schedulesThatAreBeansAreStored() {
    application
        .withUserConfiguration(Waiting.class, Nightly.class)
        .run(
            context ->
                assertThat(context.getBean(WorkflowClient.class).schedules().state("nightly"))
                    .hasValueSatisfying(
                        state -> assertThat(state.definitionId()).isEqualTo("order")));
  }

  private static final ActivityType<String, String> PAY =
      ActivityType.of("pay", String.class, String.class);

  private static final Workflow<Order> PAYING =
      Workflow.define("order", 1, Order.class).activity("pay", PAY, Order::id, Order::paid).build();

  /** An activity, and the worker that does it. */
  @Configuration(proxyBeanMethods = false)
  static class Paying {
    @Bean
    Workflow<Order> paying() {
      return PAYING;
    }

    @Bean(initMethod = "start")
    ActivityWorker worker(PersistenceProvider provider) {
      return ActivityWorker.builder(provider)
          .activity(PAY, task -> "worker of " + task.input())
          .build();
    }
  }

  @Test
  void anActivityWorkerIsABeanThatIsStartedAndClosed() {
    AtomicReference<@Nullable ActivityWorker> worker = new AtomicReference<>();
    application
        .withUserConfiguration(Paying.class)
        .run(
            context -> {
              worker.set(context.getBean(ActivityWorker.class));
              WorkflowClient client = context.getBean(WorkflowClient.class);
              client.startWorkflow(PAYING, new Order("1001", null), StartOptions.id("1001"));
              assertThat(end(context, "1001").data().paidBy()).isEqualTo("worker of 1001");
            });
    assertThatThrownBy(Objects.requireNonNull(worker.get())::start).hasMessageContaining("closed");
  }

  /** Its step writes a row with Spring's means, and fails the first time. */
  @Configuration(proxyBeanMethods = false)
  static class Booking {
    @Bean
    Workflow<Order> booking(JdbcTemplate jdbc) {
      AtomicBoolean failed = new AtomicBoolean();
      return Workflow.define("booking", 1, Order.class)
          .runInTransaction(
              "book",
              (order, transaction) -> {
                jdbc.update("insert into bookings values (?)", order.id());
                assertThat(
                        transaction
                            .connection()
                            .createStatement()
                            .executeUpdate("insert into bookings values ('beside')"))
                    .isOne();
                if (failed.compareAndSet(false, true)) {
                  throw new IllegalStateException("once");
                }
              },
              RetryPolicy.fixed(Duration.ofMillis(1)).maxAttempts(2))
          .build();
    }
  }

  @Test
  void aStepsTransactionIsOneOfSpringThatRepositoriesJoin() {
    database.execute("create table bookings (id text)");
    application
        .withUserConfiguration(Booking.class)
        .run(
            context -> {
              @SuppressWarnings("unchecked")
              Workflow<Order> booking = context.getBean(Workflow.class);
              WorkflowHost host = context.getBean(WorkflowHost.class);
              String id = host.startWorkflow(booking, new Order("1001", null)).id();

              WorkflowState<Order> end = host.awaitEnd(booking, id, LIMIT);

              assertThat(end.step("book").orElseThrow().failures()).isEqualTo(1);
              assertThat(
                      database.queryForString(
                          "select string_agg(id, ',' order by id) from bookings"))
                  .isEqualTo("1001,beside");
            });
  }

  @Test
  void withoutDefinitionsThereIsAClientButNoHost() {
    application.run(
        context ->
            assertThat(context)
                .hasSingleBean(WorkflowClient.class)
                .doesNotHaveBean(WorkflowHost.class));
  }

  @Test
  void aHostThatIsSwitchedOffExecutesNothing() {
    application
        .withUserConfiguration(Waiting.class)
        .withPropertyValues("wfe.host.enabled=false")
        .run(
            context ->
                assertThat(context)
                    .hasSingleBean(WorkflowClient.class)
                    .doesNotHaveBean(WorkflowHost.class));
  }

  @Test
  void withoutAProviderThereIsNeither() {
    new ApplicationContextRunner()
        .withConfiguration(AutoConfigurations.of(WorkflowHostAutoConfiguration.class))
        .withUserConfiguration(Waiting.class)
        .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(WorkflowClient.class));
  }

  @Configuration(proxyBeanMethods = false)
  static class OwnHost {
    @Bean
    WorkflowHost own(PersistenceProvider provider) {
      return WorkflowHost.builder(provider).workflow(WAITING).build();
    }
  }

  @Test
  void aHostOfTheApplicationIsTheOnlyOneAndIsItsClient() {
    application
        .withUserConfiguration(Waiting.class, OwnHost.class)
        .run(
            context ->
                assertThat(context.getBean(WorkflowClient.class))
                    .isSameAs(context.getBean("own"))
                    .isSameAs(context.getBean(WorkflowHost.class)));
  }

  /** A service that a definition needs, and that starts workflows itself. */
  record Shop(WorkflowClient workflows) {}

  @Configuration(proxyBeanMethods = false)
  static class ServiceThatStarts {
    @Bean
    Shop shop(WorkflowClient workflows) {
      return new Shop(workflows);
    }

    @Bean
    Workflow<Order> order(Shop shop) {
      return Workflow.define("order", 1, Order.class)
          .run(
              "next",
              (Order order) ->
                  shop.workflows().startWorkflow(WAITING, order, StartOptions.id("next")))
          .build();
    }
  }

  @Test
  void servicesThatDefinitionsNeedMayInjectTheClient() {
    application
        .withUserConfiguration(ServiceThatStarts.class)
        .run(context -> assertThat(context).hasNotFailed().hasSingleBean(WorkflowHost.class));
  }

  @Test
  void theMapperOfTheApplicationIsUsedByHostAndClient() {
    ObjectMapper mapper =
        JsonMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE).build();
    application
        .withBean(ObjectMapper.class, () -> mapper)
        .withUserConfiguration(Waiting.class)
        .run(
            context -> {
              WorkflowClient client = context.getBean(WorkflowClient.class);
              client.startWorkflow(WAITING, new Order("1001", null), StartOptions.id("1001"));
              client.publish(PAID, "1001", "Ada");
              assertThat(end(context, "1001").data().paidBy()).isEqualTo("Ada");
              assertThat(database.queryForString("select data->>'paid_by' from wfc.workflows"))
                  .isEqualTo("Ada");
            });
  }

  @Test
  void propertiesAreCheckedAtTheStart() {
    application
        .withUserConfiguration(Waiting.class)
        .withPropertyValues(
            "wfe.host.workers=2",
            "wfe.host.lease=5s",
            "wfe.host.polling.shortest=10ms",
            "wfe.host.polling.longest=1s",
            "wfe.host.close-timeout=1s")
        .run(context -> assertThat(context).hasNotFailed());
    application
        .withUserConfiguration(Waiting.class)
        .withPropertyValues("wfe.host.lease=0s")
        .run(
            context ->
                assertThat(context).getFailure().rootCause().hasMessageContaining("lease is PT0S"));
  }

  @Configuration(proxyBeanMethods = false)
  static class Threads {
    @Bean
    Workflow<Order> threads() {
      return Workflow.define("threads", 1, Order.class)
          .call(
              "thread",
              (Order order) -> Thread.currentThread().toString(),
              (Order order, String thread) -> order.paid(thread))
          .build();
    }
  }

  @Test
  @EnabledForJreRange(min = JRE.JAVA_21)
  void virtualThreadsExecuteStepsIfSpringUsesThem() {
    application
        .withUserConfiguration(Threads.class)
        .withPropertyValues("spring.threads.virtual.enabled=true")
        .run(
            context -> {
              @SuppressWarnings("unchecked")
              Workflow<Order> threads = context.getBean(Workflow.class);
              WorkflowHost host = context.getBean(WorkflowHost.class);
              String id = host.startWorkflow(threads, new Order("1001", null)).id();
              assertThat(host.awaitEnd(threads, id, LIMIT).data().paidBy())
                  .startsWith("VirtualThread");
            });
  }

  @Test
  void theHostIsClosedWithTheApplication() {
    WorkflowHost[] host = new WorkflowHost[1];
    application
        .withUserConfiguration(Waiting.class)
        .run(context -> host[0] = context.getBean(WorkflowHost.class));

    assertThatThrownBy(host[0]::start).hasMessageContaining("closed");
  }
}
