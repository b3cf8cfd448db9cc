package dev.wfe.postgres.internal.connection;

import dev.wfe.persistence.StoreSetupException;
import dev.wfe.postgres.entity.StoreEntities;
import dev.wfe.postgres.internal.sql.StoreNames;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.PersistenceException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.hibernate.binder.internal.TenantIdBinder;
import org.hibernate.engine.jdbc.connections.spi.ConnectionProvider;
import org.hibernate.engine.spi.SessionFactoryImplementor;
import org.hibernate.persister.entity.AbstractEntityPersister;
import org.hibernate.persister.entity.EntityPersister;

/**
 * A session factory that the application started. Connections come from its connection provider.
 * Thread-safe.
 */
public final class ExternalSessionFactory
    implements ConnectionSource, Supplier<SessionFactoryImplementor> {
  private final SessionFactoryImplementor factory;
  private final ConnectionProvider provider;

  private ExternalSessionFactory(SessionFactoryImplementor factory) {
    this.factory = factory;
    this.provider = factory.getServiceRegistry().requireService(ConnectionProvider.class);
  }

  @Override
  public SessionFactoryImplementor get() {
    return factory;
  }

  /**
   * Returns the factory if it opens entity managers without being told a tenant; otherwise empty.
   */
  public Optional<EntityManagerFactory> withoutTenant() {
    boolean needsTenant =
        factory.getCurrentTenantIdentifierResolver() == null
            && (factory.getSessionFactoryOptions().isMultiTenancyEnabled()
                || factory.getDefinedFilterNames().contains(TenantIdBinder.FILTER_NAME));
    return needsTenant ? Optional.empty() : Optional.of(factory);
  }

  @Override
  public Connection open() throws SQLException {
    if (!factory.isOpen()) {
      throw new StoreSetupException("The application's EntityManagerFactory is closed", null);
    }
    return provider.getConnection();
  }

  @Override
  public void release(Connection connection) throws SQLException {
    provider.closeConnection(connection);
  }

  /** Returns the factory's connections as a data source. */
  public DataSource dataSource() {
    return new ConnectionSourceDataSource(
        this,
        provider.isUnwrappableAs(DataSource.class)
            ? Optional.of(provider.unwrap(DataSource.class))
            : Optional.empty());
  }

  /**
   * Checks and wraps the application's factory.
   *
   * @throws StoreSetupException if the factory is not Hibernate's, uses multi-tenancy, lacks an
   *     entity of the store, or maps one to another table than {@code names} says
   */
  public static ExternalSessionFactory of(EntityManagerFactory factory, StoreNames names) {
    SessionFactoryImplementor hibernate;
    try {
      hibernate = factory.unwrap(SessionFactoryImplementor.class);
    } catch (PersistenceException other) {
      throw new StoreSetupException(
          "The EntityManagerFactory is not a Hibernate SessionFactory", other);
    }
    if (hibernate.getSessionFactoryOptions().isMultiTenancyEnabled()) {
      throw new StoreSetupException(
          "The persistence unit uses multi-tenancy, which is not supported: open one provider per"
              + " tenant, over the tenant's data source",
          null);
    }
    for (Class<?> entity : StoreEntities.ALL) {
      EntityPersister persister = hibernate.getMappingMetamodel().findEntityDescriptor(entity);
      if (persister == null) {
        throw new StoreSetupException(
            "The persistence unit lacks the entity %s: add every class of StoreEntities.ALL"
                .formatted(entity.getName()),
            null);
      }
      requireTable(entity, ((AbstractEntityPersister) persister).getTableName(), names);
    }
    return new ExternalSessionFactory(hibernate);
  }

  private static void requireTable(Class<?> entity, String mapped, StoreNames names) {
    String table = entity.getAnnotation(jakarta.persistence.Table.class).name();
    String expected = names.table(table);
    if (!mapped.replace("\"", "").equals(expected.replace("\"", ""))) {
      throw new StoreSetupException(
          "The persistence unit maps %s to table %s, but the provider's options (schema, tablePrefix) name table %s"
              .formatted(entity.getSimpleName(), mapped, expected),
          null);
    }
  }
}
