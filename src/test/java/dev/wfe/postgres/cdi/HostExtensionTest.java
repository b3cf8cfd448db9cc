package dev.wfe.postgres.cdi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.wfe.host.ActivityType;
import dev.wfe.host.ActivityWorker;
import dev.wfe.host.EventType;
import dev.wfe.host.Recurrence;
import dev.wfe.host.Schedule;
import dev.wfe.host.StartOptions;
import dev.wfe.host.Workflow;
import dev.wfe.host.WorkflowClient;
import dev.wfe.host.WorkflowHost;
import dev.wfe.host.WorkflowState;
import dev.wfe.memory.InMemoryPersistenceProvider;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.persistence.StoreSetupException;
import dev.wfe.postgres.testing.EmptyDatabase;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Shutdown;
import jakarta.enterprise.event.Startup;
import jakarta.enterprise.inject.Produces;
import jakarta.enterprise.inject.se.SeContainer;
import jakarta.enterprise.inject.se.SeContainerInitializer;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(TestDatabaseExtension.class)
final class HostExtensionTest {
  record Order(String id, @Nullable String paidBy) {
    Order paid(String by) {
      return new Order(id, by);
    }
  }

  private static final EventType<String> PAID = EventType.of("paid", String.class);

  private static final Workflow<Order> WAITING =
      Workflow.define("order", 1, Order.class).await("paid", PAID, Order::id, Order::paid).build();

  private final List<String> set = new ArrayList<>();
  private final TestDatabase database;

  HostExtensionTest(@EmptyDatabase TestDatabase database) {
    this.database = database;
  }

  @BeforeEach
  void setUrl() {
    set(CdiSettings.URL, database.url());
  }

  @AfterEach
  void clearProperties() {
    set.forEach(System::clearProperty);
  }

  private void set(String key, String value) {
    System.setProperty(key, value);
    set.add(key);
  }

  private static SeContainer start(Class<?>... beans) {
    return SeContainerInitializer.newInstance()
        .disableDiscovery()
        .addBeanClasses(beans)
        .initialize();
  }

  @ApplicationScoped
  static class Definitions {
    @Produces
    Workflow<Order> order() {
      return WAITING;
    }
  }

  @Singleton
  static class Shop {
    @Inject WorkflowClient workflows;

    void place(String id) {
      workflows.startWorkflow(WAITING, new Order(id, null), StartOptions.id(id));
    }

    WorkflowState<Order> pay(String id) throws Exception {
      workflows.publish(PAID, id, "Ada");
      return workflows.awaitEnd(WAITING, id, Duration.ofSeconds(30));
    }
  }

  @Test
  void definitionsThatAreBeansAreExecutedAgainAfterARestart() throws Exception {
    try (SeContainer container = start(Shop.class, Definitions.class)) {
      container.select(Shop.class).get().place("1001");
    }
    try (SeContainer container = start(Shop.class, Definitions.class)) {
      assertThat(container.select(Shop.class).get().pay("1001").data().paidBy()).isEqualTo("Ada");
    }
  }

  @ApplicationScoped
  static class Nightly {
    @Produces
    Schedule<Order> nightly() {
      return Schedule.of(
          "nightly",
          WAITING,
          Recurrence.cron("0 2 * * *", ZoneId.of("Europe/Vienna")),
          new Order("1001", null));
    }
  }

  @Test
  void schedulesThatAreBeansAreStored() {
    try (SeContainer container = start(Definitions.class, Nightly.class)) {
      WorkflowHost host = container.select(WorkflowHost.class).get();
      assertThat(host.schedules().state("nightly"))
          .hasValueSatisfying(state -> assertThat(state.definitionId()).isEqualTo("order"));
      host.schedules().unschedule("nightly");
    }
  }

  @Test
  void theHostIsClosedWithTheApplication() {
    WorkflowHost host;
    try (SeContainer container = start(Definitions.class)) {
      host = container.select(WorkflowHost.class).get();
    }
    assertThatThrownBy(host::start).hasMessageContaining("closed");
  }

  private static final ActivityType<String, String> PAY =
      ActivityType.of("pay", String.class, String.class);

  private static final Workflow<Order> PAYING =
      Workflow.define("order", 1, Order.class).activity("pay", PAY, Order::id, Order::paid).build();

  /** An activity, and the worker that does it. */
  @ApplicationScoped
  static class Paying {
    @Produces
    Workflow<Order> paying() {
      return PAYING;
    }

