package dev.wfe.postgres.spring;

import dev.wfe.postgres.OpenTransaction;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.springframework.jdbc.datasource.ConnectionHolder;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.util.ClassUtils;

/**
 * The transaction on a data source that Spring keeps for the calling thread.
 *
 * <ol>
 *   <li>An entity manager's, of whichever persistence unit on the data source: what it has pending
 *       is to be flushed.
 *   <li>Else a connection's.
 * </ol>
 *
 * <p>Thread-safe.
 */
final class ThreadsTransaction implements Supplier<Optional<OpenTransaction>> {
  private static final boolean JPA =
      ClassUtils.isPresent(
          "org.springframework.orm.jpa.EntityManagerHolder",
          ThreadsTransaction.class.getClassLoader());

  private final DataSource dataSource;

  ThreadsTransaction(DataSource dataSource) {
    this.dataSource = dataSource;
  }

  @Override
  public Optional<OpenTransaction> get() {
    Map<Object, Object> resources = TransactionSynchronizationManager.getResourceMap();
    Optional<OpenTransaction> entityManagers =
        JPA
            ? EntityManagers.joined(resources, dataSource).map(OpenTransaction::of)
            : Optional.empty();
    return entityManagers.or(() -> connection(resources).map(OpenTransaction::of));
  }

  private Optional<Connection> connection(Map<Object, Object> resources) {
    return resources.entrySet().stream()
        .filter(
            resource ->
                resource.getKey() instanceof DataSource of && DataSources.same(of, dataSource))
        .map(Map.Entry::getValue)
        .filter(ConnectionHolder.class::isInstance)
        .map(ConnectionHolder.class::cast)
        .filter(ThreadsTransaction::isInTransaction)
        .map(ConnectionHolder::getConnection)
        .findFirst();
  }

  /**
   * Spring also keeps connections for a thread that is in no transaction on them: after a commit or
   * rollback, and beside a transaction on another data source.
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
      // The operation fails on it, instead of committing outside of the transaction.
      return false;
    }
  }
}
