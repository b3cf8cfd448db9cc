package dev.wfe.postgres.spring;

import java.util.Set;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.sql.init.dependency.DatabaseInitializerDetector;
import org.springframework.core.env.Environment;

/**
 * Tells Spring Boot that the auto-configured provider makes tables: after the application's own
 * migrations, and before whatever depends on tables, such as Hibernate.
 */
final class StoreInitializerDetector implements DatabaseInitializerDetector {
  /** After Flyway and Liquibase. */
  private static final int AFTER_MIGRATIONS = 100;

  private static final int BEFORE_HIBERNATE = -100;

  private final int order;

  /** Where an application has Hibernate start before its migrations, the store is still first. */
  StoreInitializerDetector(Environment environment) {
    boolean deferred =
        environment.getProperty("spring.jpa.defer-datasource-initialization", Boolean.class, false);
    order = deferred ? BEFORE_HIBERNATE : AFTER_MIGRATIONS;
  }

  @Override
  public Set<String> detect(ConfigurableListableBeanFactory beans) {
    String provider = WfeAutoConfiguration.PROVIDER;
    // An application's own provider may need the very Hibernate that would have to wait for it.
    return beans.containsBeanDefinition(provider)
            && WfeAutoConfiguration.class
                .getName()
                .equals(beans.getBeanDefinition(provider).getFactoryBeanName())
        ? Set.of(provider)
        : Set.of();
  }

  @Override
  public int getOrder() {
    return order;
  }
}
