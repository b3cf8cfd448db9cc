package dev.wfe.postgres.contract;

import dev.wfe.model.ExecutionError;
import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.tck.StoreUnderTest;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;

/** Two hosts on one database. */
public final class PostgresStore implements StoreUnderTest, AutoCloseable {
  private final TestDatabase database;
  private final PostgresPersistenceProvider provider;
  private final PostgresPersistenceProvider anotherHost;

  /** As hosts with the options open it. */
  public PostgresStore(TestDatabase database, PostgresOptions options) {
    this(database, database.url(), options);
  }

  /** Whose hosts reach the database by the URL. */
  PostgresStore(TestDatabase database, String url, PostgresOptions options) {
    this.database = database;
    provider = PostgresPersistenceProvider.connect(url, options);
    anotherHost = PostgresPersistenceProvider.connect(url, options);
    provider.ensureStoreExists();
  }

  @Override
  public PostgresPersistenceProvider provider() {
    return provider;
  }

  @Override
  public PostgresPersistenceProvider anotherHost() {
    return anotherHost;
  }

  @Override
  public void empty() {
    database.emptyStore(provider.options().schema());
  }

  /** As a statement names it. */
  String table(String name) {
    PostgresOptions options = provider.options();
    return "\"%s\".\"%s%s\"".formatted(options.schema(), options.tablePrefix(), name);
  }

  @Override
  public List<ExecutionError> storedErrors(String workflowId) {
    String sql =
        "select error_time, workflow_id, execution_pointer_id, message from %s where workflow_id = ?::text"
            .formatted(table("execution_errors"));
    try (Connection connection = database.dataSource().getConnection();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, workflowId);
      try (ResultSet rows = statement.executeQuery()) {
        List<ExecutionError> errors = new ArrayList<>();
        while (rows.next()) {
          errors.add(
              new ExecutionError(
                  rows.getObject(1, OffsetDateTime.class).toInstant(),
                  rows.getString(2),
                  rows.getString(3),
                  rows.getString(4)));
        }
        return errors;
      }
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }

  @Override
  public void close() {
    provider.close();
    anotherHost.close();
  }
}
