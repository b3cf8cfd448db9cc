package dev.wfe.postgres.spring;

import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.env.EnvironmentPostProcessor;
import org.springframework.core.Ordered;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;

/**
 * Switches off Spring Boot's Flyway in an application that does not use Flyway itself. Flyway is a
 * dependency of this library, so Spring Boot would switch it on, and it would fail if the schema
 * {@code public} has tables. An application with a folder {@code db/migration} or with any property
 * under {@code spring.flyway} is not affected.
 */
final class FlywaySwitch implements EnvironmentPostProcessor, Ordered {
  static final String SOURCE = "wfe: the application has no migrations";
  static final String ENABLED = "spring.flyway.enabled";
  private static final String MIGRATIONS = "db/migration";

  @Override
  public void postProcessEnvironment(
      ConfigurableEnvironment environment, SpringApplication application) {
    boolean mentioned =
        Binder.get(environment)
            .bind("spring.flyway", Bindable.mapOf(String.class, Object.class))
            .isBound();
    if (!mentioned && application.getClassLoader().getResource(MIGRATIONS) == null) {
      environment
          .getPropertySources()
          .addLast(new MapPropertySource(SOURCE, Map.of(ENABLED, "false")));
    }
  }

  /** After all post-processors that can set properties. */
  @Override
  public int getOrder() {
    return LOWEST_PRECEDENCE;
  }
}
