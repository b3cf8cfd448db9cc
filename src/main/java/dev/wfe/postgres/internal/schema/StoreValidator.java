package dev.wfe.postgres.internal.schema;

import dev.wfe.persistence.StoreSetupException;
import dev.wfe.postgres.entity.StoreEntities;
import dev.wfe.postgres.entity.StoreNamingStrategy;
import dev.wfe.postgres.internal.connection.HibernateServices;
import dev.wfe.postgres.internal.connection.ServerRequirements;
import dev.wfe.postgres.internal.sql.StoreNames;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.hibernate.boot.Metadata;
import org.hibernate.boot.MetadataSources;
import org.hibernate.boot.registry.StandardServiceRegistry;
import org.hibernate.boot.registry.StandardServiceRegistryBuilder;
import org.hibernate.cfg.AvailableSettings;
import org.hibernate.tool.schema.Action;
import org.hibernate.tool.schema.spi.SchemaManagementException;
import org.hibernate.tool.schema.spi.SchemaManagementToolCoordinator;
import org.jspecify.annotations.Nullable;

/**
 * Compares the tables of a store with its entities: first with PostgreSQL's catalogue, in every
 * property that readers and writers depend on, and then with Hibernate's own validation. Not
 * thread-safe.
 */
final class StoreValidator implements AutoCloseable {
  private final StoreNames names;
  private final StandardServiceRegistry registry;
  private final Metadata metadata;

  StoreValidator(DataSource dataSource, StoreNames names) {
    this.names = names;
    registry =
        HibernateServices.with(
            Map.of(
                AvailableSettings.JAKARTA_NON_JTA_DATASOURCE,
                dataSource,
                AvailableSettings.PHYSICAL_NAMING_STRATEGY,
                new StoreNamingStrategy(names.schema(), names.prefix())));
    MetadataSources sources = new MetadataSources(registry);
    StoreEntities.ALL.forEach(sources::addAnnotatedClass);
    metadata = sources.buildMetadata();
  }

  static void validate(DataSource dataSource, StoreNames names) throws SQLException {
    try (Connection connection = dataSource.getConnection()) {
      ServerRequirements.requireSupportedServer(connection.getMetaData());
    }
    try (StoreValidator validator = new StoreValidator(dataSource, names)) {
      validator.compareWithCatalogue(dataSource);
      validator.compareWithHibernate();
    }
  }

  private void compareWithCatalogue(DataSource dataSource) throws SQLException {
    try (Connection connection = dataSource.getConnection()) {
      List<String> problems = problems(connection);
      if (!problems.isEmpty()) {
        throw failure(problems, null);
      }
    }
  }

  private void compareWithHibernate() {
    try {
      SchemaManagementToolCoordinator.process(
          metadata,
          registry,
          Map.of(AvailableSettings.JAKARTA_HBM2DDL_DATABASE_ACTION, Action.VALIDATE),
          ignored -> {});
    } catch (SchemaManagementException e) {
      throw failure(List.of(String.valueOf(e.getMessage())), e);
    }
  }

  /**
   * Returns the differences between catalogue and entities, as seen by this connection's
   * transaction.
   */
  List<String> problems(Connection connection) throws SQLException {
    List<ExpectedTable> expected = ExpectedTable.of(metadata);
    Map<String, ActualTable> found = ActualTable.all(connection, names);
    if (expected.stream().noneMatch(table -> found.containsKey(table.name()))) {
      throw new StoreSetupException(
          "There is no store in schema %s: it has none of the tables %s; call ensureStoreExists() to create them"
              .formatted(
                  names.schema(),
                  expected.stream()
                      .map(ExpectedTable::name)
                      .sorted()
                      .collect(Collectors.joining(", "))),
          null);
    }
    return TableComparison.problems(expected, found);
  }

  private StoreSetupException failure(List<String> problems, @Nullable Throwable cause) {
    return new StoreSetupException(
        "The tables of the store in schema %s differ from the expected ones"
            .formatted(names.schema()),
        problems,
        cause);
  }

  @Override
  public void close() {
    StandardServiceRegistryBuilder.destroy(registry);
  }
}
