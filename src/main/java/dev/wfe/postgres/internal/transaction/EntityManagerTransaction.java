package dev.wfe.postgres.internal.transaction;

import dev.wfe.persistence.StoreSetupException;
import dev.wfe.postgres.entity.StoreEntities;
import dev.wfe.postgres.internal.sql.Operation;
import dev.wfe.postgres.internal.sql.SqlErrors;
import jakarta.persistence.EntityManager;
import jakarta.persistence.PersistenceException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.Set;
import org.hibernate.FlushMode;
import org.hibernate.HibernateException;
import org.hibernate.JDBCException;
import org.hibernate.engine.spi.EntityEntry;
import org.hibernate.engine.spi.SessionImplementor;

/**
 * Runs operations in the transaction of an entity manager.
 *
 * <ol>
 *   <li>The caller's pending changes are flushed first: always before a write; before a read if the
 *       flush mode requires it for queries.
 *   <li>The operation runs on the entity manager's connection.
 *   <li>After a write, store entities that the caller has loaded are detached, because they may be
 *       out of date.
 * </ol>
 *
 * <p>As thread-safe as the entity manager.
 */
final class EntityManagerTransaction extends CallerTransaction {
  private static final Set<Class<?>> STORE_ENTITIES = Set.copyOf(StoreEntities.ALL);

  private final EntityManager entityManager;

  EntityManagerTransaction(EntityManager entityManager, StatementDeadlines deadlines) {
    super(deadlines);
    this.entityManager = entityManager;
  }

  @Override
  public <T> T run(Operation operation, StatementCallback<T> work) {
    SessionImplementor session = session(operation);
    if (operation.writes()) {
      onConnection(session, operation, on -> requireWritable(on, operation));
      flush(session, operation);
      T result = onConnection(session, operation, on -> runOn(on, operation, work));
      detachStoreEntities(session);
      return result;
    }
    if (!session.getHibernateFlushMode().lessThan(FlushMode.AUTO)) {
      flush(session, operation);
    }
    return onConnection(session, operation, on -> runOn(on, operation, work));
  }

  @Override
  public void afterCommit(Runnable callback) {
    entityManager
        .unwrap(SessionImplementor.class)
        .getTransactionCoordinator()
        .getLocalSynchronizations()
        .registerSynchronization(new AfterCommit(callback));
  }

  /**
   * Returns the current session. It is looked up each time, because a container's entity manager
   * has another session in each transaction.
   */
  private SessionImplementor session(Operation operation) {
    SessionImplementor session;
    try {
      session = entityManager.unwrap(SessionImplementor.class);
    } catch (PersistenceException other) {
      throw new StoreSetupException("The EntityManager is not a Hibernate Session", other);
    } catch (IllegalStateException closed) {
      throw refusal(operation, "the EntityManager is closed or has no transaction", closed);
    }
    if (!session.isTransactionInProgress()) {
      throw refusal(operation, "the EntityManager has no active transaction", null);
    }
    return session;
  }

  /**
   * Rethrows Hibernate's exception if the flush fails, because the changes are the caller's. If the
   * session is gone, throws the exception that every operation throws then.
   */
  private static void flush(SessionImplementor session, Operation operation) {
    try {
      session.flush();
    } catch (JDBCException failure) {
      SQLException error = failure.getSQLException();
      throw SqlErrors.isSessionGone(error)
          ? SqlErrors.inCallersTransaction(operation, error)
          : failure;
    }
  }

  private static void detachStoreEntities(SessionImplementor session) {
    for (Map.Entry<Object, EntityEntry> entry :
        session.getPersistenceContextInternal().reentrantSafeEntityEntries()) {
      if (STORE_ENTITIES.contains(entry.getValue().getPersister().getMappedClass())) {
        session.evict(entry.getKey());
      }
    }
  }

  @FunctionalInterface
  private interface ConnectionCallback<T> {
    T run(Connection connection) throws SQLException;
  }

  /**
   * Wraps an error while it passes through Hibernate, which would log and convert an SQLException.
   */
  private static final class WrappedSqlError extends RuntimeException {
    private static final long serialVersionUID = 1L;

    final SQLException error;

    WrappedSqlError(SQLException error) {
      super(error.getMessage(), null, false, false);
      this.error = error;
    }
  }

  private static <T> T onConnection(
      SessionImplementor session, Operation operation, ConnectionCallback<T> work) {
    try {
      return session.doReturningWork(connection -> wrappingErrors(connection, work));
    } catch (WrappedSqlError wrapped) {
      throw SqlErrors.inCallersTransaction(operation, wrapped.error);
    } catch (JDBCException error) {
      throw connecting(operation, error.getSQLException());
    } catch (HibernateException refusal) {
      throw refusal(
          operation, "Hibernate supplied no connection: " + refusal.getMessage(), refusal);
    }
  }

  private static <T> T wrappingErrors(Connection connection, ConnectionCallback<T> work) {
    try {
      return work.run(connection);
    } catch (SQLException error) {
      throw new WrappedSqlError(error);
    }
  }
}
