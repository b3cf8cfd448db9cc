package shop;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.Persistence;
import java.util.Map;
import org.eclipse.microprofile.config.ConfigProvider;
import org.flywaydb.core.Flyway;

/** The shop's persistence unit as a bean. */
@ApplicationScoped
class Units {
  @Produces
  @Singleton
  EntityManagerFactory open() {
    String url = ConfigProvider.getConfig().getValue("shop.url", String.class);
    Flyway.configure().dataSource(url, null, null).load().migrate();
    return Persistence.createEntityManagerFactory(
        "shop", Map.of("jakarta.persistence.jdbc.url", url));
  }

  void close(@Disposes EntityManagerFactory factory) {
    factory.close();
  }
}
