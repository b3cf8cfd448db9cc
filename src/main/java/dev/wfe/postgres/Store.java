package dev.wfe.postgres;

import com.zaxxer.hikari.HikariDataSource;
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
import java.util.concurrent.locks.ReentrantLock;
import javax.sql.DataSource;
import org.hibernate.SessionFactory;

/** What one provider is made of, and what it has to close. Thread-safe. */
final class Store implements AutoCloseable {
  private final PostgresOptions options;
  private final StoreNames names;
  private final DataSource dataSource;
  private final SessionFactory factory;
  private final List<AutoCloseable> opened;
  private final WorkflowStore workflows;
  private final EventStore events;
  private final SubscriptionStore subscriptions;
  private final CommandStore commands;
  private final MaintenanceStore maintenance;
  private final ReentrantLock migrating = new ReentrantLock();

  private Store(
      PostgresOptions options,
      StoreNames names,
      DataSource dataSource,
      SessionFactory factory,
      List<AutoCloseable> opened) {
    this.options = options;
    this.names = names;
    this.dataSource = dataSource;
    this.factory = factory;
    this.opened = opened;
    Database database = new Database(factory, options.statementTimeout());
    workflows = new WorkflowStore(database, names);
    events = new EventStore(database, names);
    subscriptions = new SubscriptionStore(database, names);
    commands = new CommandStore(database, names, CommandStore.LEASE);
    maintenance = new MaintenanceStore(database, names);
  }

  static Store connect(String url, PostgresOptions options) {
    HikariDataSource pool = Pools.open(url, options);
    try {
      StoreNames names = namesOf(options);
      Requirements.check(pool);
      SessionFactory factory = SessionFactories.over(pool, names);
      return new Store(options, names, pool, factory, List.of(factory, pool));
    } catch (RuntimeException failure) {
      pool.close();
      throw failure;
    }
  }

  static Store over(DataSource dataSource, PostgresOptions options) {
    StoreNames names = namesOf(options);
    Requirements.check(dataSource);
    SessionFactory factory = SessionFactories.over(dataSource, names);
    return new Store(options, names, dataSource, factory, List.of(factory));
  }

  static Store over(EntityManagerFactory entityManagerFactory, PostgresOptions options) {
    StoreNames names = namesOf(options);
    SessionFactory factory = LentFactory.unwrap(entityManagerFactory, names);
    DataSource dataSource = new FactoryDataSource(factory);
    Requirements.check(dataSource);
    return new Store(options, names, dataSource, factory, List.of());
  }

  private static StoreNames namesOf(PostgresOptions options) {
    return new StoreNames(options.schema(), options.tablePrefix());
  }

  /** One caller at a time: each takes several connections, of which a small pool has no more. */
  void migrate() {
    migrating.lock();
    try {
      SchemaManager.migrate(dataSource, names);
    } finally {
      migrating.unlock();
    }
  }

  void validate() {
    SchemaManager.validate(dataSource, names);
  }

  PostgresOptions options() {
    return options;
  }

  EntityManagerFactory factory() {
    return factory;
  }

  WorkflowStore workflows() {
    return workflows;
  }

  EventStore events() {
    return events;
  }

  SubscriptionStore subscriptions() {
    return subscriptions;
  }

  CommandStore commands() {
    return commands;
  }

  MaintenanceStore maintenance() {
    return maintenance;
  }

  @Override
  public void close() {
    commands.close();
    for (AutoCloseable resource : opened) {
      Closing.close(resource);
    }
  }
}
