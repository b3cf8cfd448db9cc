package dev.wfe.postgres.transactions;

import com.arjuna.ats.internal.jta.transaction.arjunacore.TransactionSynchronizationRegistryImple;
import dev.wfe.postgres.entity.StoreEntities;
import dev.wfe.postgres.faults.Eventually;
import dev.wfe.postgres.testing.TestDatabase;
import io.agroal.api.AgroalDataSource;
import io.agroal.api.AgroalDataSourceMetrics;
import io.agroal.api.configuration.supplier.AgroalDataSourceConfigurationSupplier;
import io.agroal.narayana.NarayanaTransactionIntegration;
import jakarta.transaction.TransactionManager;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.hibernate.SessionFactory;
import org.hibernate.cfg.AvailableSettings;
import org.hibernate.cfg.Configuration;

/** What a container provides: a transaction manager, and a pool that enlists its connections. */
public final class JtaServer implements AutoCloseable {
  final TestDatabase database;
  public final TransactionManager transactions =
      com.arjuna.ats.jta.TransactionManager.transactionManager();
  public final AgroalDataSource dataSource;

  public JtaServer(TestDatabase database) throws SQLException {
    this(database, database.url());
  }

  /** Whose pool reaches the database by the URL. */
  JtaServer(TestDatabase database, String url) throws SQLException {
    this.database = database;
    database.execute("create table purchases (id text primary key, workflow_id text)");
    dataSource =
        AgroalDataSource.from(
            new AgroalDataSourceConfigurationSupplier()
                .metricsEnabled(true)
                .connectionPoolConfiguration(
                    pool ->
                        pool.maxSize(10)
                            .transactionIntegration(
                                new NarayanaTransactionIntegration(
                                    transactions, new TransactionSynchronizationRegistryImple()))
                            .connectionFactoryConfiguration(factory -> factory.jdbcUrl(url))));
  }

  /** The application's Hibernate, as a container starts it. */
  SessionFactory unit() {
    Configuration configuration =
        new Configuration()
            .addAnnotatedClass(Purchase.class)
            .setProperty(AvailableSettings.TRANSACTION_COORDINATOR_STRATEGY, "jta");
    configuration.getProperties().put(AvailableSettings.JAKARTA_JTA_DATASOURCE, dataSource);
    StoreEntities.ALL.forEach(configuration::addAnnotatedClass);
    return configuration.buildSessionFactory();
  }

  /** Inserts an application's row by plain JDBC. */
  void purchase(String id) throws SQLException {
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("insert into purchases (id) values ('%s')".formatted(id));
    }
  }

  long count(String table) {
    return Long.parseLong(String.valueOf(database.queryForString("select count(*) from " + table)));
  }

  /**
   * Waits for connections that the pool gave up: it closes them later, and forgets those that are
   * open when it is closed itself.
   */
  @Override
  public void close() {
    Eventually.isTrue("no connection is forgotten", () -> isComplete(dataSource.getMetrics()));
    dataSource.close();
    database.close();
  }

  private static boolean isComplete(AgroalDataSourceMetrics pool) {
    return pool.creationCount() - pool.destroyCount() == pool.activeCount() + pool.availableCount();
  }
}
