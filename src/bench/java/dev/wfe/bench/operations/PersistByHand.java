package dev.wfe.bench.operations;

import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.WorkflowInstance;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import javax.sql.DataSource;

/**
 * The baseline for persisting a changed pointer with optimistic locking: one statement, parameters
 * by position, unchanged pointers are not compared. Not thread-safe.
 */
final class PersistByHand {
  /** Updates the workflow's row if its version is the expected one. */
  static final String GUARD =
      """
      update wfc.workflows set (%s, last_heartbeat_at) =
        row (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, clock_timestamp())
      where id = ? and xmin = ?::xid and ctid = ?::tid
      returning id, xmin::text, ctid::text
      """
          .formatted(Values.WORKFLOW);

  /** Updates one pointer's row. */
  static final String WRITTEN =
      """
      update wfc.execution_pointers set (%s) = row (%s)
      where id = ? and workflow_id = (select id from guard)
      returning 1
      """
          .formatted(Values.POINTER, Values.POINTER_PARAMETERS);

  private static final String PERSIST =
      """
      with guard as (%s), written as (%s)
      select xmin, ctid, (select count(*) from written) from guard
      """
          .formatted(GUARD, WRITTEN);

  private final Jdbc jdbc;
  private final Versions versions;

  PersistByHand(DataSource dataSource, List<WorkflowInstance> instances) throws SQLException {
    this.jdbc = new Jdbc(dataSource);
    this.versions = new Versions(jdbc, instances);
  }

  WorkflowInstance persist(WorkflowInstance stepped, int step) throws SQLException {
    ExecutionPointer changed =
        stepped.executionPointers().get(step % stepped.executionPointers().size());
    return jdbc.query(
        PERSIST,
        statement -> bind(statement, 1, stepped, versions.of(stepped.id()), changed),
        row -> {
          Jdbc.require(row.next() && row.getInt(3) == 1, "Stale");
          versions.set(stepped.id(), row.getString(1), row.getString(2));
          return stepped;
        });
  }

  /** Sets the parameters of {@link #GUARD} and {@link #WRITTEN}; returns the next position. */
  static int bind(
      PreparedStatement statement,
      int first,
      WorkflowInstance stepped,
      Versions.Version version,
      ExecutionPointer changed)
      throws SQLException {
    int at = Values.workflow(statement, first, stepped);
    statement.setString(at++, stepped.id());
    statement.setString(at++, version.xmin());
    statement.setString(at++, version.ctid());
    at = Values.pointer(statement, at, changed);
    statement.setString(at++, changed.id());
    return at;
  }
}
