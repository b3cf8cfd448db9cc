package dev.wfe.memory;

import dev.wfe.model.ExecutionError;
import dev.wfe.persistence.CompositePersistenceProvider;
import dev.wfe.persistence.EventRepository;
import dev.wfe.persistence.LeaseRepository;
import dev.wfe.persistence.Registration;
import dev.wfe.persistence.ScheduledCommandRepository;
import dev.wfe.persistence.SubscriptionRepository;
import dev.wfe.persistence.TransactionWork;
import dev.wfe.persistence.ValueLimits;
import dev.wfe.persistence.WorkflowRepository;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A provider that keeps everything in memory, for tests. It keeps the contract of the provider for
 * PostgreSQL: the contract kit runs on both, and they give the same results and refusals, under the
 * same limits.
 *
 * <p>The clock of the provider takes the place of the database's clock. It decides when a token
 * expires, and stamps {@code createTime} and {@code eventTime} where they are absent. The instants
 * that a caller passes, such as {@code asAt}, remain the caller's. Nothing happens by itself when
 * the clock moves.
 *
 * <p>What differs from PostgreSQL:
 *
 * <ul>
 *   <li>Nothing is durable. Stored values exist as long as this object, in this process. Hosts that
 *       work together share one object.
 *   <li>Every operation is atomic by itself. None takes part in a transaction, so none is undone by
 *       a rollback.
 *   <li>No operation fails because of a connection or a server, and no outcome is unknown.
 *   <li>A command is claimed while its handler runs, and not under a lease.
 *   <li>A new subscription replays all events that it covers at once, however many there are.
 *   <li>The time that an operation takes grows with what is stored. Some thousand workflows are
 *       fine.
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
    workflows = new MemoryWorkflowRepository(tables, subscriptions);
    events = new MemoryEventRepository(tables, subscriptions);
    commands = new MemoryCommandRepository(tables);
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
  public List<Long> persistErrors(List<ExecutionError> errors) {
    ValueLimits.checkErrors(errors);
    tables.atomically(() -> tables.errors.addAll(errors));
    throw new UnsupportedOperationException("not built yet");
  }

  /** The errors that were persisted, in that order. For assertions of tests. */
  public List<ExecutionError> persistedErrors() {
    return tables.atomically(() -> List.copyOf(tables.errors));
  }

  /** Does nothing: memory needs no setup. */
  @Override
  public void ensureStoreExists() {}

  /** Removes everything that is stored, counters included. */
  public void truncateAll() {
    tables.truncateAll();
  }

  @Override
  protected LeaseRepository leases() {
    throw new UnsupportedOperationException("not built yet");
  }

  @Override
  public <T extends @Nullable Object> T inTransaction(TransactionWork<T> work) throws Exception {
    throw new UnsupportedOperationException("not built yet");
  }

  @Override
  public Registration onWorkDue(Runnable listener) {
    throw new UnsupportedOperationException("not built yet");
  }
}
