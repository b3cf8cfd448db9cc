package dev.wfe.postgres.internal.mapping;

import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.WorkflowInstance;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Workflow instances as rows of {@code workflows}, each followed by those of its pointers. */
public final class WorkflowRows {
  static final String TABLE = "workflows";

  private static final int WORKFLOW_KIND = 0;

  private WorkflowRows() {}

  /** The columns of the instance, with its data. */
  public static Map<String, @Nullable Object> row(WorkflowInstance instance) {
    Map<String, @Nullable Object> row = rowWithoutData(instance);
    row.put("data", Json.text(instance.data()));
    return row;
  }

  /** The columns of the instance, with SQL NULL for its data. */
  public static Map<String, @Nullable Object> rowWithoutData(WorkflowInstance instance) {
    Map<String, @Nullable Object> row = new HashMap<>();
    row.put("id", instance.id());
    row.put("name", instance.name());
    row.put("root_workflow_id", instance.rootWorkflowId());
    row.put("definition_id", instance.workflowDefinitionId());
    row.put("version", instance.version());
    row.put("description", instance.description());
    row.put("reference", instance.reference());
    row.put("status", instance.status().word());
    row.put("data", null);
    row.put("next_execution", instance.nextExecution());
    row.put("create_time", Instants.text(instance.createTime()));
    row.put("complete_time", Instants.text(instance.completeTime()));
    return row;
  }

  /** Every workflow of the result: one row of its own, then those of its pointers in order. */
  public static List<StoredWorkflow> read(ResultSet rows) throws SQLException {
    ResultColumns workflow = new ResultColumns(rows, TABLE, "w_");
    ResultColumns pointer = new ResultColumns(rows, PointerRows.TABLE, "p_");
    int kind = rows.findColumn("kind");
    List<StoredWorkflow> workflows = new ArrayList<>();
    boolean more = rows.next();
    while (more) {
      WorkflowInstance.Builder instance = read(workflow.row());
      String xmin = rows.getString("xmin");
      String ctid = rows.getString("ctid");
      List<ExecutionPointer> pointers = new ArrayList<>();
      List<@Nullable Long> positions = new ArrayList<>();
      more = rows.next();
      while (more && rows.getInt(kind) != WORKFLOW_KIND) {
        ResultSetRow row = pointer.row();
        pointers.add(PointerRows.read(row));
        positions.add(row.optionalBigint(PointerRows.POSITION));
        more = rows.next();
      }
      workflows.add(
          new StoredWorkflow(instance.executionPointers(pointers).build(), xmin, ctid, positions));
    }
    return workflows;
  }

  /** The instance in the row, without its pointers. */
  static <X extends Exception> WorkflowInstance.Builder read(Row<X> row) throws X {
    return WorkflowInstance.builder(row.text("definition_id"), row.integer("version"))
        .id(row.id())
        .name(row.text("name"))
        .rootWorkflowId(row.optionalText("root_workflow_id"))
        .description(row.optionalText("description"))
        .reference(row.optionalText("reference"))
        .nextExecution(row.optionalBigint("next_execution"))
        .status(row.word("status", Words::workflowStatus))
        .data(row.json("data"))
        .createTime(row.instant("create_time"))
        .completeTime(row.optionalInstant("complete_time"));
  }
}
