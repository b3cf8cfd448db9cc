package dev.wfe.postgres.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.persistence.StoreSetupException;
import dev.wfe.postgres.testing.EmptyDatabase;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.flywaydb.core.api.FlywayException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.flyway.FlywayMigrationStrategy;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.DefaultResourceLoader;

/** Whole applications, as Spring Boot starts them with everything on the class path. */
@ExtendWith(TestDatabaseExtension.class)
final class FlywaySwitchTest {
  private final TestDatabase database;

  FlywaySwitchTest(@EmptyDatabase TestDatabase database) {
    this.database = database;
    database.execute("create table filled (id text primary key)");
  }

  @SpringBootConfiguration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class Application {}

  @SpringBootConfiguration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class WantsFlyway {
    @Bean
    FlywayMigrationStrategy strategy() {
      return flyway -> {};
    }
  }

  /** Of an application without a folder of migrations; the tests have one. */
  private ConfigurableApplicationContext start(Class<?> application, String... properties) {
    return start(
        new SpringApplicationBuilder(application)
            .resourceLoader(
                new DefaultResourceLoader(
                    new FilteredClassLoader(new ClassPathResource("db/migration")))),
        properties);
  }

  private ConfigurableApplicationContext start(
      SpringApplicationBuilder application, String... properties) {
    return application
        .web(WebApplicationType.NONE)
        .properties("spring.main.banner-mode=off", "spring.datasource.url=" + database.url())
        .properties(properties)
        .run();
  }

  private boolean has(String table) {
    return database.queryForString("select to_regclass('%s')".formatted(table)) != null;
  }

  @Test
  void anApplicationWithoutMigrationsGetsNoFlywayOfItsOwn() {
    try (ConfigurableApplicationContext context = start(Application.class)) {
      assertThat(context.getBean(PersistenceProvider.class).nextDefinitionSequence("d")).isOne();
      assertThat(context.containsBean("flyway")).isFalse();
      assertThat(has("public.flyway_schema_history")).isFalse();
    }
  }

  /** What the switch is for. */
  @Test
  void withFlywayItWouldNotStart() {
    assertThatThrownBy(() -> start(Application.class, "spring.flyway.enabled=true"))
        .hasRootCauseInstanceOf(FlywayException.class)
        .rootCause()
        .hasMessageContaining("non-empty schema");
  }

  @Test
  void aFolderOfMigrationsIsTheApplicationsOwn() {
    database.execute("drop table filled");
    try (ConfigurableApplicationContext context =
        start(new SpringApplicationBuilder(Application.class))) {
      assertThat(context.getBean(PersistenceProvider.class).nextDefinitionSequence("d")).isOne();
      assertThat(
              database.queryForStrings(
                  "select script from flyway_schema_history where version is not null"))
          .containsExactly("V1__application.sql");
    }
  }

  @Test
  void migrationsThatAPropertyNamesRunBesideTheStores(@TempDir Path folder) throws IOException {
    Files.writeString(folder.resolve("V1__orders.sql"), "create table orders (id text)");
    try (ConfigurableApplicationContext context =
        start(
            Application.class,
            "spring.flyway.locations=filesystem:" + folder,
            "spring.flyway.baseline-on-migrate=true",
            "spring.flyway.baseline-version=0")) {
      assertThat(context.getBean(PersistenceProvider.class).nextDefinitionSequence("d")).isOne();
      assertThat(has("public.orders")).isTrue();
      assertThat(has("public.flyway_schema_history")).isTrue();
    }
  }

  @Test
  void anApplicationWithAFlywayBeanHasToDecideWhetherItRuns() {
    assertThatThrownBy(() -> start(WantsFlyway.class))
        .isInstanceOf(StoreSetupException.class)
        .hasMessageContaining(
            "The bean strategy configures Spring Boot's Flyway, but Flyway is off");
    start(WantsFlyway.class, "spring.flyway.enabled=true").close();
    start(WantsFlyway.class, "spring.flyway.enabled=false").close();
  }
}
