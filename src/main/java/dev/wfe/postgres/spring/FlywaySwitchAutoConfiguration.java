package dev.wfe.postgres.spring;

import dev.wfe.persistence.StoreSetupException;
import java.util.Arrays;
import java.util.stream.Stream;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.callback.Callback;
import org.flywaydb.core.api.migration.JavaMigration;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.flyway.FlywayConfigurationCustomizer;
import org.springframework.boot.autoconfigure.flyway.FlywayMigrationStrategy;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.ConfigurableEnvironment;

/**
 * Makes the start fail if the application configures Spring Boot's Flyway with beans although
 * {@link FlywaySwitch} has switched it off.
 */
@AutoConfiguration
public class FlywaySwitchAutoConfiguration {
  /** Called by Spring. */
  public FlywaySwitchAutoConfiguration() {}

  @Bean
  SmartInitializingSingleton wfeFlywaySwitchCheck(
      ConfigurableEnvironment environment, ListableBeanFactory beans) {
    return () -> {
      if (environment.getPropertySources().contains(FlywaySwitch.SOURCE)
          && !environment.getProperty(FlywaySwitch.ENABLED, Boolean.class, true)
          && names(beans, Flyway.class).findAny().isEmpty()) {
        Stream.of(
                JavaMigration.class,
                Callback.class,
                FlywayMigrationStrategy.class,
                FlywayConfigurationCustomizer.class)
            .flatMap(type -> names(beans, type))
            .findFirst()
            .ifPresent(
                name -> {
                  throw new StoreSetupException(
                      ("The bean %s configures Spring Boot's Flyway, but Flyway is off because"
                              + " there is no db/migration and no property under spring.flyway. Set %s"
                              + " to true or false")
                          .formatted(name, FlywaySwitch.ENABLED),
                      null);
                });
      }
    };
  }

  private static Stream<String> names(ListableBeanFactory beans, Class<?> type) {
    return Arrays.stream(beans.getBeanNamesForType(type, true, false));
  }
}
