package shop;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.PersistenceUnit;

/** The shop's persistence unit as a bean. */
@ApplicationScoped
public class Units {
  @Produces
  @PersistenceUnit(unitName = "shop")
  EntityManagerFactory entities;
}
