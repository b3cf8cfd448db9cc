package dev.wfe.postgres;

import com.zaxxer.hikari.HikariDataSource;
import dev.wfe.persistence.InvalidValueException;
import dev.wfe.persistence.StoreSetupException;
import dev.wfe.postgres.internal.schema.SchemaManager;
import dev.wfe.postgres.internal.sql.StoreNames;
import dev.wfe.postgres.internal.store.CommandStore;
import dev.wfe.postgres.internal.store.Database;
import dev.wfe.postgres.internal.store.EventStore;
import dev.wfe.postgres.internal.store.MaintenanceStore;
import dev.wfe.postgres.internal.store.SubscriptionStore;
import dev.wfe.postgres.internal.store.WorkflowStore;
import jakarta.persistence.EntityManagerFactory;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import javax.sql.DataSource;
import org.hibernate.SessionFactory;

/** What one provider is made of, and what it has to close. Thread-safe. */
final class Store implements AutoCloseable {
  private final PostgresOptions options;
  private final StoreNames names;
  private final Optional<DataSource> sessions;
  private final SessionFactory factory;
  private final List<AutoCloseable> opened;
  private final Database database;
  private final WorkflowStore workflows;
  private final EventStore events;
  private final SubscriptionStore subscriptions;
  private final CommandStore commands;
  private final MaintenanceStore maintenance;
  private final ReentrantLock migrating = new ReentrantLock();
  private volatile boolean closed;

  private Store(
      PostgresOptions options,
      Optional<DataSource> sessions,
      SessionFactory factory,
      List<AutoCloseable> opened) {
    this.options = options;
    this.names = namesOf(options);
    this.sessions = sessions;
    this.factory = factory;
    this.opened = opened;
    this.database = new Database(factory, options.statementTimeout(), options.retryTimeout());
    workflows = new WorkflowStore(database, names);
    events = new EventStore(database, names);
    subscriptions = new SubscriptionStore(database, names);
    commands = new CommandStore(database, names, CommandStore.LEASE);
    maintenance = new MaintenanceStore(database, names);
  }

  static Store connect(String url, PostgresOptions options) {
    // Migrations connect past the pool: they keep a session for as long as they take.
    DataSource connections = ConnectionUrl.dataSource(url, options);
    Optional<DataSource> sessions = sessions(connections, options);
    HikariDataSource pool = Pools.over(connections, options);
    try {
      Requirements.check(pool);
      SessionFactory factory = SessionFactories.over(pool, options);
      return new Store(options, sessions, factory, List.of(factory, pool));
    } catch (RuntimeException failure) {
      pool.close();
      throw failure;
    }
  }

  static Store over(DataSource dataSource, PostgresOptions options) {
    Optional<DataSource> sessions = sessions(dataSource, options);
    Requirements.check(dataSource);
    SessionFactory factory = SessionFactories.over(dataSource, options);
    return new Store(options, sessions, factory, List.of(factory));
  }

  static Store over(EntityManagerFactory entityManagerFactory, PostgresOptions options) {
    SessionFactory factory = LentFactory.unwrap(entityManagerFactory, namesOf(options));
    DataSource dataSource = new FactoryDataSource(factory);
    Requirements.check(dataSource);
    return new Store(options, sessions(dataSource, options), factory, List.of());
  }

  /** Whose connections are sessions; empty when there is only a proxy that hands out others'. */
  private static Optional<DataSource> sessions(DataSource dataSource, PostgresOptions options) {
    if (options.directUrl() == null) {
      return options.poolingProxy() ? Optional.empty() : Optional.of(dataSource);
    }
    try {
      return Optional.of(
          ConnectionUrl.dataSource(options.directUrl(), options.withPoolingProxy(false)));
    } catch (InvalidValueException malformed) {
      throw new InvalidValueException("PostgresOptions", "", "directUrl", malformed.problem());
    }
  }

  private static StoreNames namesOf(PostgresOptions options) {
    return new StoreNames(options.schema(), options.tablePrefix());
  }

  /** What the store is made of, unless it was closed. */
  private <T> T open(T part) {
    if (closed) {
      throw new StoreSetupException("The provider is closed", null);
    }
    return part;
  }

  private DataSource sessions() {
    return open(sessions)
        .orElseThrow(
            () ->
                new StoreSetupException(
                    "Creating, upgrading and validating the store need a session: name the database"
                        + " past the pooling proxy with PostgresOptions.withDirectUrl",
                    null));
  }

  /** One caller at a time: those who wait would keep a small pool from the one who works. */
  void migrate() {
    migrating.lock();
    try {
      SchemaManager.migrate(sessions(), names);
    } finally {
      migrating.unlock();
    }
  }

  void validate() {
    SchemaManager.validate(sessions(), names);
  }

  PostgresOptions options() {
    return options;
  }

  EntityManagerFactory factory() {
    return open(factory);
  }

  WorkflowStore workflows() {
    return open(workflows);
  }

  EventStore events() {
    return open(events);
  }

  SubscriptionStore subscriptions() {
    return open(subscriptions);
  }

  CommandStore commands() {
    return open(commands);
  }

  MaintenanceStore maintenance() {
    return open(maintenance);
  }

  @Override
  public void close() {
    closed = true;
    commands.close();
    database.close();
    for (AutoCloseable resource : opened) {
      Closing.close(resource);
    }
  }
}
