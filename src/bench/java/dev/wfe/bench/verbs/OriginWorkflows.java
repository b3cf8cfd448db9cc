package dev.wfe.bench.verbs;

import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.WorkflowInstance;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import javax.sql.DataSource;

/** The origin's statements on workflows. Thread-safe. */
final class OriginWorkflows {
  private final DataSource dataSource;
  private final String update;
  private final String deletePointers;
  private final String insert;
  private final String insertPointer;

  OriginWorkflows(DataSource dataSource, String schema) {
    this.dataSource = dataSource;
    this.update =
        """
        update %s.workflows set (%s, data, last_heartbeat_at) =
          row (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?::jsonb, now()) where id = ?
        """
            .formatted(schema, Values.WORKFLOW);
    this.deletePointers =
        "delete from %s.execution_pointers where workflow_id = ?".formatted(schema);
    this.insert =
        """
        insert into %s.workflows (%s, data, id)
          values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?::jsonb, ?)
        """
            .formatted(schema, Values.WORKFLOW);
    this.insertPointer =
        "insert into %s.execution_pointers (%s, id, workflow_id) values (%s, ?, ?)"
            .formatted(schema, Values.POINTER, Values.POINTER_PARAMETERS);
  }

  /** Updates the workflow, deletes all pointers, and inserts each. */
  WorkflowInstance persist(WorkflowInstance instance) throws SQLException {
    return transaction(
        connection -> {
          workflow(connection, update, instance);
          try (PreparedStatement statement = connection.prepareStatement(deletePointers)) {
            statement.setString(1, instance.id());
            statement.executeUpdate();
          }
          insertPointers(connection, instance);
          return instance;
        });
  }

  /** Inserts the workflow and each pointer. */
  WorkflowInstance create(WorkflowInstance instance) throws SQLException {
    return transaction(
        connection -> {
          workflow(connection, insert, instance);
          insertPointers(connection, instance);
          return instance;
        });
  }

  private static void workflow(Connection connection, String sql, WorkflowInstance instance)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      int at = Values.workflow(statement, 1, instance);
      statement.setString(at++, instance.data().toString());
      statement.setString(at, instance.id());
      if (statement.executeUpdate() != 1) {
        throw new IllegalStateException(instance.id());
      }
    }
  }

  private void insertPointers(Connection connection, WorkflowInstance instance)
      throws SQLException {
    for (ExecutionPointer pointer : instance.executionPointers()) {
      try (PreparedStatement statement = connection.prepareStatement(insertPointer)) {
        int at = Values.pointer(statement, 1, pointer);
        statement.setString(at++, pointer.id());
        statement.setString(at, instance.id());
        statement.executeUpdate();
      }
    }
  }

  /** Work in one transaction. */
  @FunctionalInterface
  private interface Work<T> {
    T on(Connection connection) throws SQLException;
  }

  private <T> T transaction(Work<T> work) throws SQLException {
    try (Connection connection = dataSource.getConnection()) {
      connection.setAutoCommit(false);
      T result = work.on(connection);
      connection.commit();
      connection.setAutoCommit(true);
      return result;
    }
  }
}
