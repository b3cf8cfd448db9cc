package dev.wfe.postgres.internal.connection;

import dev.wfe.persistence.StoreSetupException;
import dev.wfe.postgres.entity.StoreEntities;
import dev.wfe.postgres.entity.StoreNamingStrategy;
import dev.wfe.postgres.internal.sql.StoreNames;
import jakarta.persistence.EntityManagerFactory;
import jakarta.transaction.TransactionManager;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.hibernate.HibernateException;
import org.hibernate.boot.MetadataSources;
import org.hibernate.boot.registry.StandardServiceRegistry;
import org.hibernate.boot.registry.StandardServiceRegistryBuilder;
import org.hibernate.cfg.AvailableSettings;
import org.hibernate.cfg.Environment;
import org.hibernate.engine.transaction.jta.platform.spi.JtaPlatform;
import org.hibernate.resource.transaction.backend.jta.internal.JtaTransactionCoordinatorBuilderImpl;
import org.hibernate.tool.schema.Action;
import org.jspecify.annotations.Nullable;

/**
 * A session factory for the entities of one store, over a data source. The repositories do not need
 * it, so Hibernate starts on the first call of {@link #get}. Thread-safe.
 */
public final class LazySessionFactory implements Supplier<EntityManagerFactory>, AutoCloseable {
  /** The SQL dialect level of Hibernate's own statements. */
  private static final String OLDEST_VERSION = Integer.toString(ServerRequirements.OLDEST_VERSION);

  private final Map<String, Object> settings;
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable EntityManagerFactory started;

  private LazySessionFactory(StoreNames names, Map<String, Object> connections) {
    settings = new HashMap<>(connections);
    settings.put(
        AvailableSettings.PHYSICAL_NAMING_STRATEGY,
        new StoreNamingStrategy(names.schema(), names.prefix()));
    // At startup Hibernate would inspect a connection and return it in a changed state.
    settings.put(AvailableSettings.ALLOW_METADATA_ON_BOOT, "false");
    settings.put(AvailableSettings.JAKARTA_HBM2DDL_DB_NAME, "PostgreSQL");
    settings.put(AvailableSettings.JAKARTA_HBM2DDL_DB_MAJOR_VERSION, OLDEST_VERSION);
    settings.put(AvailableSettings.JAKARTA_HBM2DDL_DATABASE_ACTION, Action.NONE);
    settings.put(AvailableSettings.JAKARTA_VALIDATION_MODE, "none");
    settings.put(AvailableSettings.STATEMENT_BATCH_SIZE, "100");
    settings.put(AvailableSettings.ORDER_INSERTS, "true");
    settings.put(AvailableSettings.ORDER_UPDATES, "true");
  }

  /** Uses a data source without JTA. */
  public static LazySessionFactory over(DataSource dataSource, StoreNames names) {
    return new LazySessionFactory(
        names, Map.of(AvailableSettings.JAKARTA_NON_JTA_DATASOURCE, dataSource));
  }

  /** For sessions that are each opened on a connection that the caller supplies. */
  public static LazySessionFactory withoutConnections(StoreNames names) {
    return new LazySessionFactory(names, Map.of());
  }

  /** Uses a data source whose connections the container enlists in JTA transactions. */
  public static LazySessionFactory overJta(DataSource dataSource, StoreNames names) {
    Map<String, Object> connections = platform();
    connections.put(AvailableSettings.JAKARTA_JTA_DATASOURCE, dataSource);
    connections.put(
        AvailableSettings.TRANSACTION_COORDINATOR_STRATEGY,
        JtaTransactionCoordinatorBuilderImpl.SHORT_NAME);
    return new LazySessionFactory(names, connections);
  }

  /**
   * The JTA platform is the only setting of the application that also applies to this Hibernate.
   */
  private static Map<String, Object> platform() {
    Map<String, Object> settings = new HashMap<>();
    Object platform = Environment.getProperties().get(AvailableSettings.JTA_PLATFORM);
    if (platform != null) {
      settings.put(AvailableSettings.JTA_PLATFORM, platform);
    }
    return settings;
  }

  /**
   * Returns the transaction manager of the JTA platform that Hibernate detects; null if there is
   * none.
   *
   * @throws StoreSetupException if Hibernate cannot look it up
   */
  public static @Nullable TransactionManager transactionManager() {
    StandardServiceRegistry services = HibernateServices.with(platform());
    try {
      return services.requireService(JtaPlatform.class).retrieveTransactionManager();
    } catch (HibernateException failure) {
      throw failed(failure);
    } finally {
      StandardServiceRegistryBuilder.destroy(services);
    }
  }

  @Override
  public EntityManagerFactory get() {
    lock.lock();
    try {
      EntityManagerFactory factory = started;
      if (factory == null) {
        factory = start();
        started = factory;
      }
      return factory;
    } finally {
      lock.unlock();
    }
  }

  private EntityManagerFactory start() {
    StandardServiceRegistry services = HibernateServices.with(settings);
    try {
      MetadataSources sources = new MetadataSources(services);
      StoreEntities.ALL.forEach(sources::addAnnotatedClass);
      return sources.buildMetadata().buildSessionFactory();
    } catch (HibernateException failure) {
      StandardServiceRegistryBuilder.destroy(services);
      throw failed(failure);
    }
  }

  private static StoreSetupException failed(HibernateException failure) {
    return new StoreSetupException(
        "Hibernate could not be started: " + failure.getMessage(), failure);
  }

  @Override
  public void close() {
    lock.lock();
    try {
      if (started != null) {
        started.close();
      }
    } finally {
      lock.unlock();
    }
  }
}
