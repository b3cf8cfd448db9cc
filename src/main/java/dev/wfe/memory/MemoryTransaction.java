package dev.wfe.memory;

import dev.wfe.model.ExecutionError;
import dev.wfe.persistence.CallerTransactionException;
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
import dev.wfe.persistence.SubscriptionRepository;
import dev.wfe.persistence.TransactionWork;
import dev.wfe.persistence.ValueLimits;
import dev.wfe.persistence.WorkflowQueries;
import dev.wfe.persistence.WorkflowRepository;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A transaction, and the operations in it. To be used by the thread that holds the lock of {@link
 * MemoryTables}, until the work returns.
 */
final class MemoryTransaction extends CompositePersistenceProvider implements StoreTransaction {
  private final InMemoryPersistenceProvider provider;
  private final Thread thread = Thread.currentThread();
  private volatile boolean over;

  MemoryTransaction(InMemoryPersistenceProvider provider) {
    this.provider = provider;
  }

  /** Ends it: no operation is executed in it any more. */
  void end() {
    over = true;
  }

  private InMemoryPersistenceProvider open() {
    if (over || !thread.equals(Thread.currentThread())) {
      throw new CallerTransactionException(
          "StoreTransaction.provider",
          over ? "the transaction has ended" : "the transaction belongs to another thread",
          List.of(),
          null);
    }
    return provider;
  }

  @Override
  public PersistenceProvider provider() {
    return this;
  }

  @Override
  public <T> T unwrap(Class<T> type) {
    throw new InvalidValueException(
        "unwrap",
        "",
        "type",
        "is %s, but the in-memory provider has no such object"
            .formatted(ValueLimits.nonNull("unwrap", "type", type).getName()));
  }

  @Override
  protected WorkflowRepository workflows() {
    return open().workflows();
  }

  @Override
  protected EventRepository events() {
    return open().events();
  }

  @Override
  protected SubscriptionRepository subscriptions() {
    return open().subscriptions();
  }

  @Override
  protected ScheduledCommandRepository commands() {
    return open().commands();
  }

  @Override
  protected RetentionRepository retention() {
    return open().retention();
  }

  @Override
  protected HostRepository hosts() {
    return open().hosts();
  }

  @Override
  protected LeaseRepository leases() {
    return open().leases();
  }

  @Override
  protected WorkflowQueries queries() {
    return open().queries();
  }

  @Override
  public List<Long> persistErrors(List<ExecutionError> errors) {
    return open().persistErrors(errors);
  }

  @Override
  public <T extends @Nullable Object> T inTransaction(TransactionWork<T> work) throws Exception {
    return open().inTransaction(work);
  }

  @Override
  public Registration onWorkDue(Runnable listener) {
    return open().onWorkDue(listener);
  }

  @Override
  public void ensureStoreExists() {
    open().ensureStoreExists();
  }
}
