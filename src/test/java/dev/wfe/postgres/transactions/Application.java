package dev.wfe.postgres.transactions;

import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.entity.StoreEntities;
import dev.wfe.postgres.testing.TestDatabase;
import jakarta.persistence.EntityManager;
import java.util.function.Function;
import org.hibernate.SessionFactory;
import org.hibernate.cfg.AvailableSettings;
import org.hibernate.cfg.Configuration;

/** An application with a table of its own, whose persistence unit holds the store's entities. */
final class Application implements AutoCloseable {
  final TestDatabase database;
  final SessionFactory factory;
  final PostgresPersistenceProvider provider;

  Application(TestDatabase database, String url) {
    this.database = database;
    database.execute(
        "create table purchases (id text primary key, workflow_id text references wfc.workflows)");
    Configuration configuration =
        new Configuration()
            .addAnnotatedClass(Purchase.class)
            .setProperty(AvailableSettings.JAKARTA_JDBC_URL, url)
            .setProperty("hibernate.hikari.maximumPoolSize", "4")
            // No connections but those that are asked for, so that round trips can be counted.
            .setProperty("hibernate.hikari.minimumIdle", "0");
    StoreEntities.ALL.forEach(configuration::addAnnotatedClass);
    factory = configuration.buildSessionFactory();
    provider =
        PostgresPersistenceProvider.over(factory, PostgresOptions.builder().wakeUps(false).build());
  }

  Application() {
    this(TestDatabase.migrated());
  }

  private Application(TestDatabase database) {
    this(database, database.url());
  }

  /** A unit without any entities. */
  record Plain(SessionFactory factory) implements AutoCloseable {
    Plain(TestDatabase database) {
      this(
          new Configuration()
              .setProperty(AvailableSettings.JAKARTA_JDBC_URL, database.url())
              .buildSessionFactory());
    }

    @Override
    public void close() {
      factory.close();
    }
  }

  /** What the work gives, in a transaction that is committed after it. */
  <T> T committed(Function<EntityManager, T> work) {
    try (EntityManager entityManager = factory.createEntityManager()) {
      entityManager.getTransaction().begin();
      T result = work.apply(entityManager);
      entityManager.getTransaction().commit();
      return result;
    }
  }

  long count(String table) {
    return Long.parseLong(String.valueOf(database.queryForString("select count(*) from " + table)));
  }

  @Override
  public void close() {
    provider.close();
    factory.close();
    database.close();
  }
}
