package dev.wfe.postgres.spring;

import dev.wfe.model.ExecutionError;
import dev.wfe.persistence.CompositePersistenceProvider;
import dev.wfe.persistence.EventRepository;
import dev.wfe.persistence.HostRepository;
import dev.wfe.persistence.InvalidValueException;
import dev.wfe.persistence.LeaseRepository;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.persistence.Registration;
import dev.wfe.persistence.RetentionRepository;
import dev.wfe.persistence.ScheduledCommandRepository;
import dev.wfe.persistence.StoreTransaction;
import dev.wfe.persistence.StoreUnavailableException;
import dev.wfe.persistence.SubscriptionRepository;
import dev.wfe.persistence.TransactionWork;
import dev.wfe.persistence.UnknownOutcomeException;
import dev.wfe.persistence.WorkflowQueries;
import dev.wfe.persistence.WorkflowRepository;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.util.ClassUtils;

/**
 * A provider whose {@link #inTransaction} begins a transaction of Spring, in which the
 * application's own repositories take part. Thread-safe.
 */
final class SpringTransactionProvider extends CompositePersistenceProvider {
  private static final String NAME = "inTransaction";

  /** The classes of SQL states after which nobody knows whether a commit took place. */
  private static final List<String> LOST_CONNECTION = List.of("08", "57P");

  private static final boolean JPA =
      ClassUtils.isPresent(
          "org.springframework.orm.jpa.JpaTransactionManager",
          SpringTransactionProvider.class.getClassLoader());

  private final PersistenceProvider provider;
  private final DataSource dataSource;
  private final ThreadBoundTransaction current;
  private final ObjectProvider<PlatformTransactionManager> managers;

  /**
   * Creates a provider that delegates.
   *
   * @param provider its operations join the thread's transaction on the data source
   */
  SpringTransactionProvider(
      PersistenceProvider provider,
      DataSource dataSource,
      ObjectProvider<PlatformTransactionManager> managers) {
    this.provider = provider;
    this.dataSource = dataSource;
    this.current = new ThreadBoundTransaction(DataSources.withoutTransactions(dataSource));
    this.managers = managers;
  }

  @Override
  public <T extends @Nullable Object> T inTransaction(TransactionWork<T> work) throws Exception {
    Optional<PlatformTransactionManager> found =
        managers.orderedStream().filter(this::isOnDataSource).findFirst();
    if (found.isEmpty() || TransactionSynchronizationManager.isActualTransactionActive()) {
      return provider.inTransaction(work);
    }
    PlatformTransactionManager manager = found.get();
    TransactionStatus status = begin(manager);
    T result;
    try {
      result = work.run(new Current());
    } catch (Throwable failure) {
      try {
        manager.rollback(status);
      } catch (RuntimeException broken) {
        failure.addSuppressed(broken);
      }
      throw failure;
    }
    commit(manager, status);
    return result;
  }

  private boolean isOnDataSource(PlatformTransactionManager manager) {
    DataSource managed =
        manager instanceof DataSourceTransactionManager jdbc
            ? jdbc.getDataSource()
            : JPA ? EntityManagers.dataSource(manager) : null;
    return DataSources.same(managed, dataSource);
  }

  private static TransactionStatus begin(PlatformTransactionManager manager) {
    try {
      return manager.getTransaction(TransactionDefinition.withDefaults());
    } catch (TransactionException failure) {
      throw new StoreUnavailableException(
          NAME + ": Spring could not begin a transaction: " + failure.getMessage(),
          List.of(),
          failure);
    }
  }

  private static void commit(PlatformTransactionManager manager, TransactionStatus status) {
    try {
      manager.commit(status);
    } catch (RuntimeException failure) {
      throw lostConnection(failure)
          ? new UnknownOutcomeException(NAME, false, List.of(), failure)
          : failure;
    }
  }

  private static boolean lostConnection(RuntimeException failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLException sql && sql.getSQLState() != null) {
        return LOST_CONNECTION.stream().anyMatch(sql.getSQLState()::startsWith);
      }
    }
    return false;
  }

  /** The thread's transaction. */
  private final class Current implements StoreTransaction {
    @Override
    public PersistenceProvider provider() {
      return provider;
    }

    @Override
    public <T> T unwrap(Class<T> type) {
      Optional<?> object =
          type == Connection.class ? current.connection() : current.entityManager();
      return object
          .filter(type::isInstance)
          .map(type::cast)
          .orElseThrow(
              () ->
                  new InvalidValueException(
                      "unwrap",
                      "",
                      "type",
                      "is %s; the transaction has no such object".formatted(type.getName())));
    }
  }

  @Override
  protected WorkflowRepository workflows() {
    return provider;
  }

  @Override
  protected EventRepository events() {
    return provider;
  }

  @Override
  protected SubscriptionRepository subscriptions() {
    return provider;
  }

  @Override
  protected ScheduledCommandRepository commands() {
    return provider;
  }

  @Override
  protected WorkflowQueries queries() {
    return provider;
  }

  @Override
  protected RetentionRepository retention() {
    return provider;
  }

  @Override
  protected HostRepository hosts() {
    return provider;
  }

  @Override
  protected LeaseRepository leases() {
    return provider;
  }

  @Override
  public List<Long> persistErrors(List<ExecutionError> errors) {
    return provider.persistErrors(errors);
  }

  @Override
  public Registration onWorkDue(Runnable listener) {
    return provider.onWorkDue(listener);
  }

  @Override
  public void ensureStoreExists() {
    provider.ensureStoreExists();
  }
}
