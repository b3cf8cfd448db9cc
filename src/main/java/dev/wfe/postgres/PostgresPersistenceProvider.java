package dev.wfe.postgres;

import dev.wfe.model.ExecutionError;
import dev.wfe.persistence.CallerTransactionException;
import dev.wfe.persistence.CompositePersistenceProvider;
import dev.wfe.persistence.EventRepository;
import dev.wfe.persistence.HostRepository;
import dev.wfe.persistence.InvalidValueException;
import dev.wfe.persistence.LeaseRepository;
import dev.wfe.persistence.MigrationStep;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.persistence.Registration;
import dev.wfe.persistence.RetentionRepository;
import dev.wfe.persistence.ScheduledCommandRepository;
import dev.wfe.persistence.StoreFinding;
import dev.wfe.persistence.StoreSetupException;
import dev.wfe.persistence.StoreUnavailableException;
import dev.wfe.persistence.SubscriptionRepository;
import dev.wfe.persistence.TransactionWork;
import dev.wfe.persistence.ValueLimits;
import dev.wfe.persistence.WorkflowQueries;
import dev.wfe.persistence.WorkflowRepository;
import dev.wfe.postgres.internal.runtime.ProviderRuntime;
import dev.wfe.postgres.internal.transaction.CallerTransactionSource;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Stores workflow state in PostgreSQL 14 or newer.
 *
 * <p>A successful operation is committed when it returns, unless it is part of a caller's
 * transaction. It usually takes one round trip. {@link #processCommands} takes one for each batch
 * that it claims. An operation takes another one if a concurrent write changed what it was about to
 * write, if {@link #markEventProcessed} finds a subscription that covers the event, or if a limited
 * list contains rows that cannot be read. A transient failure that is known to have had no effect
 * is retried for {@link PostgresOptions#retryTimeout}. {@link #close} closes what this provider
 * opened; external data sources and factories stay open.
 *
 * <p>Use one provider for an application. A second provider on the same store opens connections of
 * its own and can wait for transactions that the first one takes part in; a warning is logged.
 *
 * <p>Thread-safe.
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
   * Opens a connection pool to a database.
   *
   * @param url {@code postgres://user:password@host:port/database?parameters}, the same with {@code
   *     postgresql://}, with several hosts separated by commas, IPv6 addresses in brackets, special
   *     characters in user, password and database percent-encoded; or a {@code jdbc:postgresql:}
   *     URL. The parameters are those of the PostgreSQL JDBC driver, and those of libpq that the
   *     driver has an equivalent for. Blanks around the URL are ignored. The provider sends only
   *     the application name in addition to the driver's own startup parameters
   * @throws InvalidValueException if the URL is malformed; not retryable
   * @throws StoreUnavailableException if the database cannot be reached; retryable
   * @throws StoreSetupException if the database rejects the connection or does not meet the
   *     requirements; not retryable
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
   * Uses a data source of the application, which stays open. A connection is borrowed for one
   * statement and returned with its settings unchanged.
   *
   * @throws StoreUnavailableException if the database cannot be reached; retryable
   * @throws StoreSetupException if the server is not PostgreSQL 14 or newer with the encoding UTF8,
   *     if its connections start with another isolation level than READ COMMITTED or with other
   *     settings under which the operations are not safe, or if they use prepared statements behind
   *     a pooling proxy; not retryable
   */
  public static PostgresPersistenceProvider over(DataSource dataSource, PostgresOptions options) {
    return new PostgresPersistenceProvider(
        ProviderRuntime.over(dataSource, Optional::empty, options.settings()), options);
  }

  /**
   * As {@link #over(DataSource, PostgresOptions)}, but joins the transactions that another
   * component, such as a framework, manages on the same database.
   *
   * @param current returns the transaction of the calling thread, or empty if it has none; called
   *     at the start of each operation
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
   * Uses the application's Hibernate factory, which stays open. Its persistence unit has to contain
   * the entities of {@code dev.wfe.postgres.entity}. The unit {@code wfe} of this library contains
   * them: {@code Persistence.createEntityManagerFactory("wfe", properties)}. If the unit uses JTA,
   * each operation joins the thread's transaction as described at {@link #overJta(DataSource,
   * PostgresOptions)}. To join a resource-local transaction of the unit, use {@link
   * #within(EntityManager)}.
   *
   * @param options their schema and prefix must be those of the persistence unit; see {@link
   *     PostgresOptions#hibernateProperties}
   * @throws StoreUnavailableException if the database cannot be reached; retryable
   * @throws StoreSetupException if the factory is not Hibernate's, does not contain the entities or
   *     maps them to other tables, or if the database does not meet the requirements; not retryable
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
   * Uses a data source of a container, which enlists its connections in the thread's JTA
   * transaction; it stays open. Each operation joins the thread's JTA transaction, with the rules
   * of {@link #within(Connection)}. Without such a transaction it commits by itself. In a
   * transaction that is marked for rollback every operation throws a {@link
   * CallerTransactionException}.
   *
   * @throws StoreUnavailableException if the database cannot be reached; retryable
   * @throws StoreSetupException if Hibernate finds no JTA transaction manager (set the property
   *     {@code hibernate.transaction.jta.platform} then), or if the database does not meet the
   *     requirements; not retryable
   */
  public static PostgresPersistenceProvider overJta(
      DataSource dataSource, PostgresOptions options) {
    return new PostgresPersistenceProvider(
        ProviderRuntime.overJta(dataSource, options.settings()), options);
  }

  /**
   * Returns a view whose operations run in the transaction of an entity manager: what they write is
   * committed or rolled back with it.
   *
   * <p>Changes of the caller are flushed before every write, and before a read under the same
   * conditions as before a query. If the flush fails, for example because of a constraint,
   * Hibernate's exception is thrown. After a write, the loaded entities of this store are detached
   * from the entity manager; to see what is stored, read them again.
   *
   * <p>After a rejection (stale, duplicate, not found, token mismatch) the transaction can
   * continue. After any other failure it has to be rolled back; if the failure is retryable, the
   * whole transaction can be repeated. The provider itself retries nothing. A broken connection
   * causes a {@link StoreUnavailableException}, because nothing is stored before the commit.
   *
   * <p>Locks are held until the transaction ends: on the rows that were written, on the sequence of
   * a definition, and on the topics of new subscriptions and marked events. Under REPEATABLE READ
   * or SERIALIZABLE, a workflow that was changed after the transaction began is stale, and the
   * transaction has to be rolled back; operations that subscribe or mark an event processed throw a
   * {@link CallerTransactionException}.
   *
   * <p>{@link #processCommands} and {@link #ensureStoreExists} throw a {@link
   * CallerTransactionException}. So does every operation while the entity manager has no active
   * transaction.
   *
   * @param entityManager an entity manager of Hibernate, of any persistence unit on the same
   *     database; it can be a container-managed proxy that delegates to the current transaction's
   *     entity manager
   * @return as thread-safe as the entity manager; it need not be closed
   */
  public PersistenceProvider within(EntityManager entityManager) {
    return runtime.within(
        CallerTransactionSource.of(ValueLimits.nonNull("within", "entityManager", entityManager)));
  }

  /**
   * As {@link #within(EntityManager)}, but in the transaction of a connection. Nothing is flushed
   * or detached.
   *
   * @param connection a connection to the same database with auto-commit off; with auto-commit on,
   *     every operation throws a {@link CallerTransactionException}. Its transaction begins with
   *     its first statement
   * @return not thread-safe, because the connection is not; it need not be closed
   */
  public PersistenceProvider within(Connection connection) {
    return runtime.within(
        CallerTransactionSource.of(ValueLimits.nonNull("within", "connection", connection)));
  }

  /**
   * Returns a view whose operations run in transactions of their own, even if the caller is in a
   * transaction: what they write remains stored if that transaction is rolled back. They use
   * another connection than the caller's transaction, so they wait for its locks and do not see
   * what it has written. Under JTA the caller's transaction is suspended during each operation.
   *
   * @return thread-safe; it need not be closed
   */
  public PersistenceProvider inOwnTransactions() {
    return runtime.independent();
  }

  /**
   * Hibernate's factory with the store's entities, for queries of the application. It is the
   * external factory if the provider was opened on one. Otherwise the provider creates a factory on
   * the first call and closes it in {@link #close}; that factory uses none of the application's
   * Hibernate settings.
   *
   * @throws StoreSetupException if Hibernate cannot be started; not retryable
   */
  public EntityManagerFactory entityManagerFactory() {
    return runtime.factory();
  }

  /** The options of this provider. */
  public PostgresOptions options() {
    return options;
  }

  @Override
  public void ensureStoreExists() {
    runtime.migrate();
  }

  /**
   * Compares the tables with the entities. Changes nothing.
   *
   * @throws StoreSetupException if they differ; {@link StoreSetupException#problems()} has one
   *     element for each table or column that differs, and is empty if there is no store; not
   *     retryable
   * @throws StoreUnavailableException if the database cannot be reached; retryable
   */
  public void validateStore() {
    runtime.validate();
  }

  /**
   * Tells which steps have created and upgraded the store, and which are missing. Changes nothing.
   * Needs the privilege to read the table {@code wfe_schema_history}.
   *
   * @return the steps, in their order. All are pending if there is no store, or if another program
   *     created it
   * @throws StoreUnavailableException if the database cannot be reached; retryable
   * @throws StoreSetupException if the history cannot be read; not retryable
   */
  public List<MigrationStep> migrations() {
    return runtime.migrations();
  }

  /** As {@link #diagnose(Duration)}, with five minutes. */
  public List<StoreFinding> diagnose() {
    return diagnose(Duration.ofMinutes(5));
  }

  /**
   * Examines the server and the store: settings, versions, rights, tables, indexes, autovacuum, old
   * transactions, replication slots, rows that belong to nothing, and what nobody deletes. Changes
   * nothing. Reads the catalogue, PostgreSQL's statistics, and at most a bounded number of rows, in
   * transactions of its own. Sizes and numbers of rows are PostgreSQL's estimates. A role sees the
   * transactions of other roles only if it has {@code pg_read_all_stats}. If there is no store of
   * this version, only the server and the version are examined. Behind a pooling proxy without
   * {@link PostgresOptions#directUrl} the version is not examined.
   *
   * @param patience transactions that are older are reported, by the database's clock, in whole
   *     seconds
   * @return the findings, the most severe first; not empty
   * @throws InvalidValueException if the patience is negative; not retryable
   * @throws StoreUnavailableException if the database cannot be reached; retryable
   * @throws StoreSetupException if the role may not read the tables; not retryable
   */
  public List<StoreFinding> diagnose(Duration patience) {
    ValueLimits.nonNull("diagnose", "patience", patience);
    if (patience.isNegative()) {
      throw new InvalidValueException("diagnose", "", "patience", "is negative");
    }
    return runtime.diagnose(patience);
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
  protected WorkflowQueries queries() {
    return runtime.repositories().queries();
  }

  @Override
  public List<Long> persistErrors(List<ExecutionError> errors) {
    return runtime.repositories().maintenance().persistErrors(errors);
  }

  /** Empties all tables and resets their sequences. For tests. */
  public void truncateAll() {
    runtime.repositories().maintenance().truncateAll();
  }

  /**
   * Closes what this provider opened, but no external data source or factory. Idempotent.
   * Afterwards every other call throws a {@link StoreSetupException}.
   */
  @Override
  public void close() {
    runtime.close();
  }

  @Override
  protected RetentionRepository retention() {
    return runtime.repositories().retention();
  }

  @Override
  protected HostRepository hosts() {
    return runtime.repositories().hosts();
  }

  @Override
  protected LeaseRepository leases() {
    return runtime.repositories().leases();
  }

  @Override
  public <T extends @Nullable Object> T inTransaction(TransactionWork<T> work) throws Exception {
    return runtime.inTransaction(work);
  }

  @Override
  public Registration onWorkDue(Runnable listener) {
    return runtime.onWorkDue(listener);
  }
}
