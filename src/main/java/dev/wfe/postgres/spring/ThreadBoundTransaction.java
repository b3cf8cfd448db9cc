package dev.wfe.postgres.spring;

import dev.wfe.postgres.OpenTransaction;
import jakarta.persistence.EntityManager;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.springframework.jdbc.datasource.ConnectionHolder;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.util.ClassUtils;

/**
 * Finds the calling thread's Spring transaction on a data source.
 *
 * <ol>
 *   <li>The transaction of an entity manager, of any persistence unit on the data source: its
 *       pending changes have to be flushed.
 *   <li>Otherwise the transaction of a connection.
 * </ol>
 *
 * <p>Thread-safe.
 */
final class ThreadBoundTransaction implements Supplier<Optional<OpenTransaction>> {
  private static final boolean JPA =
      ClassUtils.isPresent(
          "org.springframework.orm.jpa.EntityManagerHolder",
          ThreadBoundTransaction.class.getClassLoader());

  private final DataSource dataSource;

  ThreadBoundTransaction(DataSource dataSource) {
    this.dataSource = dataSource;
  }

  @Override
  public Optional<OpenTransaction> get() {
    return entityManager()
        .map(OpenTransaction::of)
        .or(
            () ->
                connection()
                    .map(open -> OpenTransaction.of(open, ThreadBoundTransaction::afterCommit)));
  }

  /** The entity manager of the transaction, if any. */
  Optional<EntityManager> entityManager() {
    return JPA
        ? EntityManagers.joined(TransactionSynchronizationManager.getResourceMap(), dataSource)
        : Optional.empty();
  }

  private static void afterCommit(Runnable callback) {
    if (TransactionSynchronizationManager.isSynchronizationActive()) {
      TransactionSynchronizationManager.registerSynchronization(
          new TransactionSynchronization() {
            @Override
            public void afterCommit() {
              callback.run();
            }
          });
    }
  }

  /** The connection of the transaction, if any. */
  Optional<Connection> connection() {
    return TransactionSynchronizationManager.getResourceMap().entrySet().stream()
        .filter(
            resource ->
                resource.getKey() instanceof DataSource of && DataSources.same(of, dataSource))
        .map(Map.Entry::getValue)
        .filter(ConnectionHolder.class::isInstance)
        .map(ConnectionHolder.class::cast)
        .filter(ThreadBoundTransaction::isInTransaction)
        .map(ConnectionHolder::getConnection)
        .findFirst();
  }

  /**
   * A connection can be bound to the thread without a transaction: after a commit or rollback, and
   * during a transaction on another data source.
   */
  private static boolean isInTransaction(ConnectionHolder holder) {
    return switch (TransactionPhases.of(holder)) {
      case OPEN -> true;
      case OVER -> false;
      case UNKNOWN ->
          TransactionSynchronizationManager.isActualTransactionActive()
              && TransactionSynchronizationManager.isSynchronizationActive()
              && !commitsByItself(holder.getConnection());
    };
  }

  private static boolean commitsByItself(Connection connection) {
    try {
      return connection.getAutoCommit();
    } catch (SQLException broken) {
      // The operation then fails on this connection instead of committing outside the transaction.
      return false;
    }
  }
}
