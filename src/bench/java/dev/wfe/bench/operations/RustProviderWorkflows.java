package dev.wfe.bench.operations;

import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.WorkflowInstance;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import javax.sql.DataSource;

/** The Rust provider's statements for workflows. Thread-safe. */
final class RustProviderWorkflows {
  private final Jdbc jdbc;
  private final String update;
  private final String deletePointers;
  private final String insert;
  private final String insertPointer;
  private final String insertSubscription;

  RustProviderWorkflows(DataSource dataSource, String schema) {
    this.jdbc = new Jdbc(dataSource);
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
    this.insertSubscription =
        "insert into %s.event_subscriptions (%s) values (?, ?, ?, ?, ?, ?, ?, ?::jsonb)"
            .formatted(schema, Values.SUBSCRIPTION);
  }

  /** Updates the workflow, deletes all pointers, and inserts each. */
  WorkflowInstance persist(WorkflowInstance instance) throws SQLException {
    return persist(instance, List.of());
  }

  /** Does the same and inserts each subscription. */
  WorkflowInstance persist(WorkflowInstance instance, List<EventSubscription> subscriptions)
      throws SQLException {
    return jdbc.transaction(
        connection -> {
          workflow(connection, update, instance);
          Jdbc.update(
              connection, deletePointers, statement -> statement.setString(1, instance.id()));
          insertPointers(connection, instance);
          for (EventSubscription subscription : subscriptions) {
            Jdbc.update(
                connection,
                insertSubscription,
                statement -> Values.subscription(statement, 1, subscription));
          }
          return instance;
        });
  }

  /** Inserts the workflow and each pointer. */
  WorkflowInstance create(WorkflowInstance instance) throws SQLException {
    return jdbc.transaction(
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
}
