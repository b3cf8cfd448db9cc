package dev.wfe.persistence;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Deletes what is no longer needed, and reads it for an export. {@code dev.wfe.retention} has a
 * purge and an export that call these operations again and again. Thread-safe.
 *
 * <p>A workflow is deleted with everything that belongs to it: its pointers, subscriptions, errors,
 * commands and its lease. Its id and name are free afterwards. Events stay, also those that only
 * its subscriptions covered. Its children and its parent stay; neither is told. A host that
 * executes it gets {@link NotFoundException} at its next write, and drops it.
 */
public interface RetentionRepository {
  /** The largest number of rows that one batch or page looks at. */
  int MAX_LIMIT = 10_000;

  /**
   * Deletes a workflow with everything that belongs to it, in one atomic write and one round trip.
   * It may be in any status, and it may be leased. It waits for a concurrent writer of the
   * workflow.
   *
   * <p>A subscription or error that is stored at the same moment without the workflow may stay; see
   * {@link PurgeTarget.Orphans}.
   *
   * @throws NotFoundException if no workflow has the id; not retryable
   * @throws UnknownOutcomeException if the connection broke during the commit. Calling again is
   *     safe: {@link NotFoundException} then says that the workflow is deleted
   */
  void deleteWorkflow(String id);

  /**
   * {@link #deleteWorkflow} by name.
   *
   * @throws NotFoundException if no workflow has the name; not retryable
   * @throws UnknownOutcomeException as {@link #deleteWorkflow}
   */
  void deleteWorkflowByName(String name);

  /**
   * Deletes one batch, in one transaction and one round trip. The batch looks at rows that are old
   * enough, oldest first, and deletes those that match the target. Rows that somebody else has
   * locked at this moment are left to a later purge. So calls do not wait for each other or for
   * hosts, and each row is deleted by one of them. After an interruption, begin with null again.
   *
   * <p>If the operation was retried after an ambiguous outcome, {@link PurgeBatch#deleted} may not
   * count what the first attempt deleted.
   *
   * @param limit how many rows it looks at, 1 to {@value #MAX_LIMIT}; fewer if the workflows have
   *     very many pointers
   * @param after {@link PurgeBatch#next} of the previous batch; null to start from the beginning
   * @throws InvalidValueException if a parameter is out of range; not retryable
   * @throws StoreUnavailableException if the database cannot be reached; retryable
   * @throws CallerTransactionException if it is called in a caller's transaction; not retryable
   */
  PurgeBatch purge(PurgeTarget target, int limit, @Nullable Position after);

  /**
   * Deletes what the records show, in one transaction and one round trip: those that still match
   * the target. Workflows that were written since they were read are kept. Of what belongs to a
   * workflow, only what its record shows is deleted. Otherwise as {@link #purge(PurgeTarget, int,
   * Position)}.
   *
   * @param target the target for which the records were read; not {@link PurgeTarget.Orphans}
   * @param records of {@link #getPurgeableRecords}; up to {@value #MAX_LIMIT}
   * @return how many workflows, events or errors were deleted
   * @throws InvalidValueException if a parameter is out of range; not retryable
   * @throws CallerTransactionException if it is called in a caller's transaction; not retryable
   */
  int purge(PurgeTarget target, List<StoredRecord> records);

  /**
   * How many rows match the target now, exact up to the limit. It changes nothing.
   *
   * @param limit at least 1; the largest number that is returned
   * @throws InvalidValueException if a parameter is out of range; not retryable
   */
  int getPurgeableCount(PurgeTarget target, int limit);

  /**
   * A page of what a purge would delete, in the order in which it would. Rows that cannot be read,
   * because another program stored an invalid value, are left out. A warning with the row's id is
   * logged.
   *
   * @param target not {@link PurgeTarget.Orphans}
   * @param limit how many rows it looks at; 1 to {@value #MAX_LIMIT}
   * @param maxBytes the page ends with the record with which the stored size of the data (as
   *     PostgreSQL compressed it) reaches this number of bytes; at least 1
   * @param after {@link RecordPage#next} of the previous page; null to start from the beginning
   * @throws InvalidValueException if a parameter is out of range; not retryable
   */
  RecordPage getPurgeableRecords(
      PurgeTarget target, int limit, long maxBytes, @Nullable Position after);

  /**
   * A page of all workflows, events or errors, by id. Otherwise as {@link #getPurgeableRecords}.
   * Each page is read by itself: what is stored meanwhile may be in the list or not.
   *
   * @param subject WORKFLOW, EVENT or ERROR
   * @throws InvalidValueException if a parameter is out of range; not retryable
   */
  RecordPage getRecords(Subject subject, int limit, long maxBytes, @Nullable Position after);
}
