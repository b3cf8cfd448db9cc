package dev.wfe.postgres.internal.runtime;

import dev.wfe.persistence.InvalidValueException;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.persistence.StoreSetupException;
import dev.wfe.postgres.internal.connection.ConnectionPool;
import dev.wfe.postgres.internal.connection.ConnectionSource;
import dev.wfe.postgres.internal.connection.ConnectionUrl;
import dev.wfe.postgres.internal.connection.ExternalSessionFactory;
import dev.wfe.postgres.internal.connection.LazySessionFactory;
import dev.wfe.postgres.internal.connection.ProviderSettings;
import dev.wfe.postgres.internal.connection.ServerRequirements;
import dev.wfe.postgres.internal.connection.ServerRequirements.Found;
import dev.wfe.postgres.internal.repository.CommandLeases;
import dev.wfe.postgres.internal.repository.Repositories;
import dev.wfe.postgres.internal.schema.SchemaManager;
import dev.wfe.postgres.internal.sql.StoreSql;
import dev.wfe.postgres.internal.transaction.CallerTransactionSource;
import dev.wfe.postgres.internal.transaction.JtaManager;
import dev.wfe.postgres.internal.transaction.TransactionScope;
import dev.wfe.postgres.internal.transaction.TransactionScopes;
import dev.wfe.postgres.internal.transaction.TransactionScopes.Timeouts;
import jakarta.persistence.EntityManagerFactory;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What one provider is made of, and what it has to close. Thread-safe. */
public final class ProviderRuntime implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ProviderRuntime.class);

  private final ProviderSettings settings;
  private final Optional<DataSource> sessions;
  private final Supplier<? extends EntityManagerFactory> factory;
  private final List<AutoCloseable> opened;
  private final TransactionScopes scopes;
  private final StoreSql sql;
  private final CommandLeases leases = new CommandLeases(CommandLeases.DURATION);
  private final Repositories repositories;
  private final ReentrantLock migrating = new ReentrantLock();
  private volatile boolean closed;

  private ProviderRuntime(
      ProviderSettings settings,
      Optional<DataSource> sessions,
      Supplier<? extends EntityManagerFactory> factory,
      TransactionScopes scopes,
      List<AutoCloseable> opened) {
    this.settings = settings;
    this.sessions = sessions;
    this.factory = factory;
    this.scopes = scopes;
    this.opened = opened;
    this.sql = StoreSql.of(settings.names());
    this.repositories = Repositories.in(scopes.joining(), sql, leases);
  }

  /** Over a pool of its own. */
  public static ProviderRuntime connect(String url, ProviderSettings asked) {
    DataSource connections = ConnectionUrl.dataSource(url, asked);
    requireDirectUrl(asked);
    Found found = ServerRequirements.check(connections);
    ProviderSettings settings = behind(found, asked);
    if (settings.poolingProxy()) {
      ServerRequirements.requireIsolation(found.isolation());
      connections = ConnectionUrl.dataSource(url, settings);
    }
    // Migrations do not use the pool: they keep a session for as long as they take.
    Optional<DataSource> sessions = sessions(connections, settings);
    ConnectionPool pool = ConnectionPool.of(connections, settings);
    try {
      LazySessionFactory factory = LazySessionFactory.over(pool, settings.names());
      TransactionScopes scopes =
          TransactionScopes.of(ConnectionSource.of(pool), Optional::empty, timeouts(settings));
      return registered(
          new ProviderRuntime(settings, sessions, factory, scopes, List.of(factory, pool)), found);
    } catch (RuntimeException failure) {
      pool.close();
      throw failure;
    }
  }

  /**
   * Over a data source of the application.
   *
   * @param callers gives the calling thread's transaction, where it is in one
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

  /** Over a data source whose connections a container enlists in the thread's JTA transaction. */
  public static ProviderRuntime overJta(DataSource dataSource, ProviderSettings settings) {
    requireDirectUrl(settings);
    LazySessionFactory factory = LazySessionFactory.overJta(dataSource, settings.names());
    TransactionScopes scopes =
        TransactionScopes.ofJta(
            ConnectionSource.of(dataSource),
            JtaManager.of(LazySessionFactory.transactionManager()),
            timeouts(settings));
    return external(settings, dataSource, factory, scopes, List.of(factory));
  }

  /** Over Hibernate as the application started it. */
  public static ProviderRuntime over(EntityManagerFactory hibernate, ProviderSettings settings) {
    requireDirectUrl(settings);
    ExternalSessionFactory factory = ExternalSessionFactory.of(hibernate, settings.names());
    TransactionScopes scopes =
        JtaManager.of(factory.get())
            .map(jta -> TransactionScopes.ofJta(factory, jta, timeouts(settings)))
            .orElseGet(() -> TransactionScopes.of(factory, Optional::empty, timeouts(settings)));
    return external(settings, factory.dataSource(), factory, scopes, List.of());
  }

  /** Over connections that the application opens, unless the database or they are not as needed. */
  private static ProviderRuntime external(
      ProviderSettings asked,
      DataSource dataSource,
      Supplier<? extends EntityManagerFactory> factory,
      TransactionScopes scopes,
      List<AutoCloseable> opened) {
    try {
      AtomicReference<Found> check = new AtomicReference<>();
      scopes.suspended(() -> check.set(ServerRequirements.check(dataSource)));
      Found found = Objects.requireNonNull(check.get());
      ProviderSettings settings = behind(found, asked);
      if (settings.poolingProxy()) {
        ServerRequirements.requireUnprepared(found);
      }
      ServerRequirements.requireIsolation(found.isolation());
      return registered(
          new ProviderRuntime(settings, sessions(dataSource, settings), factory, scopes, opened),
          found);
    } catch (RuntimeException failure) {
      scopes.close();
      opened.forEach(ProviderRuntime::close);
      throw failure;
    }
  }

  private static Timeouts timeouts(ProviderSettings settings) {
    return new Timeouts(settings.statementTimeout(), settings.retryTimeout());
  }

  private static ProviderRuntime registered(ProviderRuntime runtime, Found found) {
    OpenRuntimes.add(runtime, found.database(), runtime.settings.names());
    return runtime;
  }

  /** The settings that hold where the database was found. */
  private static ProviderSettings behind(Found found, ProviderSettings settings) {
    if (!found.behindProxy() || settings.poolingProxy()) {
      return settings;
    }
    LOG.info(
        "A pooling proxy stands before the database: the provider works as with the option"
            + " poolingProxy");
    return settings.withPoolingProxy(true);
  }

  private static void requireDirectUrl(ProviderSettings settings) {
    if (settings.directUrl() != null) {
      var unused = direct(settings, settings.directUrl());
    }
  }

  /** Connections that are sessions; empty when there is only a proxy that shares sessions. */
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

  /** Refuses every use after {@link #close}. */
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
                "Creating, upgrading and validating the store need a session, and a pooling proxy"
                    + " stands before the database: set the URL of the database itself with the"
                    + " option directUrl (wfe.direct-url). If the proxy keeps a session for each"
                    + " client, as PgBouncer does in session mode, the same URL will do",
                null));
  }

  /** One caller at a time: those who wait must not take connections from the one who works. */
  public void migrate() {
    migrating.lock();
    try {
      scopes.suspended(() -> SchemaManager.migrate(sessions(), settings.names()));
    } finally {
      migrating.unlock();
    }
  }

  /** Compares the tables with the entities. */
  public void validate() {
    scopes.suspended(() -> SchemaManager.validate(sessions(), settings.names()));
  }

  /** Whether a pooling proxy stands before the database, as the options say or was found. */
  public boolean poolingProxy() {
    return settings.poolingProxy();
  }

  /** Hibernate over the store's entities. */
  public EntityManagerFactory factory() {
    requireOpen();
    return factory.get();
  }

  /** The repositories, which join the caller's transaction where the provider can find one. */
  public Repositories repositories() {
    requireOpen();
    return repositories;
  }

  /** The operations in the given transaction of the caller's. */
  public PersistenceProvider within(CallerTransactionSource caller) {
    return view(scopes.in(caller));
  }

  /** The operations in transactions of their own. */
  public PersistenceProvider independent() {
    return view(scopes.independent());
  }

  private PersistenceProvider view(TransactionScope scope) {
    return new TransactionView(this, scope, Repositories.in(scope, sql, leases));
  }

  @Override
  public void close() {
    closed = true;
    OpenRuntimes.remove(this);
    leases.close();
    scopes.close();
    opened.forEach(ProviderRuntime::close);
  }

  private static void close(AutoCloseable resource) {
    try {
      resource.close();
    } catch (Exception failure) {
      LOG.warn("{} could not be closed", resource.getClass().getName(), failure);
    }
  }
}
