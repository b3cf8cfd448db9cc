package dev.wfe.postgres.external;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.persistence.StoreException;
import dev.wfe.persistence.StoreSetupException;
import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.entity.WorkflowEntity;
import dev.wfe.postgres.testing.EmptyDatabase;
import dev.wfe.postgres.testing.Operations;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.Persistence;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.hibernate.SessionFactory;
import org.hibernate.cfg.AvailableSettings;
import org.hibernate.cfg.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(TestDatabaseExtension.class)
final class ExternalSessionFactoryTest {
  private static final PostgresOptions CUSTOM =
      PostgresOptions.builder()
          .schema("MyOrders")
          .tablePrefix("wf_")
          .applicationName("external factory")
          .build();

  private final TestDatabase database;

  ExternalSessionFactoryTest(TestDatabase database) {
    this.database = database;
  }

  private EntityManagerFactory unit(TestDatabase at, Map<String, Object> settings) {
    Map<String, Object> properties = new HashMap<>(settings);
    properties.put(AvailableSettings.JAKARTA_JDBC_URL, at.url());
    return Persistence.createEntityManagerFactory("wfe", properties);
  }

  @Test
  void thePersistenceUnitReadsAndWritesEntities() {
    try (EntityManagerFactory factory = unit(database, Map.of());
        PostgresPersistenceProvider provider = PostgresPersistenceProvider.over(factory)) {
      Operations.fill(provider);
      try (EntityManager entities = factory.createEntityManager()) {
        entities.getTransaction().begin();
        entities
            .createQuery("update WorkflowEntity set reference = 'r' where id = 'w'")
            .executeUpdate();
        entities.getTransaction().commit();
      }

      assertThat(provider.getWorkflowInstance("w").reference()).isEqualTo("r");
      Operations.all().values().forEach(call -> call.accept(provider));
    }
  }

  @Test
  void theUnitFollowsTheOptions(@EmptyDatabase TestDatabase empty) {
    try (EntityManagerFactory factory = unit(empty, CUSTOM.hibernateProperties());
        PostgresPersistenceProvider provider = PostgresPersistenceProvider.over(factory, CUSTOM)) {
      provider.ensureStoreExists();
      provider.validateStore();
      Operations.fill(provider);

      try (EntityManager entities = factory.createEntityManager()) {
        assertThat(entities.find(WorkflowEntity.class, "w").getExecutionPointers()).hasSize(2);
      }
      assertThat(empty.queryForString("select id from \"MyOrders\".wf_workflows")).isEqualTo("w");
      assertThat(
              empty.queryForString(
                  "select count(*) > 0 from pg_stat_activity"
                      + " where application_name = 'external factory'"))
          .isEqualTo("t");
    }
  }

  @Test
  void hibernatesSchemaUpdateChangesNothing() {
    String indexes =
        "select string_agg(indexname, ' ' order by indexname) from pg_indexes"
            + " where schemaname = 'wfc'";
    String before = database.queryForString(indexes);

    unit(database, Map.of(AvailableSettings.HBM2DDL_AUTO, "update")).close();

    assertThat(database.queryForString(indexes)).isEqualTo(before);
  }

  @Test
  void itStaysOpen() {
    try (EntityManagerFactory factory = unit(database, Map.of())) {
      PostgresPersistenceProvider provider = PostgresPersistenceProvider.over(factory);
      assertThat(provider.entityManagerFactory()).isSameAs(factory);
      provider.close();
      provider.close();

      assertThat(factory.isOpen()).isTrue();
      assertThatThrownBy(() -> provider.getRunnableInstances(Instant.EPOCH))
          .isInstanceOf(StoreSetupException.class)
          .hasMessage("The provider is closed");
    }
  }

  @Test
  void aClosedOneIsATypedFailure() {
    EntityManagerFactory factory = unit(database, Map.of());
    try (PostgresPersistenceProvider provider = PostgresPersistenceProvider.over(factory)) {
      factory.close();

      assertThatThrownBy(() -> provider.nextDefinitionSequence("d"))
          .isInstanceOf(StoreException.class);
      assertThatThrownBy(() -> provider.getRunnableInstances(Instant.EPOCH))
          .isInstanceOf(StoreException.class);
    }
  }

  @Test
  void oneWithoutTheEntitiesIsRefused() {
    try (SessionFactory factory =
        new Configuration()
            .setProperty(AvailableSettings.JAKARTA_JDBC_URL, database.url())
            .buildSessionFactory()) {
      assertThatThrownBy(() -> PostgresPersistenceProvider.over(factory))
          .isInstanceOf(StoreSetupException.class)
          .hasMessageContaining("lacks the entity")
          .hasMessageContaining("add every class of StoreEntities.ALL");
    }
  }

  @Test
  void oneOverOtherTablesIsRefused() {
    try (EntityManagerFactory factory = unit(database, Map.of())) {
      assertThatThrownBy(() -> PostgresPersistenceProvider.over(factory, CUSTOM))
          .isInstanceOf(StoreSetupException.class)
          .hasMessageContaining(
              "but the provider's options (schema, tablePrefix) name table"
                  + " \"MyOrders\".\"wf_command_claims\"");
    }
  }
}
