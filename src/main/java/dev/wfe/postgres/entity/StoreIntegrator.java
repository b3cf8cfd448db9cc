package dev.wfe.postgres.entity;

import java.util.Map;
import org.hibernate.boot.Metadata;
import org.hibernate.boot.registry.StandardServiceInitiator;
import org.hibernate.boot.registry.StandardServiceRegistryBuilder;
import org.hibernate.boot.spi.BootstrapContext;
import org.hibernate.engine.spi.SessionFactoryImplementor;
import org.hibernate.integrator.spi.Integrator;
import org.hibernate.mapping.Collection;
import org.hibernate.mapping.PersistentClass;
import org.hibernate.mapping.Property;
import org.hibernate.mapping.RootClass;
import org.hibernate.service.spi.ServiceBinding;
import org.hibernate.service.spi.ServiceContributor;
import org.hibernate.service.spi.ServiceRegistryAwareService;
import org.hibernate.service.spi.ServiceRegistryImplementor;
import org.hibernate.service.spi.SessionFactoryServiceRegistry;
import org.hibernate.tool.schema.internal.SchemaManagementToolInitiator;
import org.hibernate.tool.schema.spi.SchemaManagementTool;

/**
 * Enforces two rules for the store's entities in every persistence unit, whatever its settings are:
 *
 * <ul>
 *   <li>Hibernate never creates, alters, drops or truncates their tables. It only validates them.
 *   <li>They are never stored in the second-level cache, because other programs write them.
 * </ul>
 *
 * <p>Called by Hibernate; thread-safe.
 */
public final class StoreIntegrator implements Integrator, ServiceContributor {
  /** Called by Hibernate. */
  public StoreIntegrator() {}

  /** Needed for schema generation without a session factory. Called by Hibernate. */
  @Override
  public void contribute(StandardServiceRegistryBuilder builder) {
    builder.addInitiator(new GuardedInitiator());
  }

  /**
   * Needed for registries without contributed services, such as those of Quarkus. Called by
   * Hibernate.
   */
  @Override
  public void integrate(
      Metadata metadata, BootstrapContext context, SessionFactoryImplementor factory) {
    for (PersistentClass entity : metadata.getEntityBindings()) {
      if (StoreEntities.isStored(entity) && entity instanceof RootClass root) {
        root.setCached(false);
        root.setCacheConcurrencyStrategy(null);
        entity.getProperties().forEach(StoreIntegrator::disableCache);
      }
    }
    if (context.getServiceRegistry() instanceof ServiceRegistryImplementor registry) {
      SchemaManagementTool tool = registry.requireService(SchemaManagementTool.class);
      ServiceBinding<SchemaManagementTool> binding =
          registry.locateServiceBinding(SchemaManagementTool.class);
      if (binding != null) {
        binding.setService(GuardedSchemaTool.of(tool));
      }
    }
  }

  @Override
  public void disintegrate(
      SessionFactoryImplementor factory, SessionFactoryServiceRegistry services) {
    // Nothing to release.
  }

  private static void disableCache(Property property) {
    if (property.getValue() instanceof Collection collection) {
      collection.setCacheConcurrencyStrategy(null);
    }
  }

  private static final class GuardedInitiator
      implements StandardServiceInitiator<SchemaManagementTool> {
    @Override
    public SchemaManagementTool initiateService(
        Map<String, Object> settings, ServiceRegistryImplementor registry) {
      SchemaManagementTool tool =
          SchemaManagementToolInitiator.INSTANCE.initiateService(settings, registry);
      if (tool instanceof ServiceRegistryAwareService aware) {
        aware.injectServices(registry);
      }
      return GuardedSchemaTool.of(tool);
    }

    @Override
    public Class<SchemaManagementTool> getServiceInitiated() {
      return SchemaManagementTool.class;
    }
  }
}
