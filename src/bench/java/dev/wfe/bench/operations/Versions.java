package dev.wfe.bench.operations;

import dev.wfe.model.WorkflowInstance;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The row versions of workflows that one thread has read. Not thread-safe. */
final class Versions {
  private final Map<String, Version> versions = new HashMap<>();

  /** The version of a row in PostgreSQL. */
  record Version(String xmin, String ctid) {}

  Versions(Jdbc jdbc, List<WorkflowInstance> instances) throws SQLException {
    for (WorkflowInstance instance : instances) {
      versions.put(
          instance.id(),
          jdbc.query(
              "select xmin, ctid from wfc.workflows where id = ?",
              statement -> statement.setString(1, instance.id()),
              rows -> new Version(Jdbc.first(rows).getString(1), rows.getString(2))));
    }
  }

  Version of(String id) {
    return Objects.requireNonNull(versions.get(id));
  }

  void set(String id, String xmin, String ctid) {
    versions.put(id, new Version(xmin, ctid));
  }
}
