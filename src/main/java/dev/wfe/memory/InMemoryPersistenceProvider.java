package dev.wfe.memory;

import dev.wfe.model.ExecutionError;
import dev.wfe.persistence.ClaimRequest;
import dev.wfe.persistence.CompositePersistenceProvider;
import dev.wfe.persistence.EventRepository;
import dev.wfe.persistence.HostRepository;
import dev.wfe.persistence.LeaseRepository;
import dev.wfe.persistence.Registration;
import dev.wfe.persistence.RetentionRepository;
import dev.wfe.persistence.ScheduledCommandRepository;
import dev.wfe.persistence.SubscriptionRepository;
import dev.wfe.persistence.TransactionWork;
import dev.wfe.persistence.ValueLimits;
import dev.wfe.persistence.WorkflowQueries;
import dev.wfe.persistence.WorkflowRepository;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A provider that keeps everything in memory, for tests. It keeps the contract of the provider for
 * PostgreSQL: the contract kit runs on both, and they give the same results and refusals, under the
 * same limits.
 *
 * <p>The clock of the provider takes the place of the database's clock. It decides what is due for
 * claims, when a token or lease expires, and stamps {@code createTime} and {@code eventTime} where
 * they are absent. The instants that a caller passes, such as {@code asAt}, remain the caller's.
 * Nothing happens by itself when the clock moves.
 *
 * <p>What differs from PostgreSQL:
 *
 * <ul>
 *   <li>Nothing is durable. Stored values exist as long as this object, in this process. Hosts that
 *       work together share one object.
 *   <li>A transaction of {@link #inTransaction} holds the lock of the provider as long as its work
 *       runs, so other threads wait. Operations that its thread calls on the provider itself belong
 *       to it too. No other transaction exists.
 *   <li>No operation fails because of a connection or a server, and no outcome is unknown.
 *   <li>A command is claimed while its handler runs, and not under a lease.
 *   <li>A new subscription replays all events that it covers at once, however many there are.
 *   <li>The limit of {@link ClaimRequest#maxBytes} counts the data as it is written out.
 * </ul>
 *
 * <p>Thread-safe: one lock makes operations atomic. It is not held while handlers of commands run,
 * so they may call the provider.
 */
public final class InMemoryPersistenceProvider extends CompositePersistenceProvider {
  final MemoryTables tables;

  private final MemoryWorkflowRepository workflows;
  private final MemoryEventRepository events;
  private final MemorySubscriptionRepository subscriptions;
  private final MemoryCommandRepository commands;
  private final MemoryLeaseRepository leases;
  private final MemoryWorkflowQueries queries;
  private final MemoryHostRepository hosts;
  private final MemoryRetentionRepository retention;
  private final WorkflowWriter writer;

  /** An empty provider with the system's clock. */
  public InMemoryPersistenceProvider() {
    this(InstantSource.system());
  }

  /**
   * An empty provider with a clock of the caller's.
   *
   * @param clock any {@link java.time.Clock}, or a function that returns the current instant. It is
   *     asked at each operation that needs the time, in any thread. Times are truncated to
   *     microseconds
   */
  public InMemoryPersistenceProvider(InstantSource clock) {
    tables = new MemoryTables(ValueLimits.nonNull("InMemoryPersistenceProvider", "clock", clock));
    subscriptions = new MemorySubscriptionRepository(tables);
    events = new MemoryEventRepository(tables, subscriptions);
    commands = new MemoryCommandRepository(tables);
    writer = new WorkflowWriter(tables, subscriptions, events, commands);
    workflows = new MemoryWorkflowRepository(tables, writer);
    leases = new MemoryLeaseRepository(tables, workflows, subscriptions);
    queries = new MemoryWorkflowQueries(tables);
    hosts = new MemoryHostRepository(tables);
    retention = new MemoryRetentionRepository(tables, workflows, subscriptions);
  }

  @Override
  protected WorkflowRepository workflows() {
    return workflows;
  }

  @Override
  protected EventRepository events() {
    return events;
  }

  @Override
  protected SubscriptionRepository subscriptions() {
    return subscriptions;
  }

  @Override
  protected ScheduledCommandRepository commands() {
    return commands;
  }

  @Override
  protected RetentionRepository retention() {
    return retention;
  }

  @Override
  protected HostRepository hosts() {
    return hosts;
  }

  @Override
  protected LeaseRepository leases() {
    return leases;
  }

  @Override
  protected WorkflowQueries queries() {
    return queries;
  }

  @Override
  public List<Long> persistErrors(List<ExecutionError> errors) {
    ValueLimits.checkErrors(errors);
    return tables.atomically(() -> writer.addErrors(errors));
  }

  /** The errors that were persisted, in that order. For assertions of tests. */
  public List<ExecutionError> persistedErrors() {
    return tables.atomically(() -> List.copyOf(tables.errors.all()));
  }

  @Override
  public <T extends @Nullable Object> T inTransaction(TransactionWork<T> work) throws Exception {
    ValueLimits.nonNull("inTransaction", "work", work);
    return tables.inTransaction(
        () -> {
          MemoryTransaction transaction = new MemoryTransaction(this);
          try {
            return work.run(transaction);
          } finally {
            transaction.end();
          }
        });
  }

  @Override
  public Registration onWorkDue(Runnable listener) {
    return tables.workListeners.add(ValueLimits.nonNull("onWorkDue", "listener", listener));
  }

  /** Does nothing: memory needs no setup. */
  @Override
  public void ensureStoreExists() {
    tables.requireIndependent("ensureStoreExists");
  }

  /** Removes everything that is stored, counters included. */
  public void truncateAll() {
    tables.truncateAll();
  }
}
