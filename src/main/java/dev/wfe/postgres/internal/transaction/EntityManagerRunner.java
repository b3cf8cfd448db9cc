package dev.wfe.postgres.internal.transaction;

import dev.wfe.postgres.internal.sql.SqlErrors;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.EntityTransaction;
import java.sql.Connection;
import org.hibernate.engine.spi.SessionImplementor;
import org.jspecify.annotations.Nullable;

/** Begins transactions of entity managers of the application's persistence unit. Thread-safe. */
final class EntityManagerRunner implements TransactionRunner {
  private final EntityManagerFactory factory;
  private final StatementDeadlines deadlines;

  /** Uses a factory with resource-local transactions. */
  EntityManagerRunner(EntityManagerFactory factory, StatementDeadlines deadlines) {
    this.factory = factory;
    this.deadlines = deadlines;
  }

  @Override
  public <T extends @Nullable Object> T run(Work<T> work) throws Exception {
    RunningTransaction transaction;
    T result;
    try (EntityManager entityManager = factory.createEntityManager()) {
      EntityTransaction current = entityManager.getTransaction();
      begin(current);
      transaction =
          new RunningTransaction(
              new EntityManagerTransaction(entityManager, deadlines),
              type -> find(type, entityManager));
      try {
        result = transaction.during(work);
        transaction.requireCommittable();
        commit(current);
      } catch (Throwable failure) {
        rollBack(current, failure);
        throw failure;
      }
    }
    transaction.committed();
    return result;
  }

  private static void begin(EntityTransaction transaction) {
    try {
      transaction.begin();
    } catch (RuntimeException failure) {
      throw SqlErrors.find(failure)
          .<RuntimeException>map(error -> SqlErrors.connecting(OPERATION, error))
          .orElse(failure);
    }
  }

  private static @Nullable Object find(Class<?> type, EntityManager entityManager) {
    if (type == EntityManager.class) {
      return entityManager;
    }
    return type == Connection.class
        ? entityManager
            .unwrap(SessionImplementor.class)
            .getJdbcCoordinator()
            .getLogicalConnection()
            .getPhysicalConnection()
        : null;
  }

  private static void commit(EntityTransaction transaction) {
    try {
      transaction.commit();
    } catch (RuntimeException failure) {
      throw CommitFailures.translate(failure);
    }
  }

  private static void rollBack(EntityTransaction transaction, Throwable failure) {
    try {
      if (transaction.isActive()) {
        transaction.rollback();
      }
    } catch (RuntimeException broken) {
      failure.addSuppressed(broken);
    }
  }
}
