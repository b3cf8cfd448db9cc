package dev.wfe.bench.verbs;

import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.WorkflowInstance;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;

/**
 * The least that persists a changed pointer and refuses a stale write: one statement, parameters by
 * position, no look at what did not change. Not thread-safe.
 */
final class PersistByHand {
  private static final String PERSIST =
      """
      with guard as (
        update wfc.workflows set (%s, last_heartbeat_at) =
          row (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, clock_timestamp())
        where id = ? and xmin = ?::xid and ctid = ?::tid
        returning id, xmin::text, ctid::text
      ), written as (
        update wfc.execution_pointers set (%s) = row (%s)
        where id = ? and workflow_id = (select id from guard)
        returning 1
      )
      select xmin, ctid, (select count(*) from written) from guard
      """
          .formatted(Values.WORKFLOW, Values.POINTER, Values.POINTER_PARAMETERS);

  private final DataSource dataSource;
  private final Map<String, Version> versions = new HashMap<>();

  private record Version(String xmin, String ctid) {}

  PersistByHand(DataSource dataSource, List<WorkflowInstance> instances) throws SQLException {
    this.dataSource = dataSource;
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement =
            connection.prepareStatement("select xmin, ctid from wfc.workflows where id = ?")) {
      for (WorkflowInstance instance : instances) {
        statement.setString(1, instance.id());
        try (ResultSet row = statement.executeQuery()) {
          row.next();
          versions.put(instance.id(), new Version(row.getString(1), row.getString(2)));
        }
      }
    }
  }

  WorkflowInstance persist(WorkflowInstance stepped, int step) throws SQLException {
    ExecutionPointer changed =
        stepped.executionPointers().get(step % stepped.executionPointers().size());
    Version version = versions.get(stepped.id());
    if (version == null) {
      throw new IllegalArgumentException(stepped.id());
    }
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement = connection.prepareStatement(PERSIST)) {
      int at = Values.workflow(statement, 1, stepped);
      statement.setString(at++, stepped.id());
      statement.setString(at++, version.xmin());
      statement.setString(at++, version.ctid());
      at = Values.pointer(statement, at, changed);
      statement.setString(at, changed.id());
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next() || row.getInt(3) != 1) {
          throw new IllegalStateException("Stale: " + stepped.id());
        }
        versions.put(stepped.id(), new Version(row.getString(1), row.getString(2)));
        return stepped;
      }
    }
  }
}
