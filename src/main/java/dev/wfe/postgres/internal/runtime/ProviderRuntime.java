package dev.wfe.postgres.internal.runtime;

import dev.wfe.persistence.InvalidValueException;
import dev.wfe.persistence.MigrationStep;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.persistence.Registration;
import dev.wfe.persistence.StoreFinding;
import dev.wfe.persistence.StoreSetupException;
import dev.wfe.persistence.StoreTransaction;
import dev.wfe.persistence.TransactionWork;
import dev.wfe.persistence.ValueLimits;
import dev.wfe.postgres.internal.connection.ConnectionPool;
import dev.wfe.postgres.internal.connection.ConnectionSource;
import dev.wfe.postgres.internal.connection.ConnectionUrl;
import dev.wfe.postgres.internal.connection.ExternalSessionFactory;
import dev.wfe.postgres.internal.connection.LazySessionFactory;
import dev.wfe.postgres.internal.connection.ProviderSettings;
import dev.wfe.postgres.internal.connection.ServerRequirements;
import dev.wfe.postgres.internal.connection.ServerRequirements.ServerInfo;
import dev.wfe.postgres.internal.connection.WakeUpSessions;
import dev.wfe.postgres.internal.diagnosis.StoreDiagnosis;
import dev.wfe.postgres.internal.diagnosis.VersionChecks;
import dev.wfe.postgres.internal.repository.ClaimPositions;
import dev.wfe.postgres.internal.repository.CommandLeases;
import dev.wfe.postgres.internal.repository.Repositories;
import dev.wfe.postgres.internal.repository.WriteGroups;
import dev.wfe.postgres.internal.schema.SchemaManager;
import dev.wfe.postgres.internal.sql.StoreSql;
import dev.wfe.postgres.internal.transaction.CallerTransactionSource;
import dev.wfe.postgres.internal.transaction.GroupCommit;
import dev.wfe.postgres.internal.transaction.JtaManager;
import dev.wfe.postgres.internal.transaction.Notifications;
import dev.wfe.postgres.internal.transaction.RunningTransaction;
import dev.wfe.postgres.internal.transaction.TransactionRunner;
import dev.wfe.postgres.internal.transaction.TransactionScope;
import dev.wfe.postgres.internal.transaction.TransactionScopes;
import dev.wfe.postgres.internal.transaction.TransactionScopes.Timeouts;
import dev.wfe.postgres.internal.transaction.WakeUps;
import dev.wfe.postgres.internal.transaction.WorkListeners;
import jakarta.persistence.EntityManagerFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The components of one open provider: connections, transaction scopes, statements and
 * repositories. Closing it closes the components that the provider opened. Thread-safe.
 */
