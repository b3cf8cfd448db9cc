package dev.wfe.postgres.external;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.postgres.Entities;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.entity.WorkflowEntity;
import dev.wfe.postgres.testing.EmptyDatabase;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import jakarta.persistence.EntityManager;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.Driver;

/**
 * Configuration files on the class path, system properties and environment variables that an
 * application has for shared libraries do not affect the provider.
 */
@ExtendWith(TestDatabaseExtension.class)
final class ForeignFilesTest {
  private final TestDatabase database;
  private final TestDatabase other;
  @TempDir private Path folder;

  ForeignFilesTest(@EmptyDatabase TestDatabase database, @EmptyDatabase TestDatabase other) {
    this.database = database;
    this.other = other;
  }

  /** Registered with every mapper that looks for modules. */
  public static final class ForeignModule extends SimpleModule {
    private static final long serialVersionUID = 1L;

    /** Called by Jackson. */
    public ForeignModule() {
      addSerializer(
          JsonNode.class,
          new StdSerializer<>(JsonNode.class) {
            private static final long serialVersionUID = 1L;

            @Override
            public void serialize(
                JsonNode value, JsonGenerator generator, SerializerProvider provider)
                throws IOException {
              generator.writeString("foreign");
            }
          });
    }
  }

  /** A host in a process of its own. */
  static final class Host {
    private Host() {}

    public static void main(String[] arguments) {
      try (PostgresPersistenceProvider store = PostgresPersistenceProvider.connect(arguments[0])) {
        store.ensureStoreExists();
        store.validateStore();
        store.createNewWorkflow(WorkflowInstance.builder("definition", 1).id("w").build());
        try (EntityManager entities = store.entityManagerFactory().createEntityManager()) {
          String id = entities.find(WorkflowEntity.class, "w").getId();
          store.persistWorkflow(store.getWorkflowInstance(id));
          entities.getTransaction().begin();
          entities.persist(
              Entities.toEntity(
                  WorkflowInstance.builder("definition", 1)
                      .id("e")
                      .name("e")
                      .createTime(Instant.EPOCH)
                      .build()));
          entities.getTransaction().commit();
        }
      }
    }
  }

  private void file(String name, String... lines) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    Files.write(file, List.of(lines));
  }

  @Test
  void nothingOfTheApplicationReachesTheStore() throws Exception {
    file(
        "hibernate.properties",
        "hibernate.globally_quoted_identifiers=true",
        "hibernate.default_schema=foreign",
        "hibernate.dialect=org.hibernate.dialect.H2Dialect",
        "hibernate.hbm2ddl.auto=create-drop",
        "hibernate.connection.url=" + other.url(),
        "hibernate.connection.provider_class="
            + "org.hibernate.engine.jdbc.connections.internal.DriverManagerConnectionProviderImpl",
        "hibernate.physical_naming_strategy="
            + "org.hibernate.boot.model.naming.CamelCaseToUnderscoresNamingStrategy");
    file("META-INF/services/org.hibernate.integrator.spi.Integrator", "foreign.Integrator");
    file("META-INF/services/org.hibernate.boot.model.TypeContributor", "foreign.TypeContributor");
    file("META-INF/services/com.fasterxml.jackson.databind.Module", ForeignModule.class.getName());
    file(
        "hypersistence-utils.properties",
        "hypersistence.utils.jackson.object.mapper=foreign.Mapper");
    file(
        "hikari.properties",
        "jdbcUrl=" + other.url(),
        "username=foreign",
        "connectionInitSql=create table foreign_init ()",
        "connectionTestQuery=select foreign_test()",
        "schema=foreign",
        "readOnly=true",
        "autoCommit=false",
        "transactionIsolation=TRANSACTION_SERIALIZABLE",
        "minimumIdle=0",
        "dataSource.currentSchema=foreign");
    Properties foreign = Objects.requireNonNull(Driver.parseURL(other.url(), null));
    file(
        "services",
        "[foreign]",
        "host=" + foreign.getProperty("PGHOST"),
        "port=" + foreign.getProperty("PGPORT"),
        "dbname=" + foreign.getProperty("PGDBNAME"));
    file(
        "org/postgresql/driverconfig.properties",
        "PGHOST=" + foreign.getProperty("PGHOST"),
        "PGPORT=" + foreign.getProperty("PGPORT"),
        "PGDBNAME=" + foreign.getProperty("PGDBNAME"));
    Path log = folder.resolve("log");
    ProcessBuilder host =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            folder + File.pathSeparator + System.getProperty("java.class.path"),
            "-Dhibernate.globally_quoted_identifiers=true",
            "-Dhibernate.hbm2ddl.auto=create-drop",
            "-Dhikaricp.configurationFile=" + folder.resolve("hikari.properties"),
            "-Dorg.postgresql.pgservicefile=" + folder.resolve("services"),
            "-Dflyway.url=" + other.url(),
            "-Dflyway.table=foreign",
            Host.class.getName(),
            database.url());
    host.environment()
        .putAll(
            Map.of(
                "FLYWAY_URL",
                other.url(),
                "FLYWAY_TABLE",
                "foreign",
                "PGUSER",
                "foreign",
                "PGDATABASE",
                String.valueOf(foreign.getProperty("PGDBNAME")),
                "PGSERVICE",
                "foreign",
                "PGSERVICEFILE",
                folder.resolve("services").toString(),
                "PGOPTIONS",
                "-c search_path=foreign"));

    int status = host.redirectErrorStream(true).redirectOutput(log.toFile()).start().waitFor();

    assertThat(status).as(Files.readString(log)).isZero();
    assertThat(database.queryForStrings("select id || data::text from wfc.workflows order by 1"))
        .containsExactly("e{}", "w{}");
    assertThat(
            other.queryForString(
                "select count(*) from pg_class where relnamespace::regnamespace::text"
                    + " not in ('pg_catalog', 'pg_toast', 'information_schema')"))
        .isEqualTo("0");
  }
}
