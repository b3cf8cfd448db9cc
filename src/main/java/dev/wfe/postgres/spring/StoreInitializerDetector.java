package dev.wfe.postgres.spring;

import jakarta.persistence.EntityManagerFactory;
import java.util.Set;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.sql.init.dependency.DatabaseInitializerDetector;
import org.springframework.core.env.Environment;
import org.springframework.util.StringUtils;

/**
 * Tells Spring Boot that the auto-configured provider creates tables, so that it runs after the
 * application's own migrations and before everything that needs tables, such as Hibernate.
 */
final class StoreInitializerDetector implements DatabaseInitializerDetector {
  /** After Flyway and Liquibase. */
  private static final int ORDER = 100;

  private final boolean hibernateFirst;

  StoreInitializerDetector(Environment environment) {
    hibernateFirst =
        environment.getProperty("spring.jpa.defer-datasource-initialization", Boolean.class, false);
  }

  @Override
  public Set<String> detect(ConfigurableListableBeanFactory beans) {
    String provider = WfeAutoConfiguration.PROVIDER;
    // A provider that the application defines may itself need the EntityManagerFactory; it would
    // be a cycle if Hibernate waited for it.
    if (!beans.containsBeanDefinition(provider)
        || !WfeAutoConfiguration.class
            .getName()
            .equals(beans.getBeanDefinition(provider).getFactoryBeanName())) {
      return Set.of();
    }
    if (hibernateFirst) {
      makeHibernateDependOn(beans, provider);
      return Set.of();
    }
    return Set.of(provider);
  }

  /**
   * If Hibernate starts before all migrations, Spring Boot makes each initializer depend on
   * Hibernate. So the dependency of Hibernate on the provider is added here.
   */
  private static void makeHibernateDependOn(
      ConfigurableListableBeanFactory beans, String provider) {
    for (String name : beans.getBeanNamesForType(EntityManagerFactory.class, true, false)) {
      if (beans.containsBeanDefinition(name)) {
        BeanDefinition hibernate = beans.getBeanDefinition(name);
        hibernate.setDependsOn(StringUtils.addStringToArray(hibernate.getDependsOn(), provider));
      }
    }
  }

  @Override
  public int getOrder() {
    return ORDER;
  }
}
