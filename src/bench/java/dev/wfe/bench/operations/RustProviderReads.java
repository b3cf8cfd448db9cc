package dev.wfe.bench.operations;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** The Rust provider's statements for reading workflows. They find columns by name. Thread-safe. */
final class RustProviderReads {
  private final Jdbc jdbc;
  private final String byId;
  private final String byName;
  private final String pointers;

  RustProviderReads(DataSource dataSource, String schema) {
    this.jdbc = new Jdbc(dataSource);
    this.byId = "select * from %s.workflows where id = ?".formatted(schema);
    this.byName = "select * from %s.workflows where name = ?".formatted(schema);
    this.pointers = "select * from %s.execution_pointers where workflow_id = ?".formatted(schema);
  }

  ReadWorkflow byId(String id) throws SQLException {
    return get(byId, id);
  }

  ReadWorkflow byName(String name) throws SQLException {
    return get(byName, name);
  }

  /** Reads the workflows one after the other. */
  List<ReadWorkflow> byIds(List<String> ids) throws SQLException {
    List<ReadWorkflow> workflows = new ArrayList<>();
    for (String id : ids) {
      workflows.add(byId(id));
    }
    return workflows;
  }

  /** Reads the workflow and then its pointers, in two snapshots. */
  private ReadWorkflow get(String sql, String key) throws SQLException {
    List<ReadWorkflow.Pointer> found = new ArrayList<>();
    ReadWorkflow workflow =
        jdbc.query(
            sql,
            statement -> statement.setString(1, key),
            rows -> workflow(Jdbc.first(rows), found));
    jdbc.query(
        pointers,
        statement -> statement.setString(1, workflow.id()),
        rows -> {
          while (rows.next()) {
            found.add(pointer(rows));
          }
          return found;
        });
    return workflow;
  }

  private static ReadWorkflow workflow(ResultSet row, List<ReadWorkflow.Pointer> pointers)
      throws SQLException {
    return new ReadWorkflow(
        row.getString("id"),
        row.getString("name"),
        row.getString("root_workflow_id"),
        row.getString("definition_id"),
        row.getInt("version"),
        row.getString("description"),
        row.getString("reference"),
        row.getString("status"),
        Read.json(row, "data"),
        nextExecution(row),
        Read.time(row, "create_time"),
        Read.time(row, "complete_time"),
        null,
        null,
        pointers);
  }

  private static @Nullable Long nextExecution(ResultSet row) throws SQLException {
    long time = row.getLong("next_execution");
    return row.wasNull() ? null : time;
  }

  private static ReadWorkflow.Pointer pointer(ResultSet row) throws SQLException {
    return new ReadWorkflow.Pointer(
        row.getString("id"),
        null,
        row.getInt("step_id"),
        row.getBoolean("active"),
        row.getString("status"),
        Read.time(row, "sleep_until"),
        Read.json(row, "persistence_data"),
        Read.time(row, "start_time"),
        Read.time(row, "end_time"),
        row.getString("event_name"),
        row.getString("event_key"),
        row.getBoolean("event_published"),
        Read.json(row, "event_data"),
        row.getString("step_name"),
        row.getInt("retry_count"),
        Read.json(row, "children"),
        Read.json(row, "context_item"),
        row.getString("predecessor_id"),
        Read.json(row, "outcome"),
        Read.json(row, "scope"),
        Read.json(row, "extension_attributes"));
  }
}
