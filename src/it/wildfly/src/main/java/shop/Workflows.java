package shop;

import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.postgres.PostgresPersistenceProvider;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.PersistenceUnit;

/** The store of workflows, over the shop's persistence unit. */
@ApplicationScoped
public class Workflows {
  @PersistenceUnit(unitName = "shop")
  EntityManagerFactory entities;

  @Produces
  @ApplicationScoped
  PersistenceProvider open() {
    PostgresPersistenceProvider provider = PostgresPersistenceProvider.over(entities);
    provider.ensureStoreExists();
    return provider;
  }

  void close(@Disposes PersistenceProvider provider) {
    ((PostgresPersistenceProvider) provider).close();
  }
}