    @Produces
    @Singleton
    ActivityWorker worker(PersistenceProvider provider) {
      return ActivityWorker.builder(provider)
          .activity(PAY, task -> "worker of " + task.input())
          .build();
    }

    void start(@Observes Startup event, ActivityWorker worker) {
      worker.start();
    }

    void close(@Observes Shutdown event, ActivityWorker worker) {
      worker.close();
    }
  }

  @Test
  void anActivityWorkerIsABeanThatObserversStartAndClose() throws Exception {
    ActivityWorker worker;
    try (SeContainer container = start(Shop.class, Paying.class)) {
      WorkflowClient client = container.select(Shop.class).get().workflows;
      String id = client.startWorkflow(PAYING, new Order("1001", null)).id();
      assertThat(client.awaitEnd(PAYING, id, Duration.ofSeconds(30)).data().paidBy())
          .isEqualTo("worker of 1001");
      worker = container.select(ActivityWorker.class).get();
    }
    assertThatThrownBy(worker::start).hasMessageContaining("closed");
  }

  @Test
  void anApplicationWithoutDefinitionsHasAClientButNoHost() {
    try (SeContainer container = start(Shop.class)) {
      container.select(Shop.class).get().place("1001");
      assertThat(container.select(WorkflowHost.class).isUnsatisfied()).isTrue();
      assertThat(database.queryForString("select count(*) from wfc.workflows")).isEqualTo("1");
    }
  }

  @Test
  void aHostThatIsSwitchedOffExecutesNothing() {
    set("wfe.host.enabled", "false");
    try (SeContainer container = start(Shop.class, Definitions.class)) {
      container.select(Shop.class).get().place("1001");
      assertThat(database.queryForString("select count(*) from wfc.workflow_definitions"))
          .isEqualTo("0");
    }
  }

  @Test
  void settingsOfTheHostAreCheckedAtTheStart() {
    set("wfe.host.workers", "2");
    set("wfe.host.lease", "PT5S");
    set("wfe.host.polling.longest", "PT1S");
    set("wfe.host.close-timeout", "PT1S");
    start(Definitions.class).close();

    set("wfe.host.lease", "PT0S");
    assertThatThrownBy(() -> start(Definitions.class).close())
        .rootCause()
        .hasMessageContaining("lease is PT0S");
    assertThatThrownBy(() -> start(Definitions.class).close())
        .hasStackTraceContaining(StoreSetupException.class.getName())
        .hasStackTraceContaining("wfe.host.lease is 'PT0S'");
  }

  @ApplicationScoped
  static class Mappers {
    @Produces
    @Singleton
    ObjectMapper mapper() {
      return JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .build();
    }
  }

  @Test
  void theMapperOfTheApplicationIsUsedByHostAndClient() throws Exception {
    try (SeContainer container = start(Shop.class, Definitions.class, Mappers.class)) {
      Shop shop = container.select(Shop.class).get();
      shop.place("1001");
      assertThat(shop.pay("1001").data().paidBy()).isEqualTo("Ada");
    }
    assertThat(database.queryForString("select data->>'paid_by' from wfc.workflows"))
        .isEqualTo("Ada");
  }

  @ApplicationScoped
  static class OwnProvider {
    static final PersistenceProvider OWN = new InMemoryPersistenceProvider();

    @Produces
    @ApplicationScoped
    PersistenceProvider provider() {
      return OWN;
    }
  }

  @Test
  void theHostRunsOnTheProviderOfTheApplication() throws Exception {
    System.clearProperty(CdiSettings.URL);
    try (SeContainer container = start(Shop.class, Definitions.class, OwnProvider.class)) {
      Shop shop = container.select(Shop.class).get();
      shop.place("1001");
      assertThat(shop.pay("1001").data().paidBy()).isEqualTo("Ada");
      assertThat(OwnProvider.OWN.getWorkflowInstance("1001").id()).isEqualTo("1001");
    }
  }

  @ApplicationScoped
  static class OwnHost {
    @Produces
    @Singleton
    WorkflowHost host(PersistenceProvider provider) {
      return WorkflowHost.builder(provider).workflow(WAITING).name("own").build();
    }
  }

  @Test
  void aHostOfTheApplicationIsTheOnlyOneAndIsNotStarted() {
    try (SeContainer container = start(Definitions.class, OwnHost.class)) {
      WorkflowHost host = container.select(WorkflowHost.class).get();
      assertThat(container.select(WorkflowClient.class).get()).isSameAs(host);
      host.start();
      host.close();
    }
  }
}
