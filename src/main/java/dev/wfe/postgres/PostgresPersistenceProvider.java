package dev.wfe.postgres;

import dev.wfe.model.ExecutionError;
import dev.wfe.persistence.CallerTransactionException;
import dev.wfe.persistence.CompositePersistenceProvider;
import dev.wfe.persistence.EventRepository;
import dev.wfe.persistence.InvalidValueException;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.persistence.ScheduledCommandRepository;
import dev.wfe.persistence.StoreSetupException;
import dev.wfe.persistence.StoreUnavailableException;
import dev.wfe.persistence.SubscriptionRepository;
import dev.wfe.persistence.ValueLimits;
import dev.wfe.persistence.WorkflowRepository;
import dev.wfe.postgres.internal.runtime.ProviderRuntime;
import dev.wfe.postgres.internal.transaction.CallerTransactionSource;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import java.sql.Connection;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import javax.sql.DataSource;

/**
 * A store of workflow state in PostgreSQL 14 or newer.
 *
 * <p>A verb that succeeds is one round trip, and committed when it returns unless it was part of a
 * transaction of the caller's; {@link #processCommands} takes one for each batch that it claims,
 * and a token that is lost to somebody who came or went at the same moment takes another. What
 * fails and certainly changed nothing is tried again for {@link PostgresOptions#retryTimeout}. What
 * this provider opened, {@link #close} closes; what was lent stays open. One is enough for an
 * application: a second over the same store is warned of in the log, for it takes connections of
 * its own and waits for transactions that the first takes part in. Thread-safe.
 */
