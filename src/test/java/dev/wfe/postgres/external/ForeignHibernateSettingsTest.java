package dev.wfe.postgres.external;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.StoreSetupException;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.entity.StoreEntities;
import dev.wfe.postgres.entity.WorkflowEntity;
import dev.wfe.postgres.testing.EmptyDatabase;
import dev.wfe.postgres.testing.Operations;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import jakarta.persistence.Entity;
import jakarta.persistence.EntityManager;
import jakarta.persistence.Id;
import jakarta.persistence.ManyToOne;
import jakarta.persistence.Persistence;
import jakarta.persistence.SharedCacheMode;
import jakarta.persistence.Table;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.hibernate.Session;
import org.hibernate.SessionFactory;
import org.hibernate.annotations.TenantId;
import org.hibernate.boot.spi.SessionFactoryOptions;
import org.hibernate.cache.cfg.spi.DomainDataRegionBuildingContext;
import org.hibernate.cache.cfg.spi.DomainDataRegionConfig;
import org.hibernate.cache.spi.support.DomainDataStorageAccess;
import org.hibernate.cache.spi.support.RegionFactoryTemplate;
import org.hibernate.cache.spi.support.StorageAccess;
import org.hibernate.cfg.AvailableSettings;
import org.hibernate.cfg.Configuration;
import org.hibernate.engine.jdbc.connections.spi.AbstractDataSourceBasedMultiTenantConnectionProviderImpl;
import org.hibernate.engine.spi.SessionFactoryImplementor;
import org.hibernate.engine.spi.SharedSessionContractImplementor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Hibernate settings of an application's persistence unit do not harm the store's tables. */
@ExtendWith(TestDatabaseExtension.class)
final class ForeignHibernateSettingsTest {
  private final TestDatabase database;

  ForeignHibernateSettingsTest(@EmptyDatabase TestDatabase database) {
    this.database = database;
  }

  /** A table of the application's that refers to one of ours. */
  @Entity
  @Table(name = "bills")
  public static class Bill {
    @Id String id = "";
    @ManyToOne @Nullable WorkflowEntity workflow;

    /** For Hibernate. */
    protected Bill() {}
  }

  private Configuration unit() {
    return unit(Bill.class);
  }

  private Configuration unit(Class<?> entity) {
    Configuration configuration =
        new Configuration()
            .addAnnotatedClass(entity)
            .setProperty(AvailableSettings.JAKARTA_JDBC_URL, database.url())
            .setProperty("hibernate.hikari.maximumPoolSize", "2")
            .setProperty(AvailableSettings.JAKARTA_HBM2DDL_CREATE_SCHEMAS, "true");
    StoreEntities.ALL.forEach(configuration::addAnnotatedClass);
    return configuration;
  }

  private void createStore() {
    try (PostgresPersistenceProvider store = PostgresPersistenceProvider.connect(database.url())) {
      store.ensureStoreExists();
      store.createNewWorkflow(WorkflowInstance.builder("definition", 1).id("w").build());
    }
  }

  private void assertStoreIsUnharmed() {
    try (PostgresPersistenceProvider store = PostgresPersistenceProvider.connect(database.url())) {
      store.validateStore();
      assertThat(store.getWorkflowInstance("w").id()).isEqualTo("w");
    }
  }

  private boolean has(String table) {
    return database.queryForString("select to_regclass('%s')".formatted(table)) != null;
  }

