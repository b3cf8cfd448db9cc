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
 * Keeps Spring Boot from running a Flyway of the application that has none: that the store brings
 * Flyway along would switch it on, and it fails where the schema {@code public} is filled. An
 * application with a folder {@code db/migration} or with any property under {@code spring.flyway}
 * is left alone.
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

  /** Once everything that may set properties has done so. */
  @Override
  public int getOrder() {
    return LOWEST_PRECEDENCE;
  }
}
