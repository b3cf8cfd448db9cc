package dev.wfe.postgres;

import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.persistence.StoreSetupException;
import dev.wfe.postgres.internal.schema.SchemaManager;
import dev.wfe.postgres.internal.sql.StoreNames;
import dev.wfe.postgres.internal.sql.StoreSql;
import dev.wfe.postgres.internal.store.Caller;
import dev.wfe.postgres.internal.store.Database;
import dev.wfe.postgres.internal.store.Databases;
import dev.wfe.postgres.internal.store.Leases;
import dev.wfe.postgres.internal.store.Repositories;
import jakarta.persistence.EntityManagerFactory;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import javax.sql.DataSource;

/** What one provider is made of, and what it has to close. Thread-safe. */
final class Store implements AutoCloseable {
  private final PostgresOptions options;
  private final StoreNames names;
  private final Optional<DataSource> sessions;
  private final Supplier<? extends EntityManagerFactory> factory;
  private final List<AutoCloseable> opened;
  private final Databases databases;
  private final StoreSql sql;
  private final Leases leases = new Leases(Leases.DURATION);
  private final Repositories repositories;
  private final ReentrantLock migrating = new ReentrantLock();
  private volatile boolean closed;

  Store(
      PostgresOptions options,
      Optional<DataSource> sessions,
      Supplier<? extends EntityManagerFactory> factory,
      Databases databases,
      List<AutoCloseable> opened) {
    this.options = options;
    this.names = options.names();
    this.sessions = sessions;
    this.factory = factory;
    this.databases = databases;
    this.opened = opened;
    this.sql = StoreSql.of(names);
    this.repositories = repositories(databases.joined());
  }

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
                    + " stands before the database: name the database past it with"
                    + " PostgresOptions.withDirectUrl (wfe.direct-url). Where the proxy keeps a"
                    + " session for each client, as PgBouncer does in session mode, the same URL"
                    + " will do",
                null));
  }

  /** One caller at a time: those who wait would keep a small pool from the one who works. */
  void migrate() {
    migrating.lock();
    try {
      databases.apart(() -> SchemaManager.migrate(sessions(), names));
    } finally {
      migrating.unlock();
    }
  }

  void validate() {
    databases.apart(() -> SchemaManager.validate(sessions(), names));
  }

  PostgresOptions options() {
    return options;
  }

  EntityManagerFactory factory() {
    requireOpen();
    return factory.get();
  }

  Repositories repositories() {
    requireOpen();
    return repositories;
  }

  PersistenceProvider within(Caller caller) {
    return view(databases.in(caller));
  }

  PersistenceProvider inOwnTransactions() {
    return view(databases.own());
  }

  private PersistenceProvider view(Database database) {
    return new TransactionView(this, database, repositories(database));
  }

  private Repositories repositories(Database database) {
    return Repositories.over(database, sql, leases);
  }

  @Override
  public void close() {
    closed = true;
    OpenStores.remove(this);
    leases.close();
    databases.close();
    opened.forEach(Closing::close);
  }
}
