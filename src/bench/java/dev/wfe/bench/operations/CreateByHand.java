package dev.wfe.bench.operations;

import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.WorkflowInstance;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Collections;
import javax.sql.DataSource;

/**
 * The baseline for creating an instance with its pointers: two inserts in one round trip and one
 * transaction, parameters by position. An id or name that is in use violates the constraint of its
 * column. Thread-safe.
 */
final class CreateByHand {
  private static final String WORKFLOW =
      """
      insert into wfc.workflows (%s, data, id)
        values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?::jsonb, ?);
      """
          .formatted(Values.WORKFLOW);

  private static final String POINTERS =
      "insert into wfc.execution_pointers (%s, id, workflow_id, position) values "
          .formatted(Values.POINTER);

  private static final String POINTER = "(%s, ?, ?, ?)".formatted(Values.POINTER_PARAMETERS);

  private final DataSource dataSource;

  CreateByHand(DataSource dataSource) {
    this.dataSource = dataSource;
  }

  WorkflowInstance create(WorkflowInstance instance) throws SQLException {
    int count = instance.executionPointers().size();
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement = connection.prepareStatement(sql(count))) {
      int at = Values.workflow(statement, 1, instance);
      statement.setString(at++, instance.data().toString());
      statement.setString(at++, instance.id());
      int position = 0;
      for (ExecutionPointer pointer : instance.executionPointers()) {
        at = Values.pointer(statement, at, pointer);
        statement.setString(at++, pointer.id());
        statement.setString(at++, instance.id());
        statement.setLong(at++, ++position);
      }
      statement.execute();
      Jdbc.require(statement.getUpdateCount() == 1, "No workflow");
      statement.getMoreResults();
      Jdbc.require(statement.getUpdateCount() == count, "Pointers are missing");
      return instance;
    }
  }

  private static String sql(int pointers) {
    return WORKFLOW + POINTERS + String.join(", ", Collections.nCopies(pointers, POINTER));
  }
}
