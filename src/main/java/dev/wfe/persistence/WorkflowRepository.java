package dev.wfe.persistence;

import dev.wfe.model.EventSubscription;
import dev.wfe.model.WorkflowInstance;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Keeps workflow instances with their execution pointers. Thread-safe. */
public interface WorkflowRepository {
  /**
   * Stores a new instance and its pointers, in one atomic write.
   *
   * @param instance an empty id is replaced by a time-ordered UUID (version 7), an empty name by
   *     the id, an absent create time by the database's clock; its revision is not looked at
   * @return the instance's id
   * @throws DuplicateException if the id or the name is taken, or a pointer's id, by whichever
   *     workflow; not retryable
   * @throws InvalidValueException if a field cannot be stored; not retryable
   */
  String createNewWorkflow(WorkflowInstance instance);

  /**
   * Replaces what is stored of the instance by this value, in one atomic write: pointers that it
   * does not have are gone, new ones are there. Also notes the time in {@code last_heartbeat_at}.
   *
   * <p>If this revives a workflow that was Complete or Terminated, the events that its
   * subscriptions cover are unprocessed again, as if it subscribed anew.
   *
   * <p>A value with a revision is written only if no writer has updated the workflow since it was
   * read. A value without one, built by hand, waits for a writer that is at it and replaces
   * whatever is there. An absent create time leaves the stored one.
   *
   * @return the instance with its create time and its new revision, ready to be changed and
   *     persisted again
   * @throws NotFoundException if no workflow has the id; not retryable
   * @throws StaleRevisionException if another writer was there first; read it again
   * @throws DuplicateException if the name, or a pointer's id, belongs to another workflow; not
   *     retryable
   * @throws InvalidValueException if a field cannot be stored; not retryable
   */
  WorkflowInstance persistWorkflow(WorkflowInstance instance);

  /**
   * As {@link #persistWorkflow}, and stores the subscriptions, all or nothing. Events that a new
   * subscription covers (same name and key, {@code eventTime} at or after {@code subscribeAsOf})
   * are unprocessed again, so that none is lost to a race between publishing and subscribing: the
   * oldest 1,000 of each subscription, and 10,000 in all, when this returns, and the next ones each
   * time that {@link EventRepository#markEventProcessed} is refused because of the subscription.
   *
   * @param subscriptions an empty id is replaced by a time-ordered UUID (version 7)
   * @throws NotFoundException if no workflow has the id; not retryable
   * @throws StaleRevisionException if another writer was there first; read it again
   * @throws DuplicateException if the name, a pointer's id or a subscription's id is taken; not
   *     retryable
   * @throws InvalidValueException if a field cannot be stored; not retryable
   */
  PersistedWorkflow persistWorkflowWithSubscriptions(
      WorkflowInstance instance, List<EventSubscription> subscriptions);

  /**
   * Whether a value that was to be persisted is what the store holds now: what to ask after an
   * {@link UnknownOutcomeException} of {@link #persistWorkflow} or {@link
   * #persistWorkflowWithSubscriptions}, or after the {@link StaleRevisionException} of a
   * repetition. Empty when something else is stored, or nothing, or still the very version that the
   * value's revision names. A write whose connection broke may arrive yet: to be certain, persist
   * the value again, which then is either written or refused as stale, and ask after that.
   *
   * <p>Reads as of one moment and waits for nobody. Subscriptions that were to be stored with it
   * are looked for with {@link SubscriptionRepository#getSubscription}.
   *
   * @param instance the value as it was given to be persisted; an absent create time is not
   *     compared
   * @return the value with the revision that it has in the store, ready to go on from
   * @throws InvalidValueException if another kind of store gave its revision; not retryable
   * @throws UnreadableRowException if another program wrote what cannot be read; not retryable
   */
  Optional<WorkflowInstance> findPersisted(WorkflowInstance instance);

  /**
   * The ids of all instances that are Runnable and whose {@code nextExecution} is at or before the
   * instant, earliest first. For small answers; see {@link #getRunnableInstances(Instant, int)}.
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
   * A page of {@link #getRunnableInstances(Instant)}: the first {@code limit} behind a position.
   * Use it where more than {@code limit} may be due for long, because the other forms always begin
   * with the earliest.
   *
   * <p>Instances whose time is not behind the position are not seen until a page starts from the
   * beginning.
   *
   * @param limit at least 1
   * @param after {@link Page#next()} of the page before; null to start from the beginning
   * @throws InvalidValueException if the position holds what cannot be stored; not retryable
   */
  Page getRunnableInstances(Instant asAt, int limit, @Nullable Position after);

  /**
   * The instance with all its pointers in order, as of one moment.
   *
   * @throws NotFoundException if no workflow has the id; not retryable
   * @throws UnreadableRowException if another program wrote what cannot be read; not retryable
   */
  WorkflowInstance getWorkflowInstance(String id);

  /**
   * As {@link #getWorkflowInstance}, found by its name.
   *
   * @throws NotFoundException if no workflow has the name; not retryable
   * @throws UnreadableRowException if another program wrote what cannot be read; not retryable
   */
  WorkflowInstance getWorkflowInstanceByName(String name);

  /**
   * The instances with the ids, in the order asked and as often as asked, as of one moment and in
   * one round trip. Ids that no workflow has are left out. An instance that cannot be read, because
   * another program wrote what has no meaning, is left out too: a warning is logged with the row's
   * id, and {@link #getWorkflowInstance} with its id fails with the {@link UnreadableRowException}.
   */
  List<WorkflowInstance> getWorkflowInstances(Collection<String> ids);

  /**
   * Counts for the definition: 1, 2, 3 and so on. No two calls, of whatever host, get the same
   * number; a failed call may leave a gap.
   *
   * @throws InvalidValueException if the definition's id cannot be stored; not retryable
   */
  long nextDefinitionSequence(String definitionId);
}
