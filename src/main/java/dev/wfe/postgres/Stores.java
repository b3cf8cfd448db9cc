package dev.wfe.postgres;

import com.zaxxer.hikari.HikariDataSource;
import dev.wfe.persistence.InvalidValueException;
import dev.wfe.postgres.internal.store.Caller;
import dev.wfe.postgres.internal.store.Connections;
import dev.wfe.postgres.internal.store.Databases;
import dev.wfe.postgres.internal.store.Databases.Timeouts;
import dev.wfe.postgres.internal.store.Jta;
import jakarta.persistence.EntityManagerFactory;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.hibernate.engine.spi.SessionFactoryImplementor;

/** The ways in which a store comes to be. */
final class Stores {
  private Stores() {}

  static Store connect(String url, PostgresOptions options) {
    // Migrations connect past the pool: they keep a session for as long as they take.
    DataSource connections = ConnectionUrl.dataSource(url, options);
    Optional<DataSource> sessions = sessions(connections, options);
    HikariDataSource pool = Pools.over(connections, options);
    try {
      SessionFactories factory = SessionFactories.over(pool, options);
      Databases databases = databases(pool, Optional.empty(), Optional::empty, options);
      return checked(
          new Store(options, sessions, factory, databases, List.of(factory, pool)),
          databases,
          pool,
          options);
    } catch (RuntimeException failure) {
      pool.close();
      throw failure;
    }
  }

  static Store over(
      DataSource dataSource, Supplier<Optional<Caller>> callers, PostgresOptions options) {
    Optional<DataSource> sessions = sessions(dataSource, options);
    SessionFactories factory = SessionFactories.over(dataSource, options);
    Databases databases = databases(dataSource, Optional.empty(), callers, options);
    return checked(
        new Store(options, sessions, factory, databases, List.of(factory)),
        databases,
        dataSource,
        options);
  }

  static Store overJta(DataSource dataSource, PostgresOptions options) {
    Optional<DataSource> sessions = sessions(dataSource, options);
    SessionFactories factory = SessionFactories.overJta(dataSource, options);
    Databases databases =
        databases(dataSource, Optional.of(SessionFactories.jta()), Optional::empty, options);
    return checked(
        new Store(options, sessions, factory, databases, List.of(factory)),
        databases,
        dataSource,
        options);
  }

  static Store over(EntityManagerFactory entityManagerFactory, PostgresOptions options) {
    SessionFactoryImplementor factory = LentFactory.unwrap(entityManagerFactory, options.names());
    FactoryDataSource dataSource = new FactoryDataSource(factory);
    Optional<DataSource> sessions = sessions(dataSource, options);
    Databases databases =
        Databases.of(dataSource.connections(), Jta.of(factory), Optional::empty, timeouts(options));
    return checked(
        new Store(options, sessions, () -> factory, databases, List.of()),
        databases,
        dataSource,
        options);
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

  /** The store, unless the database is not as needed. */
  private static Store checked(
      Store store, Databases databases, DataSource dataSource, PostgresOptions options) {
    try {
      databases.apart(() -> OpenStores.add(store, Requirements.check(dataSource), options.names()));
      return store;
    } catch (RuntimeException failure) {
      store.close();
      throw failure;
    }
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
}
