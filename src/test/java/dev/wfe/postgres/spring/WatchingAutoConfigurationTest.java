package dev.wfe.postgres.spring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.host.HostListener;
import dev.wfe.host.Workflow;
import dev.wfe.host.WorkflowClient;
import dev.wfe.host.WorkflowHost;
import dev.wfe.memory.InMemoryPersistenceProvider;
import dev.wfe.metrics.HostMetrics;
import dev.wfe.persistence.DefinitionVersion;
import dev.wfe.persistence.PersistenceProvider;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.springframework.boot.actuate.health.CompositeHealthContributor;
import org.springframework.boot.actuate.health.Health;
import org.springframework.boot.actuate.health.HealthContributor;
import org.springframework.boot.actuate.health.HealthIndicator;
import org.springframework.boot.actuate.health.Status;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Metrics and health of the host in Spring Boot. */
final class WatchingAutoConfigurationTest {
  private static final Workflow<String> ORDER =
      Workflow.define("order", 1, String.class).run("ship", order -> {}).build();

  private final ApplicationContextRunner application =
      new ApplicationContextRunner()
          .withConfiguration(
              AutoConfigurations.of(
                  WorkflowHostAutoConfiguration.class,
                  HostMetricsAutoConfiguration.class,
                  HostHealthAutoConfiguration.class))
          .withUserConfiguration(Shop.class);

  @Configuration(proxyBeanMethods = false)
  static class Shop {
    @Bean
    PersistenceProvider provider() {
      return new InMemoryPersistenceProvider();
    }

    @Bean
    Workflow<String> order() {
      return ORDER;
    }
  }

  @Configuration(proxyBeanMethods = false)
  static class OwnMetrics {
    @Bean
    HostMetrics own(MeterRegistry registry) {
      return new HostMetrics(registry);
    }
  }

  private static void execute(ApplicationContext context) throws Exception {
    WorkflowClient client = context.getBean(WorkflowClient.class);
    client.awaitEnd(ORDER, client.startWorkflow(ORDER, "1001").id(), Duration.ofSeconds(30));
    context.getBean(WorkflowHost.class).close();
  }

  private static double completed(ApplicationContext context) {
    return context
        .getBean(MeterRegistry.class)
        .get("wfe.workflows.completed")
        .tag("definition", "order")
        .counter()
        .count();
  }

  private static HealthIndicator health(ApplicationContext context) {
    return (HealthIndicator) context.getBean("wfeHealthContributor", HealthContributor.class);
  }

  @Test
  void theHostIsCountedInTheRegistryOfTheApplication() {
    application
        .withBean(MeterRegistry.class, SimpleMeterRegistry::new)
        .run(
            context -> {
              execute(context);
              assertThat(completed(context)).isEqualTo(1);
            });
  }

  @Test
  void metricsOfTheApplicationAreTheOnlyOnes() {
    application
        .withBean(MeterRegistry.class, SimpleMeterRegistry::new)
        .withUserConfiguration(OwnMetrics.class)
        .run(
            context -> {
              assertThat(context).hasSingleBean(HostMetrics.class);
              execute(context);
              assertThat(completed(context)).isEqualTo(1);
            });
  }

  @Test
  void everyListenerOfTheApplicationIsTold() {
    AtomicInteger completed = new AtomicInteger();
    HostListener listener =
        new HostListener() {
          @Override
          public void workflowCompleted(DefinitionVersion definition) {
            completed.incrementAndGet();
          }
        };
    application
        .withBean("first", HostListener.class, () -> listener)
        .withBean("second", HostListener.class, () -> listener)
        .run(
            context -> {
              execute(context);
              assertThat(completed).hasValue(2);
            });
  }

  @Test
  void theHealthIsUpWhileTheHostRuns() {
    application.run(
        context -> {
          Health running = health(context).health();
          assertThat(running.getStatus()).isEqualTo(Status.UP);
          assertThat(running.getDetails()).containsEntry("running", "true");
          context.getBean(WorkflowHost.class).close();
          Health closed = health(context).health();
          assertThat(closed.getStatus()).isEqualTo(Status.DOWN);
          assertThat(closed.getDetails()).containsEntry("running", "false");
        });
  }

  @Test
  void eachHostOfTheApplicationHasItsHealth() {
    application
        .withBean("left", WorkflowHost.class, WatchingAutoConfigurationTest::newHost)
        .withBean("right", WorkflowHost.class, WatchingAutoConfigurationTest::newHost)
        .run(
            context ->
                assertThat(
                        context
                            .getBean("wfeHealthContributor", CompositeHealthContributor.class)
                            .stream()
                            .map(named -> named.getName()))
                    .containsExactlyInAnyOrder("left", "right"));
  }

  private static WorkflowHost newHost() {
    return WorkflowHost.builder(new InMemoryPersistenceProvider()).workflow(ORDER).build();
  }

  @Test
  void theHealthCanBeSwitchedOff() {
    application
        .withPropertyValues("management.health.wfe.enabled=false")
        .run(context -> assertThat(context).doesNotHaveBean(HealthContributor.class));
  }

  @Test
  void withoutAHostThereIsNoHealth() {
    application
        .withPropertyValues("wfe.host.enabled=false")
        .run(context -> assertThat(context).doesNotHaveBean(HealthContributor.class));
  }

  @Test
  void withoutMicrometerAndActuatorTheHostRuns() {
    application
        .withClassLoader(
            new FilteredClassLoader("io.micrometer.core", "org.springframework.boot.actuate"))
        .run(
            context -> {
              assertThat(context).hasNotFailed().doesNotHaveBean("wfeHealthContributor");
              assertThat(context.getBeansOfType(HostListener.class)).isEqualTo(Map.of());
              execute(context);
            });
  }

  @Test
  void theIntervalOfLooksIsAProperty() {
    application
        .withPropertyValues("wfe.host.watch-interval=1ms")
        .run(context -> assertThat(context).getFailure().hasStackTraceContaining("watchInterval"));
  }

  @Test
  void agesOfTheRetentionAreProperties() {
    application
        .withPropertyValues("wfe.host.retention.complete=30d", "wfe.host.retention.events=1h")
        .run(context -> assertThat(context).hasNotFailed());
    application
        .withPropertyValues("wfe.host.retention.errors=-1s")
        .run(
            context ->
                assertThat(context).getFailure().hasStackTraceContaining("0 and 100000 days"));
  }
}
