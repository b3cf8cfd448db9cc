package dev.wfe.postgres.cdi;

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
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.enterprise.inject.se.SeContainer;
import jakarta.enterprise.inject.se.SeContainerInitializer;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponse.Status;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Liveness;
import org.eclipse.microprofile.health.Readiness;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Metrics and health of the host in CDI. */
final class WatchingExtensionTest {
  private static final Workflow<String> ORDER =
      Workflow.define("order", 1, String.class).run("ship", order -> {}).build();

  /** Runtimes bring an implementation. */
  private static final class Response extends HealthCheckResponseBuilder {
    private final Map<String, Object> data = new LinkedHashMap<>();
    private String name = "";
    private boolean isUp;

    @Override
    public HealthCheckResponseBuilder name(String given) {
      name = given;
      return this;
    }

    @Override
    public HealthCheckResponseBuilder withData(String key, String value) {
      data.put(key, value);
      return this;
    }

    @Override
    public HealthCheckResponseBuilder withData(String key, long value) {
      data.put(key, value);
      return this;
    }

    @Override
    public HealthCheckResponseBuilder withData(String key, boolean value) {
      data.put(key, value);
      return this;
    }

    @Override
    public HealthCheckResponseBuilder up() {
      return status(true);
    }

    @Override
    public HealthCheckResponseBuilder down() {
      return status(false);
    }

    @Override
    public HealthCheckResponseBuilder status(boolean up) {
      isUp = up;
      return this;
    }

    @Override
    public HealthCheckResponse build() {
      return new HealthCheckResponse(name, isUp ? Status.UP : Status.DOWN, Optional.of(data));
    }
  }

  @BeforeAll
  static void provideResponses() {
    HealthCheckResponse.setResponseProvider(Response::new);
  }

  @AfterAll
  static void provideNoResponses() {
    HealthCheckResponse.setResponseProvider(null);
  }

  @AfterEach
  void clearProperties() {
    System.clearProperty("wfe.host.enabled");
  }

  @ApplicationScoped
  static class Shop {
    @Produces
    @ApplicationScoped
    PersistenceProvider provider() {
      return new InMemoryPersistenceProvider();
    }

    @Produces
    Workflow<String> order() {
      return ORDER;
    }
  }

  @ApplicationScoped
  static class Registry {
    @Produces
    @Singleton
    MeterRegistry registry() {
      return new SimpleMeterRegistry();
    }
  }

  @ApplicationScoped
  static class OwnMetrics {
    @Produces
    @Singleton
    HostMetrics metrics(MeterRegistry registry) {
      return new HostMetrics(registry);
    }
  }

  @Singleton
  static class Listener implements HostListener {
    final AtomicInteger completed = new AtomicInteger();

    @Override
    public void workflowCompleted(DefinitionVersion definition) {
      completed.incrementAndGet();
    }
  }

  private static SeContainer start(Class<?>... beans) {
    return SeContainerInitializer.newInstance()
        .disableDiscovery()
        .addBeanClasses(Shop.class)
        .addBeanClasses(beans)
        .initialize();
  }

  private static void execute(SeContainer container) throws Exception {
    WorkflowClient client = container.select(WorkflowClient.class).get();
    client.awaitEnd(ORDER, client.startWorkflow(ORDER, "1001").id(), Duration.ofSeconds(30));
    container.select(WorkflowHost.class).get().close();
  }

  private static double completed(SeContainer container) {
    return container
        .select(MeterRegistry.class)
        .get()
        .get("wfe.workflows.completed")
        .counter()
        .count();
  }

  @Test
  void theHostIsCountedInTheRegistryOfTheApplication() throws Exception {
    try (SeContainer container = start(Registry.class)) {
      execute(container);
      assertThat(completed(container)).isEqualTo(1);
    }
  }

  @Test
  void metricsOfTheApplicationAreTheOnlyOnes() throws Exception {
    try (SeContainer container = start(Registry.class, OwnMetrics.class)) {
      execute(container);
      assertThat(completed(container)).isEqualTo(1);
    }
  }

  @Test
  void listenersOfTheApplicationAreTold() throws Exception {
    try (SeContainer container = start(Listener.class)) {
      execute(container);
      assertThat(container.select(Listener.class).get().completed).hasValue(1);
    }
  }

  private static HealthCheckResponse ready(SeContainer container) {
    return container.select(HealthCheck.class, Readiness.Literal.INSTANCE).get().call();
  }

  @Test
  void theHostIsACheckOfReadinessAndNotOfLiveness() {
    try (SeContainer container = start()) {
      HealthCheckResponse running = ready(container);
      assertThat(running.getName()).isEqualTo("wfe");
      assertThat(running.getStatus()).isEqualTo(Status.UP);
      assertThat(running.getData().orElseThrow()).containsEntry("running", "true");
      assertThat(container.select(HealthCheck.class, Liveness.Literal.INSTANCE).isUnsatisfied())
          .isTrue();
      container.select(WorkflowHost.class).get().close();
      assertThat(ready(container).getStatus()).isEqualTo(Status.DOWN);
    }
  }

  @Test
  void aHostThatIsSwitchedOffIsNoReasonToBeNotReady() {
    System.setProperty("wfe.host.enabled", "false");
    try (SeContainer container = start()) {
      HealthCheckResponse response = ready(container);
      assertThat(response.getStatus()).isEqualTo(Status.UP);
      assertThat(response.getData().orElseThrow()).containsEntry("enabled", false);
    }
  }
}
