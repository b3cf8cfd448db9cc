package dev.wfe.postgres;

import dev.wfe.persistence.StoreSetupException;
import dev.wfe.postgres.entity.StoreEntities;
import dev.wfe.postgres.internal.sql.StoreNames;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.PersistenceException;
import org.hibernate.engine.spi.SessionFactoryImplementor;
import org.hibernate.persister.entity.AbstractEntityPersister;
import org.hibernate.persister.entity.EntityPersister;

/** Hibernate as somebody else started it. */
final class LentFactory {
  private LentFactory() {}

  /** Refuses a factory whose entities are not ours, or lie in other tables than the named. */
  static SessionFactoryImplementor unwrap(EntityManagerFactory factory, StoreNames names) {
    SessionFactoryImplementor hibernate;
    try {
      hibernate = factory.unwrap(SessionFactoryImplementor.class);
    } catch (PersistenceException other) {
      throw new StoreSetupException("The EntityManagerFactory is not Hibernate's", other);
    }
    if (hibernate.getSessionFactoryOptions().isMultiTenancyEnabled()) {
      throw new StoreSetupException(
          "The persistence unit has tenants, each with connections of its own, which is not"
              + " supported: open a provider over each tenant's data source",
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
    return hibernate;
  }

  private static void requireTable(Class<?> entity, String mapped, StoreNames names) {
    String table = entity.getAnnotation(jakarta.persistence.Table.class).name();
    String expected = names.table(table);
    if (!mapped.replace("\"", "").equals(expected.replace("\"", ""))) {
      throw new StoreSetupException(
          "The persistence unit maps %s to %s, but the options name %s"
              .formatted(entity.getSimpleName(), mapped, expected),
          null);
    }
  }
}
