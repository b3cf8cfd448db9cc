package dev.wfe.postgres;

import com.zaxxer.hikari.HikariDataSource;
import dev.wfe.persistence.InvalidValueException;
import dev.wfe.postgres.internal.store.Caller;
import dev.wfe.postgres.internal.store.Databases;
import dev.wfe.postgres.internal.store.Databases.Timeouts;
import jakarta.persistence.EntityManagerFactory;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.hibernate.SessionFactory;

/** The ways in which a store comes to be. */
final class Stores {
  private Stores() {}

  static Store connect(String url, PostgresOptions options) {
    // Migrations connect past the pool: they keep a session for as long as they take.
    DataSource connections = ConnectionUrl.dataSource(url, options);
    Optional<DataSource> sessions = sessions(connections, options);
    HikariDataSource pool = Pools.over(connections, options);
    try {
      SessionFactory factory = SessionFactories.over(pool, options);
      return checked(options, sessions, pool, factory, Optional::empty, List.of(factory, pool));
    } catch (RuntimeException failure) {
      pool.close();
      throw failure;
    }
  }

  static Store over(
      DataSource dataSource, Supplier<Optional<Caller>> callers, PostgresOptions options) {
    Optional<DataSource> sessions = sessions(dataSource, options);
    SessionFactory factory = SessionFactories.over(dataSource, options);
    return checked(options, sessions, dataSource, factory, callers, List.of(factory));
  }

  static Store overJta(DataSource dataSource, PostgresOptions options) {
    Optional<DataSource> sessions = sessions(dataSource, options);
    SessionFactory factory = SessionFactories.overJta(dataSource, options);
    return checked(options, sessions, dataSource, factory, Optional::empty, List.of(factory));
  }

  static Store over(EntityManagerFactory entityManagerFactory, PostgresOptions options) {
    SessionFactory factory = LentFactory.unwrap(entityManagerFactory, options.names());
    DataSource dataSource = new FactoryDataSource(factory);
    Optional<DataSource> sessions = sessions(dataSource, options);
    return checked(options, sessions, dataSource, factory, Optional::empty, List.of());
  }

  /** Over the factory, unless the database is not as needed. */
  private static Store checked(
      PostgresOptions options,
      Optional<DataSource> sessions,
      DataSource dataSource,
      SessionFactory factory,
      Supplier<Optional<Caller>> callers,
      List<AutoCloseable> opened) {
    try {
      Databases databases =
          Databases.of(
              factory, callers, new Timeouts(options.statementTimeout(), options.retryTimeout()));
      Store store = new Store(options, sessions, factory, databases, opened);
      databases.apart(() -> OpenStores.add(store, Requirements.check(dataSource), options.names()));
      return store;
    } catch (RuntimeException failure) {
      opened.forEach(Closing::close);
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
