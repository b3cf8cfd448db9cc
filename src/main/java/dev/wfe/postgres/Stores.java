package dev.wfe.postgres;

import dev.wfe.persistence.InvalidValueException;
import dev.wfe.postgres.Requirements.Found;
import dev.wfe.postgres.internal.store.Caller;
import dev.wfe.postgres.internal.store.Connections;
import dev.wfe.postgres.internal.store.Databases;
import dev.wfe.postgres.internal.store.Databases.Timeouts;
import dev.wfe.postgres.internal.store.Jta;
import jakarta.persistence.EntityManagerFactory;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.hibernate.engine.spi.SessionFactoryImplementor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The ways in which a store comes to be. */
final class Stores {
  private static final Logger LOG = LoggerFactory.getLogger(PostgresPersistenceProvider.class);

  private Stores() {}

  static Store connect(String url, PostgresOptions asked) {
    DataSource connections = ConnectionUrl.dataSource(url, asked);
    requireDirectUrl(asked);
    Found found = Requirements.check(connections);
    PostgresOptions options = behind(found, asked);
    if (options.poolingProxy()) {
      Requirements.requireIsolation(found.isolation());
      connections = ConnectionUrl.dataSource(url, options);
    }
    // Migrations connect past the pool: they keep a session for as long as they take.
    Optional<DataSource> sessions = sessions(connections, options);
    FairPool pool = Pools.over(connections, options);
    try {
      SessionFactories factory = SessionFactories.over(pool, options);
      Databases databases = databases(pool, Optional.empty(), Optional::empty, options);
      return registered(
          new Store(options, sessions, factory, databases, List.of(factory, pool)), found);
    } catch (RuntimeException failure) {
      pool.close();
      throw failure;
    }
  }

  static Store over(
      DataSource dataSource, Supplier<Optional<Caller>> callers, PostgresOptions options) {
    requireDirectUrl(options);
    SessionFactories factory = SessionFactories.over(dataSource, options);
    Databases databases = databases(dataSource, Optional.empty(), callers, options);
    return external(options, dataSource, factory, databases, List.of(factory));
  }

  static Store overJta(DataSource dataSource, PostgresOptions options) {
    requireDirectUrl(options);
    SessionFactories factory = SessionFactories.overJta(dataSource, options);
    Databases databases =
        databases(dataSource, Optional.of(SessionFactories.jta()), Optional::empty, options);
    return external(options, dataSource, factory, databases, List.of(factory));
  }

  static Store over(EntityManagerFactory entityManagerFactory, PostgresOptions options) {
    requireDirectUrl(options);
    SessionFactoryImplementor factory = LentFactory.unwrap(entityManagerFactory, options.names());
    FactoryDataSource dataSource = new FactoryDataSource(factory);
    Databases databases =
        Databases.of(dataSource.connections(), Jta.of(factory), Optional::empty, timeouts(options));
    return external(options, dataSource, () -> factory, databases, List.of());
  }

  /** Over connections that somebody else opens, unless the database or they are not as needed. */
  private static Store external(
      PostgresOptions asked,
      DataSource dataSource,
      Supplier<? extends EntityManagerFactory> factory,
      Databases databases,
      List<AutoCloseable> opened) {
    try {
      AtomicReference<Found> check = new AtomicReference<>();
      databases.apart(() -> check.set(Requirements.check(dataSource)));
      Found found = Objects.requireNonNull(check.get());
      PostgresOptions options = behind(found, asked);
      if (options.poolingProxy()) {
        Requirements.requireUnprepared(found);
      }
      Requirements.requireIsolation(found.isolation());
      return registered(
          new Store(options, sessions(dataSource, options), factory, databases, opened), found);
    } catch (RuntimeException failure) {
      databases.close();
      opened.forEach(Closing::close);
      throw failure;
    }
  }

  private static Databases databases(
      DataSource dataSource,
      Optional<Jta> jta,
      Supplier<Optional<Caller>> callers,
      PostgresOptions options) {
    return Databases.of(Connections.of(dataSource), jta, callers, timeouts(options));
  }

  private static Timeouts timeouts(PostgresOptions options) {
    return new Timeouts(options.statementTimeout(), options.retryTimeout());
  }

  private static Store registered(Store store, Found found) {
    OpenStores.add(store, found.database(), store.options().names());
    return store;
  }

  /** The options that hold where the database was found. */
  private static PostgresOptions behind(Found found, PostgresOptions options) {
    if (!found.behindProxy() || options.poolingProxy()) {
      return options;
    }
    LOG.info(
        "A pooling proxy stands before the database: the store works as with"
            + " PostgresOptions.withPoolingProxy(true)");
    return options.withPoolingProxy(true);
  }

  private static void requireDirectUrl(PostgresOptions options) {
    if (options.directUrl() != null) {
      var unused = direct(options, options.directUrl());
    }
  }

  /** Whose connections are sessions; empty when there is only a proxy that hands out others'. */
  private static Optional<DataSource> sessions(DataSource dataSource, PostgresOptions options) {
    if (options.directUrl() == null) {
      return options.poolingProxy() ? Optional.empty() : Optional.of(dataSource);
    }
    return Optional.of(direct(options, options.directUrl()));
  }

  private static DataSource direct(PostgresOptions options, String directUrl) {
    try {
      return ConnectionUrl.dataSource(directUrl, options.withPoolingProxy(false));
    } catch (InvalidValueException malformed) {
      throw new InvalidValueException("PostgresOptions", "", "directUrl", malformed.problem());
    }
  }
}
