package dev.wfe.postgres.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.host.Workflow;
import dev.wfe.host.WorkflowDefinitionException;
import dev.wfe.postgres.testing.LogCapture;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.jdbc.DataSourceAutoConfiguration;
import org.springframework.boot.autoconfigure.jdbc.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;

/** Spring Boot prints which definition is wrong, and what to do, instead of a stack trace. */
@ExtendWith(TestDatabaseExtension.class)
final class BadDefinitionTest {
  private final TestDatabase database;

  BadDefinitionTest(TestDatabase database) {
    this.database = database;
  }

  @SpringBootConfiguration(proxyBeanMethods = false)
  @ImportAutoConfiguration({
    DataSourceAutoConfiguration.class,
    DataSourceTransactionManagerAutoConfiguration.class,
    WfeAutoConfiguration.class,
    WorkflowHostAutoConfiguration.class
  })
  static class Application {}

  static final class First {
    @Bean
    Workflow<String> order() {
      return Workflow.define("order", 1, String.class).run("pay", data -> {}).build();
    }
  }

  static final class Changed {
    @Bean
    Workflow<String> order() {
      return Workflow.define("order", 1, String.class).run("ship", data -> {}).build();
    }
  }

  static final class Wrong {
    @Bean
    Workflow<String> order() {
      return Workflow.define("order", 1, String.class)
          .run("pay", data -> {})
          .run("pay", data -> {})
          .build();
    }
  }

  private ConfigurableApplicationContext start(Class<?> definitions) {
    return new SpringApplicationBuilder(Application.class, definitions)
        .web(WebApplicationType.NONE)
        .properties("spring.main.banner-mode=off", "spring.datasource.url=" + database.url())
        .run();
  }

  private void assertRefused(Class<?> definitions, String problem) {
    try (LogCapture log = new LogCapture()) {
      assertThatThrownBy(() -> start(definitions).close())
          .hasRootCauseInstanceOf(WorkflowDefinitionException.class);
      assertThat(log.text())
          .contains("APPLICATION FAILED TO START")
          .contains("A workflow definition is refused. Workflow 'order' version 1")
          .contains(problem)
          .contains("Correct the definition.")
          .doesNotContain("at dev.wfe.");
    }
  }

  @Test
  void definitionThatCannotBeBuiltIsNamed() {
    assertRefused(Wrong.class, "Two steps have the name 'pay'");
  }

  @Test
  void differenceFromTheStoredDefinitionIsNamed() {
    start(First.class).close();
    assertRefused(Changed.class, "step 'pay' is missing; step 'ship' is new");
  }
}
