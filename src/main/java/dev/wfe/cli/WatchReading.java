package dev.wfe.cli;

import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.ErrorFilter;
import dev.wfe.persistence.PageRequest;
import dev.wfe.persistence.RowCount;
import dev.wfe.persistence.SortDirection;
import dev.wfe.persistence.StoredError;
import dev.wfe.persistence.TimeRange;
import dev.wfe.persistence.WorkflowFilter;
import dev.wfe.persistence.WorkflowQueries;
import dev.wfe.persistence.WorkflowSort;
import dev.wfe.persistence.WorkflowSummary;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The state of the store at one refresh. Each count is exact up to a bound. Immutable.
 *
 * @param time when it was read, by the clock of this machine
 * @param since when the previous refresh was read; null at the first one
 * @param statuses the number of workflows by status
 * @param due the number of due workflows that no host has leased
 * @param oldestDue the one that is due for the longest time, or null
 * @param leased the number of leased workflows
 * @param created the number of workflows created since the previous refresh; null at the first one
 * @param ended the number of workflows that ended since then; null at the first one
 * @param errors the latest errors
 */
record WatchReading(
    Instant time,
    @Nullable Instant since,
    Map<WorkflowStatus, RowCount> statuses,
    RowCount due,
    @Nullable WorkflowSummary oldestDue,
    RowCount leased,
    @Nullable RowCount created,
    @Nullable RowCount ended,
    List<StoredError> errors) {
  private static final int EXACT_UP_TO = 10_000;
  private static final int ERRORS = 10;
  private static final RowCount NONE = new RowCount(0, false);

  /** Reads the workflows that meet the filter, and the errors of its definition. */
  static WatchReading read(
      WorkflowQueries queries, WorkflowFilter filter, @Nullable Instant since) {
    Instant now = Instant.now();
    Map<WorkflowStatus, RowCount> statuses = new LinkedHashMap<>();
    Set<WorkflowStatus> wanted =
        filter.statuses().isEmpty() ? Set.of(WorkflowStatus.values()) : filter.statuses();
    for (WorkflowStatus status : WorkflowStatus.values()) {
      if (wanted.contains(status)) {
        statuses.put(status, count(queries, filter.toBuilder().status(status)));
      }
    }
    boolean anyLease = filter.lease().equals(WorkflowFilter.ALL.lease());
    boolean canBeDue = wanted.contains(WorkflowStatus.RUNNABLE) && !filter.unscheduled();
    WorkflowFilter.Builder due = filter.toBuilder().status(WorkflowStatus.RUNNABLE);
    due.due(narrowed(filter.nextExecution(), null, now));
    if (anyLease) {
      due.unleased();
    }
    WorkflowFilter.Builder leased = filter.toBuilder();
    if (anyLease) {
      leased.leased();
    }
    List<WorkflowSummary> first =
        canBeDue
            ? queries
                .findWorkflows(
                    due.build(),
                    new WorkflowSort(WorkflowSort.Column.NEXT_EXECUTION, SortDirection.ASCENDING),
                    PageRequest.first(1))
                .rows()
            : List.of();
    return new WatchReading(
        now,
        since,
        statuses,
        canBeDue ? count(queries, due) : NONE,
        first.isEmpty() ? null : first.get(0),
        count(queries, leased),
        since == null
            ? null
            : count(queries, filter.toBuilder().created(narrowed(filter.createTime(), since, now))),
        since == null
            ? null
            : count(
                queries, filter.toBuilder().completed(narrowed(filter.completeTime(), since, now))),
        queries
            .findErrors(
                new ErrorFilter(null, null, TimeRange.ANY, null, filter.definitionId()),
                SortDirection.DESCENDING,
                PageRequest.first(ERRORS))
            .rows());
  }

  private static RowCount count(WorkflowQueries queries, WorkflowFilter.Builder filter) {
    return queries.countWorkflows(filter.build(), EXACT_UP_TO);
  }

  /** The part of the range within the other bounds. */
  private static TimeRange narrowed(
      TimeRange range, @Nullable Instant from, @Nullable Instant until) {
    Instant begin =
        range.from() == null || (from != null && from.isAfter(range.from())) ? from : range.from();
    Instant end =
        range.until() == null || (until != null && until.isBefore(range.until()))
            ? until
            : range.until();
    return new TimeRange(begin, end);
  }

  /** The count; it begins with ~ if it is an estimate. */
  static String text(RowCount count) {
    return (count.estimated() ? "~" : "") + count.rows();
  }

  /** The values by name, for one line. */
  Map<String, String> values() {
    Map<String, String> values = new LinkedHashMap<>();
    values.put("time", time.toString());
    statuses.forEach((status, count) -> values.put(status.word(), text(count)));
    values.put("due", text(due));
    values.put("oldestDue", oldest());
    values.put("leased", text(leased));
    values.put("created", created == null ? "" : text(created));
    values.put("ended", ended == null ? "" : text(ended));
    values.put("latestError", errors.isEmpty() ? "" : errors.get(0).error().errorTime().toString());
    return values;
  }

  /** When the oldest due workflow was due; empty if none is due. */
  String oldest() {
    Object due = oldestDue == null ? null : ListWorkflows.due(oldestDue.nextExecution());
    return due == null ? "" : due.toString();
  }

  /** A count since the previous refresh, in each second. */
  String rate(@Nullable RowCount count) {
    if (since == null || count == null) {
      return "-";
    }
    double seconds = Math.max(1, time.toEpochMilli() - since.toEpochMilli()) / 1_000.0;
    return (count.estimated() ? "~" : "")
        + String.format(Locale.ROOT, "%.1f/s", count.rows() / seconds);
  }
}
