package dev.wfe.bench;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.Persistence;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import javax.sql.DataSource;

/**
 * One database with tables of a given size, and a connection pool for each kind of code. It
 * contains the tables of this library and those of the Rust provider, with the same rows.
 */
public final class World implements AutoCloseable {
  /** Enough to keep the server busy; more make it slower. */
  private static final int CONNECTIONS = 16;

  private final int size;
  private final HikariDataSource pool;
  private final PostgresPersistenceProvider provider;
  private final PostgresPersistenceProvider withoutGroups;
  private final EntityManagerFactory hibernate;

  private World(
      int size,
      HikariDataSource pool,
      PostgresPersistenceProvider provider,
      PostgresPersistenceProvider withoutGroups,
      EntityManagerFactory hibernate) {
    this.size = size;
    this.pool = pool;
    this.provider = provider;
    this.withoutGroups = withoutGroups;
    this.hibernate = hibernate;
  }

  static World create(String url, int size) throws SQLException {
    PostgresOptions options = PostgresOptions.builder().poolSize(CONNECTIONS).build();
    PostgresPersistenceProvider provider = PostgresPersistenceProvider.connect(url, options);
    provider.ensureStoreExists();
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(url);
    config.setMaximumPoolSize(CONNECTIONS);
    config.addDataSourceProperty("prepareThreshold", "1");
    HikariDataSource pool = new HikariDataSource(config);
    PostgresPersistenceProvider withoutGroups =
        PostgresPersistenceProvider.connect(url, options.toBuilder().groupSize(1).build());
    World world = new World(size, pool, provider, withoutGroups, hibernate(url, options));
    world.execute(Tables.filled(size));
    // Otherwise autovacuum runs later, during a measurement.
    world.execute("vacuum analyze");
    return world;
  }

  private static EntityManagerFactory hibernate(String url, PostgresOptions options) {
    Map<String, Object> settings = new HashMap<>(options.hibernateProperties());
    settings.put("jakarta.persistence.jdbc.url", url);
    settings.put("hibernate.jdbc.batch_size", "100");
    settings.put("hibernate.order_inserts", "true");
    settings.put("hibernate.order_updates", "true");
    // Otherwise Hibernate changes auto-commit with additional round trips.
    settings.put("hibernate.hikari.autoCommit", "false");
    settings.put("hibernate.connection.provider_disables_autocommit", "true");
    return Persistence.createEntityManagerFactory("wfe", settings);
  }

  /** The number of pointers in the tables. */
  public int size() {
    return size;
  }

  /** JDBC connections with auto-commit. */
  public DataSource jdbc() {
    return pool;
  }

  /** The provider of this library. */
  public PostgresPersistenceProvider ours() {
    return provider;
  }

  /** As {@link #ours}, but each write has a commit of its own. */
  public PostgresPersistenceProvider withoutGroups() {
    return withoutGroups;
  }

  /** Hibernate with the store's entities. */
  public EntityManagerFactory hibernate() {
    return hibernate;
  }

  /** Executes statements. */
  public void execute(String sql) throws SQLException {
    try (Connection connection = pool.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** Creates instances from the template, and returns them as read from the tables. */
  public List<WorkflowInstance> instances(WorkflowInstance template, int count) {
    List<WorkflowInstance> created = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      created.add(
          provider.getWorkflowInstance(
              provider.createNewWorkflow(Templates.renamed(template, UUID.randomUUID()))));
    }
    return created;
  }

  /** Copies instances to the tables of another schema. */
  public void copy(List<WorkflowInstance> instances, String schema) throws SQLException {
    String ids =
        String.join(",", instances.stream().map(instance -> "'" + instance.id() + "'").toList());
    execute(Tables.copy("workflows", "id in (" + ids + ")", schema));
    execute(Tables.copy("execution_pointers", "workflow_id in (" + ids + ")", schema));
  }

  @Override
  public void close() {
    hibernate.close();
    withoutGroups.close();
    provider.close();
    pool.close();
  }
}
