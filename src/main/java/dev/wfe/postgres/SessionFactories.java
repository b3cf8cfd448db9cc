package dev.wfe.postgres;

import dev.wfe.postgres.entity.StoreEntities;
import dev.wfe.postgres.entity.StoreNamingStrategy;
import dev.wfe.postgres.internal.sql.StoreNames;
import java.util.Properties;
import javax.sql.DataSource;
import org.hibernate.SessionFactory;
import org.hibernate.cfg.AvailableSettings;
import org.hibernate.cfg.Configuration;

/** Hibernate over a data source, for the entities of one store. */
final class SessionFactories {
  private SessionFactories() {}

  static SessionFactory over(DataSource dataSource, StoreNames names) {
    Configuration configuration = new Configuration();
    StoreEntities.ALL.forEach(configuration::addAnnotatedClass);
    configuration.setPhysicalNamingStrategy(
        new StoreNamingStrategy(names.schema(), names.prefix()));
    Properties properties = configuration.getProperties();
    properties.put(AvailableSettings.JAKARTA_NON_JTA_DATASOURCE, dataSource);
    properties.put("hypersistence.utils.print.banner", "false");
    return configuration.buildSessionFactory();
  }
}
