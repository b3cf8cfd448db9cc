package dev.wfe.postgres.internal.mapping;

import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.UnreadableRowException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Builds workflows with their pointers from one result that contains the rows of both tables.
 * Thread-safe.
 */
public final class InstanceRows {
  /** A workflow without its pointers. */
  private record WorkflowRow(String id, WorkflowInstance.Builder instance, String revision) {
    StoredWorkflow with(List<PointerRow> pointers) {
      List<ExecutionPointer> ordered = new ArrayList<>(pointers.size());
      Positions positions = new Positions(pointers.size());
      for (PointerRow pointerRow : pointers) {
        if (pointerRow.position() != null) {
          positions.set(ordered.size(), pointerRow.position());
        }
        ordered.add(pointerRow.pointer());
      }
      return new StoredWorkflow(instance.executionPointers(ordered).build(), revision, positions);
    }
  }

  /**
   * A pointer with its position in the workflow. Rows without a position sort first, in the order
   * in which the server returns them, which is usually the insertion order.
   */
  private record PointerRow(@Nullable Long position, ExecutionPointer pointer) {
    static final Comparator<PointerRow> ORDER =
        Comparator.comparing(
            PointerRow::position, Comparator.nullsFirst(Comparator.naturalOrder()));
  }

  private static final int REVISION = 1;

  private InstanceRows() {}

  /**
   * Reads the workflows of the result, with their pointers in order. The first column is the
   * revision; it is null in the rows of pointers. A workflow is unreadable as a whole if one of its
   * rows is.
   *
   * @param workflowColumns the column indexes of a workflow
   * @param pointerColumns the column indexes of a pointer, including {@code workflow_id}
   */
  public static ReadRows<StoredWorkflow> read(
      ResultSet rows, Map<String, Integer> workflowColumns, Map<String, Integer> pointerColumns)
      throws SQLException {
    ResultColumns workflow = ResultColumns.at(workflowColumns, rows, StoreFields.WORKFLOW.table());
    ResultColumns pointer = ResultColumns.at(pointerColumns, rows, StoreFields.POINTER.table());
    List<WorkflowRow> workflows = new ArrayList<>();
    Map<String, List<PointerRow>> pointers = new HashMap<>();
    Map<String, UnreadableRowException> unreadable = new LinkedHashMap<>();
    while (rows.next()) {
      String revision = rows.getString(REVISION);
      if (revision == null) {
        ResultSetRow row = pointer.row();
        String owner = row.text("workflow_id");
        try {
          PointerRow pointerRow =
              new PointerRow(row.optionalBigint("position"), StoreFields.POINTER.read(row).build());
          pointers.computeIfAbsent(owner, id -> new ArrayList<>()).add(pointerRow);
        } catch (UnreadableRowException failure) {
          unreadable.putIfAbsent(owner, failure);
        }
      } else {
        ResultSetRow row = workflow.row();
        try {
          workflows.add(new WorkflowRow(row.id(), StoreFields.WORKFLOW.read(row), revision));
        } catch (UnreadableRowException failure) {
          unreadable.put(row.id(), failure);
        }
      }
    }
    pointers.values().forEach(list -> list.sort(PointerRow.ORDER));
    List<StoredWorkflow> readable =
        workflows.stream()
            .filter(workflowRow -> !unreadable.containsKey(workflowRow.id()))
            .map(
                workflowRow -> workflowRow.with(pointers.getOrDefault(workflowRow.id(), List.of())))
            .toList();
    return new ReadRows<>(readable, List.copyOf(unreadable.values()));
  }
}
