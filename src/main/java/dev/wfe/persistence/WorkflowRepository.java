package dev.wfe.persistence;

import dev.wfe.model.EventSubscription;
import dev.wfe.model.WorkflowInstance;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Stores workflow instances with their execution pointers. Thread-safe. */
public interface WorkflowRepository {
  /**
   * Stores a new instance and its pointers, in one atomic write.
   *
   * @param instance an empty id is replaced by a time-ordered UUID (version 7), an empty name by
   *     the id, an absent create time by the database's clock; its revision is ignored
   * @return the instance's id
   * @throws DuplicateException if the id, the name or a pointer's id is in use by any workflow; not
   *     retryable
   * @throws InvalidValueException if a field cannot be stored; not retryable
   */
  String createNewWorkflow(WorkflowInstance instance);

  /**
   * Replaces the stored instance by this value in one atomic write. Stored pointers that are
   * missing from the value are deleted; new ones are added. Also sets {@code last_heartbeat_at} to
   * the database's time.
   *
   * <p>If this revives a workflow that was Complete or Terminated, the events that are covered by
   * its existing subscriptions become unprocessed again.
   *
   * <p>A value with a revision is written only if nobody has updated the workflow since the value
   * was read (optimistic locking). A value without a revision replaces whatever is stored; if
   * another transaction is writing the workflow, the call waits for it. If the create time is
   * absent, the stored one is kept.
   *
   * @return the instance with its create time and its new revision, ready to be changed and
   *     persisted again
   * @throws NotFoundException if no workflow has the id; not retryable
   * @throws StaleRevisionException if another writer changed the workflow since it was read; not
   *     retryable, read it again
   * @throws DuplicateException if the name or a pointer's id is in use by another workflow; not
   *     retryable
   * @throws InvalidValueException if a field cannot be stored; not retryable
   */
  WorkflowInstance persistWorkflow(WorkflowInstance instance);

  /**
   * As {@link #persistWorkflow}, and stores the subscriptions in the same atomic write. Events that
   * a new subscription covers (same name and key, {@code eventTime} at or after {@code
   * subscribeAsOf}) become unprocessed again. So no event is lost when it is published while its
   * subscriber subscribes. When this returns, the oldest 1,000 events of each subscription, 10,000
   * in total, are unprocessed. Each call of {@link EventRepository#markEventProcessed} that the
   * subscription blocks replays the next 1,000.
   *
   * @param subscriptions an empty id is replaced by a time-ordered UUID (version 7)
   * @throws NotFoundException if no workflow has the id; not retryable
   * @throws StaleRevisionException if another writer changed the workflow since it was read; not
   *     retryable, read it again
   * @throws DuplicateException if the name, a pointer's id or a subscription's id is in use; not
   *     retryable
   * @throws InvalidValueException if a field cannot be stored; not retryable
   */
  PersistedWorkflow persistWorkflowWithSubscriptions(
      WorkflowInstance instance, List<EventSubscription> subscriptions);

  /**
   * Finds out whether the value is what is stored now. Call it after an {@link
   * UnknownOutcomeException} of {@link #persistWorkflow} or {@link
   * #persistWorkflowWithSubscriptions}, or after the {@link StaleRevisionException} of a repeated
   * call. The result is empty if another value is stored, if nothing is stored, or if the old
   * version is still stored. An empty result is not final: a write whose connection broke may still
   * arrive. To be certain, persist the value again, which either writes it or fails as stale, and
   * then call this.
   *
   * <p>Reads one consistent snapshot and waits for no lock. To find out whether the subscriptions
   * were stored, call {@link SubscriptionRepository#getSubscription}.
   *
   * @param instance the value as it was passed to the persist; an absent create time is not
   *     compared
   * @return the value with its stored revision, ready to be changed and persisted again; or empty
   * @throws InvalidValueException if the revision comes from a provider of another class; not
   *     retryable
   * @throws UnreadableRowException if a row, written by another program, cannot be read; not
   *     retryable
   */
  Optional<WorkflowInstance> findPersisted(WorkflowInstance instance);

  /**
   * The ids of all instances that are Runnable and whose {@code nextExecution} is at or before the
   * instant, earliest first, ties by id. For small results; otherwise use {@link
   * #getRunnableInstances(Instant, int)}.
   *
   * @param asAt any instant, by the caller's clock
   */
  List<String> getRunnableInstances(Instant asAt);

  /**
   * The first {@code limit} of {@link #getRunnableInstances(Instant)}.
   *
   * @param limit at least 1
   */
  List<String> getRunnableInstances(Instant asAt, int limit);

  /**
   * A page of {@link #getRunnableInstances(Instant)}: the first {@code limit} after a position. Use
   * it if more than {@code limit} instances may stay due for long, because the other forms always
   * begin with the earliest.
   *
   * <p>Instances that become due at or before the position are not returned until a page starts
   * from the beginning.
   *
   * @param limit at least 1
   * @param after {@link Page#next()} of the previous page; null to start from the beginning
   * @throws InvalidValueException if the position's time is null, or its id is null or not storable
   *     text; not retryable
   */
  Page getRunnableInstances(Instant asAt, int limit, @Nullable Position after);

  /**
   * The instance with all its pointers in order, read as one consistent snapshot.
   *
   * @throws NotFoundException if no workflow has the id; not retryable
   * @throws UnreadableRowException if a row, written by another program, cannot be read; not
   *     retryable
   */
  WorkflowInstance getWorkflowInstance(String id);

  /**
   * As {@link #getWorkflowInstance}, found by its name.
   *
   * @throws NotFoundException if no workflow has the name; not retryable
   * @throws UnreadableRowException if a row, written by another program, cannot be read; not
   *     retryable
   */
  WorkflowInstance getWorkflowInstanceByName(String name);

  /**
   * The instances with the ids, in the order of the ids and with the same repetitions, read as one
   * consistent snapshot in one round trip. Ids that do not exist are left out. An instance that
   * cannot be read, because another program stored an invalid value, is left out too. A warning
   * with the row's id is logged, and {@link #getWorkflowInstance} with this id throws the {@link
   * UnreadableRowException}.
   */
  List<WorkflowInstance> getWorkflowInstances(Collection<String> ids);

  /**
   * The next number of the definition: 1, 2, 3 and so on. No two calls of any hosts get the same
   * number. A failed call may leave a gap.
   *
   * @throws InvalidValueException if the definition's id cannot be stored; not retryable
   */
  long nextDefinitionSequence(String definitionId);
}
