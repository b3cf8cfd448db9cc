package dev.wfe.postgres.internal.transaction;

import dev.wfe.postgres.internal.connection.ConnectionSource;
import dev.wfe.postgres.internal.connection.ConnectionSource.Borrowed;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Begins JTA transactions of the thread, which the application's own components join. Thread-safe.
 */
final class JtaRunner implements TransactionRunner {
  private final JtaManager jta;
  private final ConnectionSource connections;
  private final Optional<EntityManagerFactory> unit;
  private final TransactionScope scope;

  /**
   * Uses the container's transaction manager.
   *
   * @param unit the application's persistence unit, if the provider was opened on one
   * @param scope runs operations in the thread's transaction
   */
  JtaRunner(
      JtaManager jta,
      ConnectionSource connections,
      Optional<EntityManagerFactory> unit,
      TransactionScope scope) {
    this.jta = jta;
    this.connections = connections;
    this.unit = unit;
    this.scope = scope;
  }

  /** The objects that the work asked for, each opened once. To be used by one thread. */
  private final class OpenObjects implements RunningTransaction.Objects {
    private @Nullable Borrowed borrowed;
    private @Nullable EntityManager entityManager;

    @Override
    public @Nullable Object find(Class<?> type) throws SQLException {
      if (type == Connection.class) {
        return connection();
      }
      return type == EntityManager.class ? entityManager() : null;
    }

    private Connection connection() throws SQLException {
      Borrowed open = borrowed == null ? connections.borrow() : borrowed;
      borrowed = open;
      return open.connection();
    }

    private @Nullable EntityManager entityManager() {
      if (entityManager == null) {
        entityManager = unit.map(EntityManagerFactory::createEntityManager).orElse(null);
      }
      return entityManager;
    }

    /** The transaction keeps the connection until it ends. */
    void release() {
      if (borrowed != null) {
        borrowed.close();
      }
    }

    /** To be called after the transaction, whose commit flushes the entity manager. */
    void close() {
      if (entityManager != null && entityManager.isOpen()) {
        entityManager.close();
      }
    }
  }

  @Override
  public <T extends @Nullable Object> T run(Work<T> work) throws Exception {
    return jta.callSuspended(() -> runOnce(work));
  }

  private <T extends @Nullable Object> T runOnce(Work<T> work) throws Exception {
    jta.begin();
    OpenObjects objects = new OpenObjects();
    RunningTransaction transaction = new RunningTransaction(scope, objects);
    T result;
    try {
      result = transaction.during(work);
      transaction.requireCommittable();
      objects.release();
      jta.commit();
    } catch (Throwable failure) {
      objects.release();
      jta.rollBack(failure);
      throw failure;
    } finally {
      objects.close();
    }
    transaction.committed();
    return result;
  }
}
