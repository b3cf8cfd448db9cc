package dev.wfe.postgres.internal.schema;

import dev.wfe.persistence.StoreSetupException;
import dev.wfe.postgres.entity.StoreEntities;
import dev.wfe.postgres.entity.StoreNamingStrategy;
import dev.wfe.postgres.internal.sql.StoreNames;
import java.util.Map;
import javax.sql.DataSource;
import org.hibernate.boot.Metadata;
import org.hibernate.boot.MetadataSources;
import org.hibernate.boot.registry.StandardServiceRegistry;
import org.hibernate.boot.registry.StandardServiceRegistryBuilder;
import org.hibernate.cfg.AvailableSettings;
import org.hibernate.tool.schema.Action;
import org.hibernate.tool.schema.spi.SchemaManagementException;
import org.hibernate.tool.schema.spi.SchemaManagementToolCoordinator;

/** Compares the tables of a store with its entities. */
final class StoreValidator {
  private StoreValidator() {}

  static void validate(DataSource dataSource, StoreNames names) {
    StandardServiceRegistry registry =
        new StandardServiceRegistryBuilder()
            .applySetting(AvailableSettings.JAKARTA_NON_JTA_DATASOURCE, dataSource)
            .applySetting(
                AvailableSettings.PHYSICAL_NAMING_STRATEGY,
                new StoreNamingStrategy(names.schema(), names.prefix()))
            .build();
    try {
      MetadataSources sources = new MetadataSources(registry);
      StoreEntities.ALL.forEach(sources::addAnnotatedClass);
      Metadata metadata = sources.buildMetadata();
      SchemaManagementToolCoordinator.process(
          metadata,
          registry,
          Map.of(AvailableSettings.JAKARTA_HBM2DDL_DATABASE_ACTION, Action.VALIDATE),
          ignored -> {});
    } catch (SchemaManagementException e) {
      throw new StoreSetupException(
          "The store in schema %s is not as it should be: %s"
              .formatted(names.schema(), e.getMessage()),
          e);
    } finally {
      StandardServiceRegistryBuilder.destroy(registry);
    }
  }
}
