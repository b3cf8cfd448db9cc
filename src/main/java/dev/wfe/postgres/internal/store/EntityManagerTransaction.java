package dev.wfe.postgres.internal.store;

import dev.wfe.persistence.CallerTransactionException;
import dev.wfe.persistence.StoreSetupException;
import dev.wfe.postgres.entity.StoreEntities;
import dev.wfe.postgres.internal.sql.Deadlines;
import dev.wfe.postgres.internal.sql.SqlErrors;
import jakarta.persistence.EntityManager;
import jakarta.persistence.PersistenceException;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.hibernate.FlushMode;
import org.hibernate.JDBCException;
import org.hibernate.engine.spi.EntityEntry;
import org.hibernate.engine.spi.SessionImplementor;

/**
 * Work in the transaction of an entity manager.
 *
 * <ol>
 *   <li>What the caller has changed is flushed first: always before a write, before a read as the
 *       flush mode says for queries.
 *   <li>The work is done on the entity manager's connection.
 *   <li>After a write, the store's entities that the caller had loaded are detached, for they may
 *       show what was; found again, they show what is.
 * </ol>
 *
 * <p>As thread-safe as the entity manager.
 */
final class EntityManagerTransaction extends CallersTransaction {
  private static final Set<Class<?>> STORE_ENTITIES = Set.copyOf(StoreEntities.ALL);

  private final EntityManager entityManager;

  EntityManagerTransaction(EntityManager entityManager, Deadlines deadlines) {
    super(deadlines);
    this.entityManager = entityManager;
  }

  @Override
  public <T> T read(String verb, List<String> ids, Work<T> work) {
    SessionImplementor session = session(verb, ids);
    if (!session.getHibernateFlushMode().lessThan(FlushMode.AUTO)) {
      flush(session, verb, ids);
    }
    return run(session, verb, ids, work);
  }

  @Override
  public <T> T write(String verb, boolean safeToRepeat, List<String> ids, Work<T> work) {
    SessionImplementor session = session(verb, ids);
    requireWritable(session, verb, ids);
    flush(session, verb, ids);
    T result = run(session, verb, ids, work);
    detachStoreEntities(session);
    return result;
  }

  /** The session of now: a container's entity manager has another in each transaction. */
  private SessionImplementor session(String verb, List<String> ids) {
    SessionImplementor session;
    try {
      session = entityManager.unwrap(SessionImplementor.class);
    } catch (PersistenceException other) {
      throw new StoreSetupException("The EntityManager is not Hibernate's", other);
    } catch (IllegalStateException closed) {
      throw new CallerTransactionException(
          verb, "the EntityManager is closed, or without a transaction", ids, closed);
    }
    if (!session.isTransactionInProgress()) {
      throw new CallerTransactionException(
          verb, "the EntityManager has no active transaction", ids, null);
    }
    return session;
  }

  /** Fails as Hibernate does, for the changes are the caller's; the connection is ours as well. */
  private static void flush(SessionImplementor session, String verb, List<String> ids) {
    try {
      session.flush();
    } catch (JDBCException failure) {
      SQLException error = failure.getSQLException();
      throw SqlErrors.isSessionGone(error)
          ? SqlErrors.inCallersTransaction(verb, ids, error)
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
}