public final class ProviderRuntime implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ProviderRuntime.class);

  /** The patience is longer than a transaction takes that only writes, even on a slow disk. */
  private static final GroupCommit.Waits GROUP_WAITS =
      new GroupCommit.Waits(Duration.ofNanos(200_000), Duration.ofMillis(20));

  /** A claim takes 0.2 to 5 ms. */
  private static final Duration CLAIM_PATIENCE = Duration.ofMillis(10);

  /** The first claim of a session, or one on a busy server, may take long once. */
  private static final int LONG_CLAIMS = 3;

  /** Long claims take at most a tenth of the time. */
  private static final int CLAIMS_GO_ON = 10;

  private final ProviderSettings settings;
  private final Optional<DataSource> sessions;
  private final Supplier<? extends EntityManagerFactory> factory;
  private final List<AutoCloseable> ownedResources;
  private final TransactionScopes scopes;
  private final StoreSql sql;
  private final CommandLeases leases = new CommandLeases(CommandLeases.DURATION);
  private final ClaimPositions positions =
      new ClaimPositions(CLAIM_PATIENCE, LONG_CLAIMS, CLAIMS_GO_ON);
  private final WorkListeners listeners;

  /** Not the application's factory, whose settings could change what a query means. */
  private final LazySessionFactory queries;

  private final WriteGroups groups;
  private final Repositories repositories;
  private final ReentrantLock migrating = new ReentrantLock();
  private volatile boolean closed;

  private ProviderRuntime(
      ProviderSettings settings,
      WakeUpSessions wakeUps,
      Supplier<? extends EntityManagerFactory> factory,
      TransactionScopes scopes,
      List<AutoCloseable> ownedResources) {
    this.settings = settings;
    this.sessions = wakeUps.receiving();
    this.factory = factory;
    this.scopes = scopes;
    this.ownedResources = ownedResources;
    this.sql = StoreSql.of(settings.names());
    this.queries = LazySessionFactory.withoutConnections(settings.names());
    this.listeners =
        new WorkListeners(
            settings.wakeUps()
                ? Notifications.of(scopes, wakeUps, sql.wakeUps(), settings.transactionalWakeUps())
                : WakeUps.NONE);
    this.groups = new WriteGroups(settings.groupSize(), GROUP_WAITS, scopes.unrepeated(), sql);
    this.repositories = repositories(scopes.joining());
  }

  /** Opens a connection pool and a provider over it. */
  public static ProviderRuntime connect(String url, ProviderSettings requested) {
    DataSource connections = ConnectionUrl.dataSource(url, requested);
    requireDirectUrl(requested);
    ServerInfo server = ServerRequirements.check(connections);
    ProviderSettings settings = withDetectedProxy(server, requested);
    if (settings.poolingProxy()) {
      ServerRequirements.requireIsolation(server.isolation());
      connections = ConnectionUrl.dataSource(url, settings);
    }
    // Migrations do not use the pool, because each keeps its session until it has finished.
    Optional<DataSource> sessions = sessions(connections, settings);
    WakeUpSessions wakeUps = new WakeUpSessions(connections, sessions, true);
    ConnectionPool pool = ConnectionPool.of(connections, settings);
    try {
      LazySessionFactory factory = LazySessionFactory.over(pool, settings.names());
      TransactionScopes scopes =
          TransactionScopes.of(ConnectionSource.of(pool), Optional::empty, timeouts(settings));
      return register(
          new ProviderRuntime(settings, wakeUps, factory, scopes, List.of(factory, pool)), server);
    } catch (RuntimeException failure) {
      pool.close();
      throw failure;
    }
  }

  /**
   * Uses a data source of the application.
   *
   * @param callers returns the calling thread's transaction, if it is in one
   */
  public static ProviderRuntime over(
      DataSource dataSource,
      Supplier<Optional<CallerTransactionSource>> callers,
      ProviderSettings settings) {
    requireDirectUrl(settings);
    LazySessionFactory factory = LazySessionFactory.over(dataSource, settings.names());
    TransactionScopes scopes =
        TransactionScopes.of(ConnectionSource.of(dataSource), callers, timeouts(settings));
    return external(settings, dataSource, factory, scopes, List.of(factory));
  }

  /** Uses a data source whose connections a container enlists in the thread's JTA transaction. */
  public static ProviderRuntime overJta(DataSource dataSource, ProviderSettings settings) {
    requireDirectUrl(settings);
    LazySessionFactory factory = LazySessionFactory.overJta(dataSource, settings.names());
    TransactionScopes scopes =
        TransactionScopes.ofJta(
            ConnectionSource.of(dataSource),
            JtaManager.of(LazySessionFactory.transactionManager()),
            Optional.empty(),
            timeouts(settings));
    return external(settings, dataSource, factory, scopes, List.of(factory));
  }

  /** Uses a session factory that the application started. */
  public static ProviderRuntime over(EntityManagerFactory hibernate, ProviderSettings settings) {
    requireDirectUrl(settings);
    ExternalSessionFactory factory = ExternalSessionFactory.of(hibernate, settings.names());
    TransactionScopes scopes =
        JtaManager.of(factory.get())
            .map(
                jta ->
                    TransactionScopes.ofJta(
                        factory, jta, factory.withoutTenant(), timeouts(settings)))
            .orElseGet(() -> TransactionScopes.of(factory, timeouts(settings)));
    return external(settings, factory.dataSource(), factory, scopes, List.of());
  }

  /**
   * Checks the application's connections and creates a runtime over them. If a check fails,
   * everything that the provider opened is closed.
   */
  private static ProviderRuntime external(
      ProviderSettings requested,
      DataSource dataSource,
      Supplier<? extends EntityManagerFactory> factory,
      TransactionScopes scopes,
      List<AutoCloseable> ownedResources) {
    try {
      AtomicReference<ServerInfo> check = new AtomicReference<>();
      scopes.suspended(() -> check.set(ServerRequirements.check(dataSource)));
      ServerInfo server = Objects.requireNonNull(check.get());
      ProviderSettings settings = withDetectedProxy(server, requested);
      if (settings.poolingProxy()) {
        ServerRequirements.requireNoPreparedStatements(server);
      }
      ServerRequirements.requireIsolation(server.isolation());
      Optional<DataSource> sessions = sessions(dataSource, settings);
      WakeUpSessions wakeUps =
          new WakeUpSessions(sessions.orElse(dataSource), sessions, settings.directUrl() != null);
      return register(
          new ProviderRuntime(settings, wakeUps, factory, scopes, ownedResources), server);
    } catch (RuntimeException failure) {
      scopes.close();
      ownedResources.forEach(ProviderRuntime::close);
      throw failure;
    }
  }

  private static Timeouts timeouts(ProviderSettings settings) {
    return new Timeouts(settings.statementTimeout(), settings.retryTimeout());
  }

  private static ProviderRuntime register(ProviderRuntime runtime, ServerInfo server) {
    OpenRuntimes.add(runtime, server.database(), runtime.settings.names());
    return runtime;
  }

  /** Adds {@code poolingProxy} to the settings if the check detected a proxy. */
  private static ProviderSettings withDetectedProxy(ServerInfo server, ProviderSettings settings) {
    if (!server.behindProxy() || settings.poolingProxy()) {
      return settings;
    }
    LOG.info(
        "Detected a pooling proxy between the driver and the server: the provider works as if the"
            + " option poolingProxy were set");
    return settings.withPoolingProxy(true);
  }

  private static void requireDirectUrl(ProviderSettings settings) {
    if (settings.directUrl() != null) {
      var unused = direct(settings, settings.directUrl());
    }
  }

  /**
   * Returns a data source whose connections are sessions; empty if all connections go through a
   * proxy that shares sessions.
   */
  private static Optional<DataSource> sessions(DataSource dataSource, ProviderSettings settings) {
    if (settings.directUrl() == null) {
      return settings.poolingProxy() ? Optional.empty() : Optional.of(dataSource);
    }
    return Optional.of(direct(settings, settings.directUrl()));
  }

  private static DataSource direct(ProviderSettings settings, String directUrl) {
    try {
      return ConnectionUrl.dataSource(directUrl, settings.withPoolingProxy(false));
    } catch (InvalidValueException malformed) {
      throw new InvalidValueException("PostgresOptions", "", "directUrl", malformed.problem());
    }
  }

  /** Throws if the provider was closed. */
  void requireOpen() {
    if (closed) {
      throw new StoreSetupException("The provider is closed", null);
    }
  }

  private DataSource sessions() {
    requireOpen();
    return sessions.orElseThrow(
        () ->
            new StoreSetupException(
                "Creating, upgrading and validating the store need a session of their own, but the"
                    + " connections go through a pooling proxy: set the option directUrl"
                    + " (wfe.direct-url) to a URL of the database that bypasses the proxy. If the"
                    + " proxy keeps one session per client, as PgBouncer does in session mode,"
                    + " directUrl may be the same URL",
                null));
  }

  /**
   * Creates or upgrades the store. One thread at a time: threads that wait for their turn must not
   * occupy connections that the migration needs.
   */
  public void migrate() {
    migrating.lock();
    try {
      scopes.suspended(() -> SchemaManager.migrate(sessions(), settings.names()));
    } finally {
      migrating.unlock();
    }
  }

  /** Compares the tables of the store with the entities. */
  public void validate() {
    scopes.suspended(() -> SchemaManager.validate(sessions(), settings.names()));
  }

  /** Returns the migrations of the store. */
  public List<MigrationStep> migrations() {
    List<MigrationStep> steps = new ArrayList<>();
    scopes.suspended(() -> steps.addAll(SchemaManager.migrations(sessions(), settings.names())));
    return List.copyOf(steps);
  }

  /**
   * Examines the server and the store.
   *
   * @param patience how long transactions may take
   */
  public List<StoreFinding> diagnose(Duration patience) {
    List<StoreFinding> findings = new ArrayList<>();
    boolean current = sessions.isEmpty();
    if (sessions.isPresent()) {
      current =
          VersionChecks.check(migrations(), settings.names(), findings)
              && VersionChecks.agrees(this::validate, findings);
    }
    VersionChecks.describe(settings.poolingProxy(), sessions.isPresent(), findings);
    return new StoreDiagnosis(
            scopes.independent(),
            sql.diagnosis(),
            settings.names(),
            SchemaManager.tables(settings.names()),
            SchemaManager.indexes(settings.names()))
        .examine(patience, findings, current);
  }

  /** Whether connections go through a pooling proxy, as configured or detected. */
  public boolean poolingProxy() {
    return settings.poolingProxy();
  }

  /** Returns the session factory for the store's entities. */
  public EntityManagerFactory factory() {
    requireOpen();
    return factory.get();
  }

  /** Returns the repositories, which join the caller's transaction if the provider can find one. */
  public Repositories repositories() {
    requireOpen();
    return repositories;
  }

  /** Returns the operations in the given transaction of the caller. */
  public PersistenceProvider within(CallerTransactionSource caller) {
    return view(scopes.in(caller));
  }

  /** Returns the operations in independent transactions. */
  public PersistenceProvider independent() {
    return view(scopes.independent());
  }

  private PersistenceProvider view(TransactionScope scope) {
    return new TransactionView(this, scope, repositories(scope));
  }

  private Repositories repositories(TransactionScope scope) {
    return Repositories.in(scope, sql, groups, leases, positions, listeners, queries);
  }

  /** Runs the work in a transaction of its own, unless the thread is in a caller's transaction. */
  public <T extends @Nullable Object> T inTransaction(TransactionWork<T> work) throws Exception {
    return inTransaction(scopes.joining(), work);
  }

  /** As {@link #inTransaction(TransactionWork)}, for operations that run in the scope. */
  <T extends @Nullable Object> T inTransaction(TransactionScope scope, TransactionWork<T> work)
      throws Exception {
    requireOpen();
    ValueLimits.nonNull(TransactionRunner.NAME, "work", work);
    scope.requireIndependent(TransactionRunner.NAME);
    return scopes
        .runner()
        .run(transaction -> work.run(new ViewedTransaction(view(transaction), transaction)));
  }

  /** A transaction as the work of the application sees it. */
  private record ViewedTransaction(PersistenceProvider provider, RunningTransaction transaction)
      implements StoreTransaction {
    @Override
    public <T> T unwrap(Class<T> type) {
      return transaction.unwrap(ValueLimits.nonNull("unwrap", "type", type));
    }
  }

  /** Adds a listener for due work. */
  public Registration onWorkDue(Runnable listener) {
    requireOpen();
    return listeners.add(ValueLimits.nonNull("onWorkDue", "listener", listener));
  }

  @Override
  public void close() {
    closed = true;
    OpenRuntimes.remove(this);
    leases.close();
    groups.close();
    listeners.close();
    scopes.close();
    queries.close();
    ownedResources.forEach(ProviderRuntime::close);
  }

  private static void close(AutoCloseable resource) {
    try {
      resource.close();
    } catch (Exception failure) {
      LOG.warn("{} could not be closed", resource.getClass().getName(), failure);
    }
  }
}
