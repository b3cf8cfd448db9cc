package dev.wfe.cli;

import dev.wfe.persistence.CursoredPage;
import dev.wfe.persistence.PageRequest;
import dev.wfe.persistence.RowCount;
import dev.wfe.persistence.WorkflowQueries;
import dev.wfe.persistence.WorkflowSort;
import dev.wfe.persistence.WorkflowSummary;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Lists workflows. */
@Command(
    name = "list",
    description = {"Lists the workflows that meet all conditions, the newest first.", ""})
final class ListWorkflows extends ListCommand<WorkflowSummary> {
  static final List<Column<WorkflowSummary>> COLUMNS =
      List.of(
          Column.of("id", WorkflowSummary::id),
          Column.of("name", workflow -> same(workflow) ? null : workflow.name()),
          Column.of("definition", WorkflowSummary::workflowDefinitionId),
          Column.of("version", WorkflowSummary::version),
          Column.of("status", workflow -> workflow.status().word()),
          Column.of("due", workflow -> due(workflow.nextExecution())),
          Column.of("created", WorkflowSummary::createTime),
          Column.of("ended", WorkflowSummary::completeTime),
          Column.of("leasedBy", ListWorkflows::owner),
          Column.of("reference", WorkflowSummary::reference));

  /** The columns by which the list can be sorted. */
  enum Sort {
    ID(WorkflowSort.Column.ID),
    NAME(WorkflowSort.Column.NAME),
    CREATED(WorkflowSort.Column.CREATE_TIME),
    ENDED(WorkflowSort.Column.COMPLETE_TIME),
    DUE(WorkflowSort.Column.NEXT_EXECUTION);

    private final WorkflowSort.Column column;

    Sort(WorkflowSort.Column column) {
      this.column = column;
    }
  }

  @Mixin private final WorkflowSelection selection = new WorkflowSelection();

  @Option(
      names = "--sort",
      paramLabel = "COLUMN",
      order = 80,
      description = "id, name, created, ended or due: the least or earliest first")
  private @Nullable Sort sort;

  @Option(names = "--reverse", order = 81, description = "the other way round")
  private boolean reverse;

  @Override
  List<Column<WorkflowSummary>> columns() {
    return COLUMNS;
  }

  @Override
  void checkArguments() {
    super.checkArguments();
    selection.filter();
  }

  @Override
  CursoredPage<WorkflowSummary> page(WorkflowQueries queries, PageRequest page) {
    return queries.findWorkflows(selection.filter(), sort(), page);
  }

  @Override
  RowCount count(WorkflowQueries queries, int exactUpTo) {
    return queries.countWorkflows(selection.filter(), exactUpTo);
  }

  private WorkflowSort sort() {
    return sort == null
        ? new WorkflowSort(WorkflowSort.Column.CREATE_TIME, direction(!reverse))
        : new WorkflowSort(sort.column, direction(reverse));
  }

  private static boolean same(WorkflowSummary workflow) {
    return workflow.name().equals(workflow.id());
  }

  private static @Nullable String owner(WorkflowSummary workflow) {
    return workflow.lease() == null ? null : workflow.lease().owner();
  }

  /** What {@code nextExecution} means. */
  static @Nullable Object due(@Nullable Long epochMillis) {
    if (epochMillis == null) {
      return null;
    }
    return epochMillis <= 0 ? "now" : time(epochMillis);
  }

  /** The time, or the number if it is no time that can be written. */
  static Object time(long epochMillis) {
    Instant time = Instant.ofEpochMilli(epochMillis);
    return time.isAfter(Instant.parse("9999-12-31T23:59:59Z")) || epochMillis < 0
        ? Long.toString(epochMillis)
        : time;
  }
}
