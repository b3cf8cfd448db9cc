package dev.wfe.persistence;

import dev.wfe.model.ScheduledCommand;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds what is stored: for operators, lists and reports, not for hosts. Changes nothing.
 *
 * <p>Lists come in pages. A page continues after the last row of the previous one, so a late page
 * costs as much as the first. Rows that are added, changed or deleted between two pages can be
 * missing or appear twice; all others appear once. A page is read in one or two statements, each a
 * snapshot of its own. No list reads JSON payloads.
 *
 * <p>A row that cannot be read, because another program stored an invalid value, is left out. A
 * warning with the row's id is logged.
 *
 * <p>Every operation throws a {@link StoreUnavailableException} if the database cannot be reached,
 * and an {@link InvalidValueException} if an argument is null or a cursor is none of the same
 * filter and sort. The first is retryable, the second is not. They may be called in a caller's
 * transaction, and then see what it has written. Thread-safe.
 */
public interface WorkflowQueries {
  /** The highest bound up to which rows are counted exactly. */
  int MAX_EXACT_COUNT = 1_000_000;

  /** The largest number of {@link ErrorCount}s of one answer. */
  int MAX_ERROR_COUNTS = 1_000;

  /** A page of the workflows that meet the filter. */
  CursoredPage<WorkflowSummary> findWorkflows(
      WorkflowFilter filter, WorkflowSort sort, PageRequest page);

  /**
   * How many workflows meet the filter.
   *
   * @param exactUpTo the count is exact if there are at most so many, otherwise an estimate of the
   *     database's planner; 0 to {@value #MAX_EXACT_COUNT}
   */
  RowCount countWorkflows(WorkflowFilter filter, int exactUpTo);

  /** A page of the events that meet the filter, by time, ties by id. */
  CursoredPage<EventSummary> findEvents(
      EventFilter filter, SortDirection direction, PageRequest page);

  /**
   * How many events meet the filter.
   *
   * @param exactUpTo as in {@link #countWorkflows}
   */
  RowCount countEvents(EventFilter filter, int exactUpTo);

  /** A page of the subscriptions that meet the filter, by id. */
  CursoredPage<SubscriptionSummary> findSubscriptions(
      SubscriptionFilter filter, SortDirection direction, PageRequest page);

  /**
   * How many subscriptions meet the filter.
   *
   * @param exactUpTo as in {@link #countWorkflows}
   */
  RowCount countSubscriptions(SubscriptionFilter filter, int exactUpTo);

  /** A page of the commands that meet the filter, by the time when they are due. */
  CursoredPage<ScheduledCommand> findCommands(
      CommandFilter filter, SortDirection direction, PageRequest page);

  /**
   * How many commands meet the filter.
   *
   * @param exactUpTo as in {@link #countWorkflows}
   */
  RowCount countCommands(CommandFilter filter, int exactUpTo);

  /**
   * A page of the errors that meet the filter, by time, ties by id. {@link
   * SortDirection#DESCENDING} gives the newest first.
   */
  CursoredPage<StoredError> findErrors(
      ErrorFilter filter, SortDirection direction, PageRequest page);

  /**
   * How many errors meet the filter.
   *
   * @param exactUpTo as in {@link #countWorkflows}
   */
  RowCount countErrors(ErrorFilter filter, int exactUpTo);

  /**
   * How often errors occurred, by definition and message, the most frequent first. Reads every
   * error that meets the filter, so a filter by time bounds the cost.
   *
   * @param limit the largest number of results, 1 to {@value #MAX_ERROR_COUNTS}
   * @throws InvalidValueException if the limit is out of range; not retryable
   */
  List<ErrorCount> countErrorsByMessage(ErrorFilter filter, int limit);

  /**
   * How much of the limits that hold for a workflow others use now: the workflows of its
   * definition, all versions together. It counts what claims under limits count ({@link
   * LeaseRepository#claimWorkflows}), so it reads the leases of the definition that were taken
   * under limits, and the claims of the period.
   *
   * @param workflowId the id of the workflow; its own lease is not counted, its claims are
   * @param period the period of a rate, which ends now, by the database's clock; 1 millisecond to
   *     {@value ClaimLimits#MAX_PERIOD_DAYS} days; null for none
   * @throws NotFoundException if there is no such workflow; not retryable
   * @throws InvalidValueException if the id is null, or a parameter is out of range; not retryable
   */
  LimitUsage getLimitUsage(String workflowId, @Nullable Duration period);
}
