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
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Builds workflows with their pointers from one result that contains the rows of both tables. The
 * first column is the revision; it is null in the rows of pointers. A workflow is unreadable as a
 * whole if one of its rows is. Not thread-safe.
 *
 * @param <T> what is built from a workflow with its pointers
 */
public final class InstanceRows<T> {
  /**
   * Reads further columns of a workflow's row.
   *
   * @param <T> what is built from a workflow with its pointers
   */
  @FunctionalInterface
  public interface Extras<T> {
    /** Returns the function that builds the result from the workflow with its pointers. */
    Function<StoredWorkflow, T> read(ResultSet row) throws SQLException;
  }

  /** A workflow without its pointers. */
  private record WorkflowRow<T>(
      String id,
      WorkflowInstance.Builder instance,
      String revision,
      Function<StoredWorkflow, T> build) {
    T with(List<PointerRow> pointers) {
      List<ExecutionPointer> ordered = new ArrayList<>(pointers.size());
      Positions positions = new Positions(pointers.size());
      for (PointerRow pointerRow : pointers) {
        if (pointerRow.position() != null) {
          positions.set(ordered.size(), pointerRow.position());
        }
        ordered.add(pointerRow.pointer());
      }
      return build.apply(
          new StoredWorkflow(instance.executionPointers(ordered).build(), revision, positions));
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

  private final ResultSet rows;
  private final Extras<T> extras;
  private final ResultColumns workflow;
  private final ResultColumns pointer;
  private final List<WorkflowRow<T>> workflows = new ArrayList<>();
  private final Map<String, List<PointerRow>> pointers = new HashMap<>();
  private final Map<String, UnreadableRowException> unreadable = new LinkedHashMap<>();

  /**
   * Prepares to read the result.
   *
   * @param workflowColumns the column indexes of a workflow
   * @param pointerColumns the column indexes of a pointer, including {@code workflow_id}
   * @param extras reads further columns of a workflow's row
   */
  public InstanceRows(
      ResultSet rows,
      Map<String, Integer> workflowColumns,
      Map<String, Integer> pointerColumns,
      Extras<T> extras) {
    this.rows = rows;
    this.extras = extras;
    workflow = ResultColumns.at(workflowColumns, rows, StoreFields.WORKFLOW.table());
    pointer = ResultColumns.at(pointerColumns, rows, StoreFields.POINTER.table());
  }

  /** Reads all rows of a result without further columns. */
  public static ReadRows<StoredWorkflow> read(
      ResultSet rows, Map<String, Integer> workflowColumns, Map<String, Integer> pointerColumns)
      throws SQLException {
    return new InstanceRows<>(rows, workflowColumns, pointerColumns, row -> Function.identity())
        .readAll();
  }

  /** Reads all rows of the result. */
  public ReadRows<T> readAll() throws SQLException {
    while (rows.next()) {
      add();
    }
    return result();
  }

  /** Reads the current row of the result. */
  public void add() throws SQLException {
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
        workflows.add(
            new WorkflowRow<>(
                row.id(), StoreFields.WORKFLOW.read(row), revision, extras.read(rows)));
      } catch (UnreadableRowException failure) {
        unreadable.put(row.id(), failure);
      }
    }
  }

  /** Returns the workflows that were read, with their pointers in order. */
  public ReadRows<T> result() {
    pointers.values().forEach(list -> list.sort(PointerRow.ORDER));
    List<T> readable =
        workflows.stream()
            .filter(workflowRow -> !unreadable.containsKey(workflowRow.id()))
            .map(
                workflowRow -> workflowRow.with(pointers.getOrDefault(workflowRow.id(), List.of())))
            .toList();
    return new ReadRows<>(readable, List.copyOf(unreadable.values()));
  }
}