public final class PostgresPersistenceProvider extends CompositePersistenceProvider
    implements AutoCloseable {
  private final ProviderRuntime runtime;
  private final PostgresOptions options;

  private PostgresPersistenceProvider(ProviderRuntime runtime, PostgresOptions options) {
    this.runtime = runtime;
    this.options = options.toBuilder().poolingProxy(runtime.poolingProxy()).build();
  }

  /** As {@link #connect(String, PostgresOptions)} with the default options. */
  public static PostgresPersistenceProvider connect(String url) {
    return connect(url, PostgresOptions.defaults());
  }

  /**
   * Opens a pool of connections to a database.
   *
   * @param url {@code postgres://user:password@host:port/database?parameters}, the same with {@code
   *     postgresql://}, with several hosts separated by commas, IPv6 addresses in brackets, special
   *     characters in user, password and database percent-encoded; or a {@code jdbc:postgresql:}
   *     URL. The parameters are the driver's, or libpq's that the driver has a word for. Blanks
   *     around the URL are ignored. Besides what the driver always sends, only the application name
   *     travels when a connection starts
   * @throws InvalidValueException if the URL is malformed; not retryable
   * @throws StoreUnavailableException if the database cannot be reached; retryable
   * @throws StoreSetupException if the database refuses or is not as needed; not retryable
   */
  public static PostgresPersistenceProvider connect(String url, PostgresOptions options) {
    return new PostgresPersistenceProvider(
        ProviderRuntime.connect(ValueLimits.nonNull("connect", "url", url), options.settings()),
        options);
  }

  /** As {@link #over(DataSource, PostgresOptions)} with the default options. */
  public static PostgresPersistenceProvider over(DataSource dataSource) {
    return over(dataSource, PostgresOptions.defaults());
  }

  /**
   * Over a data source of the application, which stays open. Its connections are borrowed for one
   * statement and given back as they came.
   *
   * @throws StoreUnavailableException if the database cannot be reached; retryable
   * @throws StoreSetupException if it is not PostgreSQL 14 or newer with the encoding UTF8, if its
   *     connections start in another isolation than READ COMMITTED or with other settings that the
   *     operations are not safe under, or if they prepare statements behind a pooling proxy; not
   *     retryable
   */
  public static PostgresPersistenceProvider over(DataSource dataSource, PostgresOptions options) {
    return new PostgresPersistenceProvider(
        ProviderRuntime.over(dataSource, Optional::empty, options.settings()), options);
  }

  /**
   * As {@link #over(DataSource, PostgresOptions)}, joining the transactions that something else
   * keeps on the same database, such as a framework for each thread.
   *
   * @param current gives the transaction that the calling thread is in, empty where it is in none;
   *     asked at each call of a verb
   */
  public static PostgresPersistenceProvider over(
      DataSource dataSource, Supplier<Optional<OpenTransaction>> current, PostgresOptions options) {
    return new PostgresPersistenceProvider(
        ProviderRuntime.over(
            dataSource, () -> current.get().map(OpenTransaction::caller), options.settings()),
        options);
  }

  /** As {@link #over(EntityManagerFactory, PostgresOptions)} with the default options. */
  public static PostgresPersistenceProvider over(EntityManagerFactory factory) {
    return over(factory, PostgresOptions.defaults());
  }

  /**
   * Over Hibernate as the application started it, with the entities of {@code
   * dev.wfe.postgres.entity} in its persistence unit; it stays open. The unit {@code wfe} of this
   * library is such a one: {@code Persistence.createEntityManagerFactory("wfe", properties)}. Where
   * the unit's transactions are JTA's, each verb joins the thread's as {@link #overJta(DataSource,
   * PostgresOptions)} has it; a unit's own transactions are joined by {@link
   * #within(EntityManager)}.
   *
   * @param options their schema and prefix must be those of the persistence unit; see {@link
   *     PostgresOptions#hibernateProperties}
   * @throws StoreUnavailableException if the database cannot be reached; retryable
   * @throws StoreSetupException if the factory is not Hibernate's, lacks the entities or maps them
   *     to other tables, or the database is not as needed; not retryable
   */
  public static PostgresPersistenceProvider over(
      EntityManagerFactory factory, PostgresOptions options) {
    return new PostgresPersistenceProvider(
        ProviderRuntime.over(factory, options.settings()), options);
  }

  /** As {@link #overJta(DataSource, PostgresOptions)} with the default options. */
  public static PostgresPersistenceProvider overJta(DataSource dataSource) {
    return overJta(dataSource, PostgresOptions.defaults());
  }

  /**
   * Over a data source of a container, which enlists its connections in the thread's JTA
   * transaction; it stays open. Each verb joins that transaction where there is one, as {@link
   * #within(Connection)} has it, and commits by itself where there is none. In one that is marked
   * for rollback every verb is refused with a {@link CallerTransactionException}.
   *
   * @throws StoreUnavailableException if the database cannot be reached; retryable
   * @throws StoreSetupException if Hibernate finds no JTA transaction manager (then name its
   *     platform with the property {@code hibernate.transaction.jta.platform}), or the database is
   *     not as needed; not retryable
   */
  public static PostgresPersistenceProvider overJta(
      DataSource dataSource, PostgresOptions options) {
    return new PostgresPersistenceProvider(
        ProviderRuntime.overJta(dataSource, options.settings()), options);
  }

  /**
   * The verbs in the transaction of an entity manager: whatever they write is committed or rolled
   * back with it.
   *
   * <p>What the caller has changed is flushed first: before every write, and before a read as
   * before a query. What fails there fails as Hibernate has it, a constraint of the caller's for
   * one. After a write, the entities of this store that the entity manager has loaded are detached;
   * found again, they show what is stored. A refusal (stale, duplicate, not found, a token's
   * holder) leaves the transaction as it was. After another failure it is to be rolled back; if it
   * is retryable, the transaction as a whole may be tried again. Nothing is tried again by the
   * provider, and a broken connection is a {@link StoreUnavailableException}, for nothing is stored
   * before the commit.
   *
   * <p>Locks are held until the transaction ends: on the rows written, on a definition's next
   * number, on topics subscribed to or whose event was marked. Under REPEATABLE READ or
   * SERIALIZABLE, a workflow that was changed since the transaction began is stale, the transaction
   * is to be rolled back, and verbs that subscribe or mark an event processed are refused.
   *
   * <p>{@link #processCommands} and {@link #ensureStoreExists} are refused, and every verb while
   * the entity manager has no active transaction, with a {@link CallerTransactionException}.
   *
   * @param entityManager Hibernate's, of any persistence unit on the same database; one that a
   *     container keeps for each transaction may be given once for all
   * @return as thread-safe as the entity manager; not to be closed
   */
  public PersistenceProvider within(EntityManager entityManager) {
    return runtime.within(
        CallerTransactionSource.of(ValueLimits.nonNull("within", "entityManager", entityManager)));
  }

  /**
   * As {@link #within(EntityManager)}, in the transaction of a connection: there is nothing to
   * flush and nothing to detach.
   *
   * @param connection to the same database, with auto-commit off, else every verb is refused with a
   *     {@link CallerTransactionException}; its transaction begins with its first statement
   * @return to be used by one thread at a time, as the connection; not to be closed
   */
  public PersistenceProvider within(Connection connection) {
    return runtime.within(
        CallerTransactionSource.of(ValueLimits.nonNull("within", "connection", connection)));
  }

  /**
   * The verbs in transactions of their own, whatever transaction the caller is in: what they write
   * stays when that is rolled back. They use another connection than the caller's transaction, wait
   * for what it has locked, and do not see what it has written. Under JTA that transaction is
   * suspended meanwhile.
   *
   * @return thread-safe; not to be closed
   */
  public PersistenceProvider inOwnTransactions() {
    return runtime.independent();
  }

  /**
   * Hibernate over the store's entities, for queries of one's own: the one that was lent, or one
   * that this provider starts when it is first asked for and closes with itself. What it starts
   * takes none of the application's Hibernate settings.
   *
   * @throws StoreSetupException if Hibernate cannot be started; not retryable
   */
  public EntityManagerFactory entityManagerFactory() {
    return runtime.factory();
  }

  /** How the store is set up. */
  public PostgresOptions options() {
    return options;
  }

  @Override
  public void ensureStoreExists() {
    runtime.migrate();
  }

  /**
   * Compares the tables with the entities; changes nothing.
   *
   * @throws StoreSetupException if they differ, each table and column a problem of its own; without
   *     problems, if there is no store; not retryable
   * @throws StoreUnavailableException if the database cannot be reached; retryable
   */
  public void validateStore() {
    runtime.validate();
  }

  @Override
  protected WorkflowRepository workflows() {
    return runtime.repositories().workflows();
  }

  @Override
  protected EventRepository events() {
    return runtime.repositories().events();
  }

  @Override
  protected SubscriptionRepository subscriptions() {
    return runtime.repositories().subscriptions();
  }

  @Override
  protected ScheduledCommandRepository commands() {
    return runtime.repositories().commands();
  }

  @Override
  public void persistErrors(List<ExecutionError> errors) {
    runtime.repositories().maintenance().persistErrors(errors);
  }

  /** Empties every table, counters included. For tests. */
  public void truncateAll() {
    runtime.repositories().maintenance().truncateAll();
  }

  /**
   * Closes what this provider opened, not what it was lent. Repeatable; every other call after it
   * is refused with a {@link StoreSetupException}.
   */
  @Override
  public void close() {
    runtime.close();
  }
}
