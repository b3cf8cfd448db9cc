package shop;

import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.postgres.PostgresPersistenceProvider;
import io.quarkus.runtime.Startup;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.persistence.EntityManagerFactory;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;

/** The store of workflows, over the shop's persistence unit. */
@ApplicationScoped
public class Workflows {
  @Produces
  @ApplicationScoped
  @Startup
  PersistenceProvider open(EntityManagerFactory entities, DataSource database) {
    Flyway.configure().dataSource(database).load().migrate();
    PostgresPersistenceProvider provider = PostgresPersistenceProvider.over(entities);
    provider.ensureStoreExists();
    return provider;
  }

  void close(@Disposes PersistenceProvider provider) {
    ((PostgresPersistenceProvider) provider).close();
  }
}
