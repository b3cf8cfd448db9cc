package dev.wfe.postgres.cdi;

import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.postgres.testing.BadStartContract;
import jakarta.enterprise.inject.se.SeContainerInitializer;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;

/** With CDI. */
final class BadStartTest extends BadStartContract {
  private static final Map<String, String> SETTINGS =
      Map.of(
          "wfe.connect-timeout", "PT0.5S",
          "wfe.migrate", "false",
          "wfe.validate", "true");

  @Singleton
  static class Shop {
    @Inject PersistenceProvider provider;
  }

  @AfterEach
  void clearProperties() {
    System.clearProperty(CdiSettings.URL);
    SETTINGS.keySet().forEach(System::clearProperty);
  }

  @Override
  protected AutoCloseable start(String url) {
    System.setProperty(CdiSettings.URL, url);
    SETTINGS.forEach(System::setProperty);
    return SeContainerInitializer.newInstance()
        .disableDiscovery()
        .addBeanClasses(Shop.class)
        .initialize();
  }
}
