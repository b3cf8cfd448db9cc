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

/** Workflows with their pointers, from the rows of both in one result. */
public final class InstanceRows {
  /** A workflow without its pointers. */
  private record Found(String id, WorkflowInstance.Builder instance, String revision) {
    StoredWorkflow with(List<Placed> pointers) {
      List<ExecutionPointer> ordered = new ArrayList<>(pointers.size());
      Positions positions = new Positions(pointers.size());
      for (Placed placed : pointers) {
        if (placed.position() != null) {
          positions.set(ordered.size(), placed.position());
        }
        ordered.add(placed.pointer());
      }
      return new StoredWorkflow(instance.executionPointers(ordered).build(), revision, positions);
    }
  }

  /**
   * A pointer, and where it stands in its workflow. Rows that never got a position come first, in
   * the order in which the table gives them: mostly that in which they were inserted.
   */
  private record Placed(@Nullable Long position, ExecutionPointer pointer) {
    static final Comparator<Placed> ORDER =
        Comparator.comparing(Placed::position, Comparator.nullsFirst(Comparator.naturalOrder()));
  }

  private static final int REVISION = 1;

  private InstanceRows() {}

  /**
   * The workflows of the result, with their pointers in order. Its first column is the revision,
   * which a pointer's row does not have. A workflow is unreadable as a whole when one of its rows
   * is.
   *
   * @param workflowPlaces where the columns of a workflow stand
   * @param pointerPlaces where the columns of a pointer stand, {@code workflow_id} among them
   */
  public static ReadRows<StoredWorkflow> read(
      ResultSet rows, Map<String, Integer> workflowPlaces, Map<String, Integer> pointerPlaces)
      throws SQLException {
    ResultColumns workflow = ResultColumns.at(workflowPlaces, rows, StoreFields.WORKFLOW.table());
    ResultColumns pointer = ResultColumns.at(pointerPlaces, rows, StoreFields.POINTER.table());
    List<Found> workflows = new ArrayList<>();
    Map<String, List<Placed>> pointers = new HashMap<>();
    Map<String, UnreadableRowException> unreadable = new LinkedHashMap<>();
    while (rows.next()) {
      String revision = rows.getString(REVISION);
      if (revision == null) {
        ResultSetRow row = pointer.row();
        String owner = row.text("workflow_id");
        try {
          Placed placed =
              new Placed(row.optionalBigint("position"), StoreFields.POINTER.read(row).build());
          pointers.computeIfAbsent(owner, id -> new ArrayList<>()).add(placed);
        } catch (UnreadableRowException failure) {
          unreadable.putIfAbsent(owner, failure);
        }
      } else {
        ResultSetRow row = workflow.row();
        try {
          workflows.add(new Found(row.id(), StoreFields.WORKFLOW.read(row), revision));
        } catch (UnreadableRowException failure) {
          unreadable.put(row.id(), failure);
        }
      }
    }
    pointers.values().forEach(list -> list.sort(Placed.ORDER));
    List<StoredWorkflow> readable =
        workflows.stream()
            .filter(found -> !unreadable.containsKey(found.id()))
            .map(found -> found.with(pointers.getOrDefault(found.id(), List.of())))
            .toList();
    return new ReadRows<>(readable, List.copyOf(unreadable.values()));
  }
}
