package dev.wfe.postgres.transactions;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.entity.StoreEntities;
import dev.wfe.postgres.testing.TestDatabase;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.hibernate.SessionFactory;
import org.hibernate.cfg.AvailableSettings;
import org.hibernate.cfg.Configuration;

/** How an application opens a provider, whose listeners only its own operations call. */
enum TransactionKind {
  /** The provider opens a pool. */
  OWN_POOL {
    @Override
    void open(Opened opened, String url) {
      opened.provider =
          PostgresPersistenceProvider.connect(url, OPTIONS.toBuilder().poolSize(2).build());
    }
  },
  /** A pool of the application, whose connections do not commit by themselves. */
  DATA_SOURCE {
    @Override
    void open(Opened opened, String url) {
      HikariConfig pool = new HikariConfig();
      pool.setJdbcUrl(url);
      pool.setMaximumPoolSize(2);
      pool.setAutoCommit(false);
      HikariDataSource dataSource = new HikariDataSource(pool);
      opened.closing(dataSource::close);
      opened.provider = PostgresPersistenceProvider.over(dataSource, OPTIONS);
    }
  },
  /** A persistence unit of the application with resource-local transactions. */
  UNIT {
    @Override
    void open(Opened opened, String url) {
      Configuration configuration =
          new Configuration()
              .addAnnotatedClass(Purchase.class)
              .setProperty(AvailableSettings.JAKARTA_JDBC_URL, url)
              .setProperty("hibernate.hikari.maximumPoolSize", "2");
      StoreEntities.ALL.forEach(configuration::addAnnotatedClass);
      SessionFactory factory = configuration.buildSessionFactory();
      opened.closing(factory::close);
      opened.provider = PostgresPersistenceProvider.over(factory, OPTIONS);
    }
  },
  /** A data source of a container. */
  JTA {
    @Override
    void open(Opened opened, String url) throws SQLException {
      JtaServer server = new JtaServer(opened.database, url);
      opened.closing(server::close);
      opened.server = server;
      opened.provider = PostgresPersistenceProvider.overJta(server.dataSource, OPTIONS);
    }
  },
  /** A persistence unit that uses JTA. */
  JTA_UNIT {
    @Override
    void open(Opened opened, String url) throws SQLException {
      JtaServer server = new JtaServer(opened.database, url);
      opened.closing(server::close);
      opened.server = server;
      SessionFactory unit = server.unit();
      opened.closing(unit::close);
      opened.provider = PostgresPersistenceProvider.over(unit, OPTIONS);
    }
  };

  private static final PostgresOptions OPTIONS = PostgresOptions.builder().wakeUps(false).build();

  abstract void open(Opened opened, String url) throws SQLException;

  boolean hasEntityManager() {
    return this == UNIT || this == JTA_UNIT;
  }

  boolean isJta() {
    return this == JTA || this == JTA_UNIT;
  }

  /** Opens a provider on the database, which it reaches by the URL. */
  Opened open(TestDatabase database, String url) throws SQLException {
    Opened opened = new Opened(database);
    if (!isJta()) {
      opened.closing(database::close);
    }
    open(opened, url);
    if (!isJta()) {
      database.execute("create table purchases (id text primary key, workflow_id text)");
    }
    return opened;
  }

  Opened open() throws SQLException {
    TestDatabase database = TestDatabase.migrated();
    return open(database, database.url());
  }

  /** An open provider, with what it needs. */
  static final class Opened implements AutoCloseable {
    final TestDatabase database;
    private final Deque<Runnable> closers = new ArrayDeque<>();

    @SuppressWarnings("NullAway.Init") // set when it is opened
    PostgresPersistenceProvider provider;

    @SuppressWarnings("NullAway.Init") // set if the kind is one of JTA
    JtaServer server;

    Opened(TestDatabase database) {
      this.database = database;
    }

    /** The last one is closed first. */
    void closing(Runnable closer) {
      closers.push(closer);
    }

    long count(String table) {
      return Long.parseLong(
          String.valueOf(database.queryForString("select count(*) from " + table)));
    }

    @Override
    public void close() {
      provider.close();
      closers.forEach(Runnable::run);
    }
  }
}
