package dev.wfe.postgres;

import dev.wfe.persistence.StoreSetupException;
import dev.wfe.postgres.entity.StoreEntities;
import java.util.Map;
import java.util.Properties;
import javax.sql.DataSource;
import org.hibernate.HibernateException;
import org.hibernate.SessionFactory;
import org.hibernate.cfg.AvailableSettings;
import org.hibernate.cfg.Configuration;
import org.hibernate.resource.transaction.backend.jta.internal.JtaTransactionCoordinatorBuilderImpl;
import org.hibernate.tool.schema.Action;

/** Hibernate over a data source, for the entities of one store. */
final class SessionFactories {
  /** What Hibernate's own statements may make use of. */
  private static final String OLDEST_VERSION = Integer.toString(Requirements.OLDEST_VERSION);

  private SessionFactories() {}

  static SessionFactory over(DataSource dataSource, PostgresOptions options) {
    return build(options, Map.of(AvailableSettings.JAKARTA_NON_JTA_DATASOURCE, dataSource));
  }

  /** Over a data source whose connections the container enlists in its transactions. */
  static SessionFactory overJta(DataSource dataSource, PostgresOptions options) {
    return build(
        options,
        Map.of(
            AvailableSettings.JAKARTA_JTA_DATASOURCE,
            dataSource,
            AvailableSettings.TRANSACTION_COORDINATOR_STRATEGY,
            JtaTransactionCoordinatorBuilderImpl.SHORT_NAME));
  }

  private static SessionFactory build(PostgresOptions options, Map<String, Object> connections) {
    Configuration configuration = new Configuration();
    StoreEntities.ALL.forEach(configuration::addAnnotatedClass);
    Properties properties = configuration.getProperties();
    properties.putAll(options.hibernateProperties());
    properties.putAll(connections);
    // Hibernate would look at a connection when it starts, and not give it back as it came.
    properties.put(AvailableSettings.ALLOW_METADATA_ON_BOOT, "false");
    properties.put(AvailableSettings.JAKARTA_HBM2DDL_DB_NAME, "PostgreSQL");
    properties.put(AvailableSettings.JAKARTA_HBM2DDL_DB_MAJOR_VERSION, OLDEST_VERSION);
    // An application's hibernate.properties may say otherwise, for tables of its own.
    properties.put(AvailableSettings.JAKARTA_HBM2DDL_DATABASE_ACTION, Action.NONE);
    properties.put(AvailableSettings.HBM2DDL_AUTO, "none");
    try {
      return configuration.buildSessionFactory();
    } catch (HibernateException failure) {
      throw new StoreSetupException(
          "Hibernate could not be started: " + failure.getMessage(), failure);
    }
  }
}
