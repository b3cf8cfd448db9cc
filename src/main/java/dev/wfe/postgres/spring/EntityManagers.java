package dev.wfe.postgres.spring;

import jakarta.persistence.EntityManager;
import java.util.Map;
import java.util.Optional;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.orm.jpa.EntityManagerFactoryInfo;
import org.springframework.orm.jpa.EntityManagerHolder;
import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;

/**
 * Finds the entity managers that Spring has bound to the thread. Loaded only if Spring's JPA
 * support is present.
 */
final class EntityManagers {
  private EntityManagers() {}

  /** The entity manager that is in a transaction on the data source, if any. */
  static Optional<EntityManager> joined(Map<Object, Object> resources, DataSource dataSource) {
    return resources.entrySet().stream()
        .filter(
            resource ->
                resource.getKey() instanceof EntityManagerFactoryInfo unit
                    && DataSources.same(unit.getDataSource(), dataSource))
        .map(Map.Entry::getValue)
        .filter(EntityManagerHolder.class::isInstance)
        .map(holder -> ((EntityManagerHolder) holder).getEntityManager())
        .filter(EntityManager::isJoinedToTransaction)
        .findFirst();
  }

  /** The data source of the transaction manager if it is JPA's. */
  static @Nullable DataSource dataSource(PlatformTransactionManager manager) {
    return manager instanceof JpaTransactionManager jpa ? jpa.getDataSource() : null;
  }
}