  @ParameterizedTest
  @ValueSource(strings = {"create", "create-drop", "create-only", "update", "drop"})
  void noActionOfHibernateTouchesTheStore(String action) {
    createStore();

    unit().setProperty(AvailableSettings.HBM2DDL_AUTO, action).buildSessionFactory().close();

    assertStoreIsUnharmed();
    assertThat(has("bills")).isEqualTo(!action.endsWith("drop"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"create", "update"})
  void hibernateDoesNotCreateTheTablesOfTheStore(String action) {
    unit().setProperty(AvailableSettings.HBM2DDL_AUTO, action).buildSessionFactory().close();

    assertThat(has("wfc.workflows")).isFalse();
    createStore();
    assertStoreIsUnharmed();
  }

  @Test
  void hibernateDoesNotAddAMissingColumnButMissesIt() {
    createStore();
    database.execute("alter table wfc.workflows drop column reference");

    unit().setProperty(AvailableSettings.HBM2DDL_AUTO, "update").buildSessionFactory().close();

    assertThat(
            database.queryForString(
                "select count(*) from information_schema.columns where table_schema = 'wfc'"
                    + " and table_name = 'workflows' and column_name = 'reference'"))
        .isEqualTo("0");
    assertThatThrownBy(
            () ->
                unit()
                    .setProperty(AvailableSettings.HBM2DDL_AUTO, "validate")
                    .buildSessionFactory()
                    .close())
        .hasMessageContaining("missing column [reference]");
  }

  @Test
  void theSchemaManagerAndJakartasGenerationTouchTheStoreNeither() {
    createStore();

    try (SessionFactory factory = unit().buildSessionFactory()) {
      factory.getSchemaManager().exportMappedObjects(true);
      factory.getSchemaManager().truncateMappedObjects();
      factory.getSchemaManager().dropMappedObjects(true);
    }
    Map<String, Object> properties = new HashMap<>();
    properties.put(AvailableSettings.JAKARTA_JDBC_URL, database.url());
    properties.put(AvailableSettings.JAKARTA_HBM2DDL_DATABASE_ACTION, "drop-and-create");
    Persistence.generateSchema("wfe", properties);

    assertStoreIsUnharmed();
  }

  @ParameterizedTest
  @EnumSource
  void noModeOfTheSecondLevelCacheKeepsEntitiesOfTheStore(SharedCacheMode mode) {
    createStore();
    Configuration unit = unit();
    unit.getProperties().put(AvailableSettings.JAKARTA_SHARED_CACHE_MODE, mode);
    unit.getProperties().put(AvailableSettings.CACHE_REGION_FACTORY, new MapRegions());
    unit.setProperty(AvailableSettings.USE_SECOND_LEVEL_CACHE, "true");
    unit.setProperty("hibernate.classcache." + WorkflowEntity.class.getName(), "read-write");
    try (SessionFactory factory = unit.buildSessionFactory();
        PostgresPersistenceProvider store = PostgresPersistenceProvider.over(factory)) {
      assertThat(reference(factory)).isNull();

      store.persistWorkflow(
          store.getWorkflowInstance("w").toBuilder().reference("changed").build());

      assertThat(reference(factory)).isEqualTo("changed");
      assertThat(factory.getCache().contains(WorkflowEntity.class, "w")).isFalse();
    }
  }

  private static @Nullable String reference(SessionFactory factory) {
    try (EntityManager entities = factory.createEntityManager()) {
      return entities.find(WorkflowEntity.class, "w").getReference();
    }
  }

  @Test
  void aUnitWithConnectionsForEachTenantIsRefused() {
    Configuration unit = unit();
    unit.getProperties().put(AvailableSettings.MULTI_TENANT_CONNECTION_PROVIDER, new Tenants());
    unit.setProperty(AvailableSettings.DIALECT, "org.hibernate.dialect.PostgreSQLDialect");
    try (SessionFactory factory = unit.buildSessionFactory()) {
      assertThatThrownBy(() -> PostgresPersistenceProvider.over(factory))
          .isInstanceOf(StoreSetupException.class)
          .hasMessageContaining("multi-tenancy");
    }
  }

  /** A row of one tenant among those of others, in a table of the application's. */
  @Entity(name = "Note")
  @Table(name = "notes")
  public static class Note {
    @Id String id = "";
    @TenantId @Nullable String tenant;

    /** For Hibernate. */
    protected Note() {}
  }

  /** Tenants that share the tables: the store's rows are of no tenant, so all of them see all. */
  @Test
  void aUnitWithRowsForEachTenantWorks() {
    createStore();
    Configuration unit = unit(Note.class).setProperty(AvailableSettings.HBM2DDL_AUTO, "update");
    try (SessionFactory factory = unit.buildSessionFactory();
        PostgresPersistenceProvider store = PostgresPersistenceProvider.over(factory)) {
      store.ensureStoreExists();
      store.validateStore();
      store.truncateAll();
      Operations.fill(store);
      Operations.all().values().forEach(call -> call.accept(store));
      Operations.fill(store);
      for (String tenant : List.of("one", "other")) {
        try (Session session =
            factory.withOptions().tenantIdentifier((Object) tenant).openSession()) {
          Note note = new Note();
          note.id = tenant;
          session.getTransaction().begin();
          session.persist(note);
          store
              .within(session)
              .persistWorkflow(
                  store.within(session).getWorkflowInstance("w").toBuilder()
                      .reference(tenant)
                      .build());
          session.getTransaction().commit();
          assertThat(session.find(WorkflowEntity.class, "w").getReference()).isEqualTo(tenant);
          assertThat(session.createQuery("select id from Note", String.class).getResultList())
              .containsExactly(tenant);
        }
      }
    }
  }

  private final class Tenants
      extends AbstractDataSourceBasedMultiTenantConnectionProviderImpl<String> {
    private static final long serialVersionUID = 1L;

    @Override
    protected javax.sql.DataSource selectAnyDataSource() {
      return database.dataSource();
    }

    @Override
    protected javax.sql.DataSource selectDataSource(String tenant) {
      return database.dataSource();
    }
  }

  /** The simplest second-level cache. */
  private static final class MapRegions extends RegionFactoryTemplate {
    private static final long serialVersionUID = 1L;

    @Override
    protected DomainDataStorageAccess createDomainDataStorageAccess(
        DomainDataRegionConfig config, DomainDataRegionBuildingContext context) {
      return new MapStorage();
    }

    @Override
    protected StorageAccess createQueryResultsRegionStorageAccess(
        String name, SessionFactoryImplementor factory) {
      return new MapStorage();
    }

    @Override
    protected StorageAccess createTimestampsRegionStorageAccess(
        String name, SessionFactoryImplementor factory) {
      return new MapStorage();
    }

    @Override
    protected void prepareForUse(SessionFactoryOptions settings, Map<String, Object> properties) {
      // Nothing to prepare.
    }

    @Override
    protected void releaseFromUse() {
      // Nothing to release.
    }
  }

  private static final class MapStorage implements DomainDataStorageAccess {
    private final Map<Object, Object> map = new ConcurrentHashMap<>();

    @Override
    public @Nullable Object getFromCache(Object key, SharedSessionContractImplementor session) {
      return map.get(key);
    }

    @Override
    public void putIntoCache(Object key, Object value, SharedSessionContractImplementor session) {
      map.put(key, value);
    }

    @Override
    public boolean contains(Object key) {
      return map.containsKey(key);
    }

    @Override
    public void evictData() {
      map.clear();
    }

    @Override
    public void evictData(Object key) {
      map.remove(key);
    }

    @Override
    public void release() {
      map.clear();
    }
  }
}
