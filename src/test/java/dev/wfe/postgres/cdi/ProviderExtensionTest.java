package dev.wfe.postgres.cdi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.memory.InMemoryPersistenceProvider;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.EventRepository;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.persistence.ScheduledCommandRepository;
import dev.wfe.persistence.StoreSetupException;
import dev.wfe.persistence.SubscriptionRepository;
import dev.wfe.persistence.WorkflowRepository;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.testing.EmptyDatabase;
import dev.wfe.postgres.testing.LogCapture;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.Produces;
import jakarta.enterprise.inject.se.SeContainer;
import jakarta.enterprise.inject.se.SeContainerInitializer;
import jakarta.inject.Inject;
import jakarta.inject.Named;
import jakarta.inject.Qualifier;
import jakarta.inject.Singleton;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.Persistence;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(TestDatabaseExtension.class)
final class ProviderExtensionTest {
  private final List<String> set = new ArrayList<>();
  private final TestDatabase database;

  ProviderExtensionTest(@EmptyDatabase TestDatabase database) {
    this.database = database;
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

  @Singleton
  static class Shop {
    @Inject PersistenceProvider provider;
    @Inject WorkflowRepository workflows;
    @Inject EventRepository events;
    @Inject SubscriptionRepository subscriptions;
    @Inject ScheduledCommandRepository commands;
    @Inject PostgresPersistenceProvider postgres;

    String start() {
      return workflows.createNewWorkflow(WorkflowInstance.builder("order", 1).build());
    }
  }

  /** Asks for it by chance. */
  @ApplicationScoped
  static class Lazy {
    @Inject Instance<PersistenceProvider> provider;
  }

  @ApplicationScoped
  static class Stranger {}

  @ApplicationScoped
  static class OwnProvider {
    static final PersistenceProvider OWN = new InMemoryPersistenceProvider();

    @Produces
    @ApplicationScoped
    PersistenceProvider provider() {
      return OWN;
    }
  }

  @Singleton
  static class OwnShop {
    @Inject PersistenceProvider provider;
  }

  private static EntityManagerFactory openUnit() {
    return Persistence.createEntityManagerFactory(
        "wfe", Map.of("jakarta.persistence.jdbc.url", System.getProperty("test.url")));
  }

  @ApplicationScoped
  static class Units {
    @Inject Instance<Object> unused;

    @Produces
    @Singleton
    EntityManagerFactory unit() {
      return openUnit();
    }

    void close(@Disposes EntityManagerFactory factory) {
      factory.close();
    }
  }

  /** A unit that has the default qualifier, and one that has not, as Quarkus names them. */
  @ApplicationScoped
  static class TwoUnits {
    @Qualifier
    @Retention(RetentionPolicy.RUNTIME)
    @interface Archive {}

    @Produces
    @Singleton
    EntityManagerFactory unit() {
      return openUnit();
    }

    @Produces
    @Singleton
    @Archive
    @Named("archive")
    EntityManagerFactory archive() {
      return openUnit();
    }

    void close(@Disposes @Any EntityManagerFactory factory) {
      factory.close();
    }
  }

  @Test
  void everyInterfaceIsInjectedAndTheStoreCreatedAndClosed() {
    set(CdiSettings.URL, database.url());
    PostgresPersistenceProvider postgres;
    try (SeContainer container = start(Shop.class)) {
      Shop shop = container.select(Shop.class).get();
      String id = shop.start();
      assertThat(shop.provider.getWorkflowInstance(id).id()).isEqualTo(id);
      assertThat(shop.postgres.getWorkflowInstance(id).id()).isEqualTo(id);
      assertThat(shop.commands.supportsScheduledCommands()).isTrue();
      postgres = container.select(PostgresPersistenceProvider.class).get();
    }
    assertThatThrownBy(() -> postgres.getEvent("e"))
        .isInstanceOf(StoreSetupException.class)
        .hasMessage("The provider is closed");
  }

  @Test
  void missingSettingsFailTheStartAndSayWhatToSet() {
    assertThatThrownBy(() -> start(Shop.class).close())
        .rootCause()
        .isInstanceOf(StoreSetupException.class)
        .hasMessageContaining("set exactly one of wfe.datasource.url");
  }

  @Test
  void missingSettingsFailTheStartOfWhoAsksForItByChance() {
    assertThatThrownBy(() -> start(Lazy.class).close())
        .rootCause()
        .hasMessageContaining("set exactly one of wfe.datasource.url");
  }

  @Test
  void anApplicationWithoutInjectionNeedsNoSettings() {
    try (SeContainer container = start(Stranger.class)) {
      assertThat(container.select(Stranger.class).get()).isNotNull();
    }
  }

  @Test
  void anApplicationsOwnProducerWins() {
    try (SeContainer container = start(OwnShop.class, OwnProvider.class)) {
      container
          .select(OwnShop.class)
          .get()
          .provider
          .createNewWorkflow(WorkflowInstance.builder("order", 1).id("own").build());
      assertThat(OwnProvider.OWN.getWorkflowInstance("own").id()).isEqualTo("own");
    }
  }

  @Test
  void settingsBesideAnApplicationsOwnProducerAreReportedAsUnused() {
    try (LogCapture log = new LogCapture()) {
      start(OwnShop.class, OwnProvider.class).close();
      assertThat(log.text()).doesNotContain("wfe.");

      set(CdiSettings.URL, "postgres://nobody:secret@localhost:1/nowhere");
      start(OwnShop.class, OwnProvider.class).close();
      assertThat(log.text())
          .containsOnlyOnce("wfe.datasource.url is set but not used")
          .doesNotContain("secret");
    }
  }

  @Test
  void aLazyStoreIsOpenedWhenItIsUsed() {
    set(CdiSettings.URL, "postgres://localhost:1/nowhere");
    set("wfe.connect-timeout", "PT0.5S");
    set("wfe.lazy", "true");

    try (SeContainer container = start(OwnShop.class)) {
      OwnShop shop = container.select(OwnShop.class).get();
      assertThatThrownBy(() -> shop.provider.getEvent("e"))
          .hasStackTraceContaining("no connection to PostgreSQL");
    }
  }

  @Test
  void aPersistenceUnitThatIsABeanIsUsed() {
    set("test.url", database.url());
    set(CdiSettings.UNIT, "default");

    try (SeContainer container = start(Shop.class, Units.class)) {
      Shop shop = container.select(Shop.class).get();
      assertThat(shop.postgres.entityManagerFactory())
          .isSameAs(container.select(EntityManagerFactory.class).get());
      shop.start();
    }
    assertThat(database.queryForString("select count(*) from wfc.workflows")).isEqualTo("1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"default", "archive"})
  void ofTwoPersistenceUnitsTheNamedOneIsUsed(String name) {
    set("test.url", database.url());
    set(CdiSettings.UNIT, name);

    try (SeContainer container = start(Shop.class, TwoUnits.class)) {
      EntityManagerFactory plain = container.select(EntityManagerFactory.class).get();
      PostgresPersistenceProvider store = container.select(PostgresPersistenceProvider.class).get();
      assertThat(store.entityManagerFactory() == plain).isEqualTo(name.equals("default"));
    }
  }

  @Test
  void aPersistenceUnitThatNobodyKnowsIsRefusedByItsName() {
    set(CdiSettings.UNIT, "shop");

    assertThatThrownBy(() -> start(Shop.class).close())
        .rootCause()
        .hasMessageStartingWith(
            "wfe.persistence-unit is 'shop', but there is no EntityManagerFactory bean");
  }

  @Test
  void aDataSourceThatIsNotInJndiIsRefusedByItsName() {
    set(CdiSettings.JNDI, "java:comp/env/jdbc/shop");

    assertThatThrownBy(() -> start(Shop.class).close())
        .hasStackTraceContaining(
            "wfe.datasource.jndi: JNDI contains no DataSource named 'java:comp/env/jdbc/shop'");
  }

  @Test
  void aDataSourceOfAnotherNamingServiceIsRefused() {
    set(CdiSettings.JNDI, "ldap://somewhere/shop");

    assertThatThrownBy(() -> start(Shop.class).close())
        .hasStackTraceContaining("has to be a JNDI name that starts with java:");
  }
}
