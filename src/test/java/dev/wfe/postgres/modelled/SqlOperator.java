package dev.wfe.postgres.modelled;

import dev.wfe.model.WorkflowStatus;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import javax.sql.DataSource;

/** An operator who changes rows by SQL. */
public final class SqlOperator implements CallContext.Operator {
  private final DataSource dataSource;

  public SqlOperator(DataSource dataSource) {
    this.dataSource = dataSource;
  }

  @Override
  public void setStatus(String workflowId, WorkflowStatus status) {
    execute(List.of("update wfc.workflows set status = ? where id = ?"), status.word(), workflowId);
  }

  /** The workflow is locked first, as by everybody. */
  @Override
  public void delete(String workflowId) {
    execute(
        List.of(
            "select from wfc.workflows where id = ? for update",
            "delete from wfc.execution_pointers where workflow_id = ?",
            "delete from wfc.workflows where id = ?"),
        workflowId);
  }

  /** In one transaction, each with all the parameters. */
  private void execute(List<String> statements, String... parameters) {
    try (Connection connection = dataSource.getConnection()) {
      connection.setAutoCommit(false);
      for (String sql : statements) {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
          for (int i = 0; i < parameters.length; i++) {
            statement.setString(i + 1, parameters[i]);
          }
          statement.execute();
        }
      }
      connection.commit();
    } catch (SQLException e) {
      throw new IllegalStateException("SQLState " + e.getSQLState(), e);
    }
  }
}
