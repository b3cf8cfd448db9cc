package dev.wfe.postgres.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.persistence.StoreUnavailableException;
import dev.wfe.postgres.testing.BadStartContract;
import dev.wfe.postgres.testing.LogCapture;
import java.net.ConnectException;
import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.jdbc.DataSourceAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** With Spring Boot. */
final class BadStartTest extends BadStartContract {
  private static final String NOWHERE =
      "jdbc:postgresql://127.0.0.1:1/database?user=user&password=secret";

  @SpringBootConfiguration(proxyBeanMethods = false)
  @ImportAutoConfiguration({DataSourceAutoConfiguration.class, WfeAutoConfiguration.class})
  static class Application {}

  @Override
  protected AutoCloseable start(String url) {
    return start(url, false);
  }

  private static ConfigurableApplicationContext start(String url, boolean lazy) {
    return new SpringApplicationBuilder(Application.class)
        .web(WebApplicationType.NONE)
        .lazyInitialization(lazy)
        .properties(
            "spring.main.banner-mode=off",
            "spring.datasource.url=" + url,
            "spring.datasource.hikari.connection-timeout=500",
            "wfe.retry-timeout=0",
            "wfe.migrate=false",
            "wfe.validate=true")
        .run();
  }

  @Test
  void descriptionAndActionAreShownWithoutOurStackTrace() {
    try (LogCapture log = new LogCapture()) {
      assertThatThrownBy(() -> start(NOWHERE, false).close())
          .hasRootCauseInstanceOf(ConnectException.class);

      assertThat(log.text())
          .contains("APPLICATION FAILED TO START")
          .contains(
              "The store of workflow state could not be opened. connect: no connection to"
                  + " PostgreSQL: ")
          .contains("Start the database, or correct spring.datasource.url.")
          .doesNotContain("at dev.wfe.postgres.");
    }
  }

  @Test
  void aLazyApplicationStartsWithoutTheDatabase() {
    try (ConfigurableApplicationContext application = start(NOWHERE, true)) {
      assertThatThrownBy(() -> application.getBean(PersistenceProvider.class))
          .hasStackTraceContaining(StoreUnavailableException.class.getName());
    }
  }
}
