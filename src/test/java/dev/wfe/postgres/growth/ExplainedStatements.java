package dev.wfe.postgres.growth;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.wfe.postgres.testing.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.sql.DataSource;
import net.ttddyy.dsproxy.support.ProxyDataSourceBuilder;

/**
 * A pool on whose connections the server tells how it ran each statement, those of triggers
 * included: the real ones with their real parameters.
 */
public final class ExplainedStatements implements AutoCloseable {
  private static final String EXPLAIN =
      """
      load 'auto_explain';
      set auto_explain.log_min_duration = 0;
      set auto_explain.log_analyze = on;
      set auto_explain.log_timing = off;
      set auto_explain.log_nested_statements = on;
      set auto_explain.log_format = json;
      set auto_explain.log_level = notice;
      set client_min_messages = notice;
      """;

  private static final ObjectMapper JSON = new ObjectMapper();

  private final HikariDataSource pool;
  private final List<Plan> plans = new CopyOnWriteArrayList<>();

  /** With further settings of each session. */
  public ExplainedStatements(TestDatabase database, String settings) {
    HikariConfig config = new HikariConfig();
    config.setDataSource(database.dataSource());
    config.setMaximumPoolSize(1);
    config.setConnectionInitSql(EXPLAIN + settings);
    pool = new HikariDataSource(config);
  }

  /** Through which statements have to go to be explained. */
  public DataSource dataSource() {
    return ProxyDataSourceBuilder.create(pool)
        .afterQuery((execution, queries) -> explain(execution.getStatement()))
        .build();
  }

  private void explain(Statement statement) {
    try {
      for (SQLWarning notice = statement.getWarnings();
          notice != null;
          notice = notice.getNextWarning()) {
        String message = String.valueOf(notice.getMessage());
        if (message.startsWith("duration: ")) {
          plans.add(new Plan(JSON.readTree(message.substring(message.indexOf('{')))));
        }
      }
    } catch (SQLException | JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The plans of what the work sends. */
  public List<Plan> of(Runnable work) {
    plans.clear();
    work.run();
    return List.copyOf(plans);
  }

  /** How many statements the session runs by a plan that it made once for all parameters. */
  int preparedWithAFixedPlan() {
    try (Connection connection = pool.getConnection();
        Statement statement = connection.createStatement();
        ResultSet count =
            statement.executeQuery(
                "select count(*) from pg_prepared_statements where generic_plans > 0")) {
      count.next();
      return count.getInt(1);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    pool.close();
  }
}
