package dev.wfe.postgres.internal.mapping;

import dev.wfe.model.WorkflowInstance;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Workflow instances as rows of {@code workflows}. */
public final class WorkflowRows {
  static final String TABLE = "workflows";

  private WorkflowRows() {}

  /** The columns of the instance, with its data. */
  public static Map<String, @Nullable Object> row(WorkflowInstance instance) {
    Map<String, @Nullable Object> row = rowWithoutData(instance);
    row.put("data", Json.text(instance.data()));
    return row;
  }

  /** The columns of the instance, all but its data. */
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
    row.put("next_execution", instance.nextExecution());
    row.put("create_time", Instants.text(instance.createTime()));
    row.put("complete_time", Instants.text(instance.completeTime()));
    return row;
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
