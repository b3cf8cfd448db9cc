package dev.wfe.postgres.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.postgres.entity.WorkflowEntity;
import dev.wfe.postgres.testing.EmptyDatabase;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;
import org.springframework.core.io.DefaultResourceLoader;
import org.springframework.orm.jpa.LocalContainerEntityManagerFactoryBean;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** An application with a {@code META-INF/persistence.xml} of its own, beside the store's. */
@ExtendWith(TestDatabaseExtension.class)
final class OwnPersistenceXmlTest {
  private static final String UNITS =
      """
      <persistence xmlns="https://jakarta.ee/xml/ns/persistence" version="3.0">
        <persistence-unit name="shop">
          <provider>org.hibernate.jpa.HibernatePersistenceProvider</provider>
          <class>dev.wfe.postgres.entity.WorkflowEntity</class>
          <class>dev.wfe.postgres.entity.ExecutionPointerEntity</class>
          <exclude-unlisted-classes>true</exclude-unlisted-classes>
        </persistence-unit>
      </persistence>
      """;

  private final TestDatabase database;
  @TempDir private Path folder;

  OwnPersistenceXmlTest(@EmptyDatabase TestDatabase database) {
    this.database = database;
  }

  @SpringBootConfiguration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class Application {
    @Bean
    LocalContainerEntityManagerFactoryBean entityManagerFactory(
        DataSource dataSource, Environment settings) {
      LocalContainerEntityManagerFactoryBean factory = new LocalContainerEntityManagerFactoryBean();
      factory.setDataSource(dataSource);
      if (settings.getRequiredProperty("named", boolean.class)) {
        factory.setPersistenceUnitName("shop");
      }
      return factory;
    }
  }

  private ConfigurableApplicationContext start(URLClassLoader classes, boolean named) {
    return new SpringApplicationBuilder(Application.class)
        .resourceLoader(new DefaultResourceLoader(classes))
        .web(WebApplicationType.NONE)
        .run(
            "--named=" + named,
            "--spring.datasource.url=" + database.url(),
            "--spring.flyway.enabled=false",
            "--spring.main.banner-mode=off");
  }

  private URLClassLoader classes() throws IOException {
    Path file = folder.resolve("META-INF/persistence.xml");
    Files.createDirectories(file.getParent());
    Files.writeString(file, UNITS);
    return new URLClassLoader(
        new URL[] {folder.toUri().toURL()}, OwnPersistenceXmlTest.class.getClassLoader());
  }

  @Test
  void theApplicationNamesItsUnit() throws IOException {
    try (URLClassLoader classes = classes();
        ConfigurableApplicationContext context = start(classes, true)) {
      PersistenceProvider store = context.getBean(PersistenceProvider.class);
      new TransactionTemplate(context.getBean(PlatformTransactionManager.class))
          .executeWithoutResult(
              transaction -> {
                store.createNewWorkflow(WorkflowInstance.builder("d", 1).id("gone").build());
                transaction.setRollbackOnly();
              });
      store.createNewWorkflow(WorkflowInstance.builder("d", 1).id("w").build());

      try (EntityManager entities =
          context.getBean(EntityManagerFactory.class).createEntityManager()) {
        assertThat(entities.find(WorkflowEntity.class, "w")).isNotNull();
        assertThat(entities.find(WorkflowEntity.class, "gone")).isNull();
      }
    }
  }

  @Test
  void otherwiseSpringFindsTwoUnitsAndSaysSo() throws IOException {
    try (URLClassLoader classes = classes()) {
      assertThatThrownBy(() -> start(classes, false).close())
          .hasRootCauseInstanceOf(IllegalArgumentException.class)
          .rootCause()
          .hasMessageContaining("No persistence unit with name 'default' found");
    }
  }
}
