package dev.wfe.persistence;

import com.fasterxml.jackson.databind.JsonNode;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.LiveWorkflow;
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
   * As {@link #createNewWorkflow}, but returns the stored instance with its revision, ready to be
   * changed and persisted. So the next persist needs no read.
   *
   * @throws DuplicateException if the id, the name or a pointer's id is in use by any workflow; not
   *     retryable
   * @throws InvalidValueException if a field cannot be stored; not retryable
   */
  WorkflowInstance create(WorkflowInstance instance);

  /**
   * {@link #create} for many instances, in one round trip and one commit. The refusal of one
   * element does not affect the others. An unknown outcome covers the whole batch. In a caller's
   * transaction all elements belong to that transaction.
   *
   * @param instances any number; together at most 512 MiB
   * @return one result for each element, in order. A refusal is a {@link DuplicateException} or an
   *     {@link InvalidValueException}
   * @throws InvalidValueException if the list is null or too large as a whole; not retryable
   */
  List<ItemResult<WorkflowInstance>> createAll(List<WorkflowInstance> instances);

  /**
   * Makes a write: all of it or nothing, in one round trip. Also sets {@code last_heartbeat_at} to
   * the database's time.
   *
   * <p>A write under a claim is refused if the lease was taken over or released, whatever else
   * changed. If the lease is valid but another writer changed the workflow, the write is stale and
   * the lease stays: read the workflow again and apply the change again.
   *
   * @throws NotFoundException if no workflow has the id; not retryable
   * @throws LeaseLostException if the lease of the named claim has ended; not retryable
   * @throws StaleRevisionException if another writer changed the workflow since it was read; not
   *     retryable, read it again
   * @throws DuplicateException if a name or id is in use; not retryable
   * @throws InvalidValueException if a field cannot be stored, or the claim is for something else;
   *     not retryable
   */
  WriteResult write(WorkflowWrite write);

  /**
   * {@link #write} for many workflows, in one round trip and one commit. The refusal of one element
   * does not affect the others. If several elements write the same workflow, they are executed one
   * after the other, in order. An unknown outcome covers the whole batch. In a caller's transaction
   * all elements belong to that transaction.
   *
   * <p>Elements that write the same workflow or the same new key, and elements that are refused
   * because a key is taken, cost further round trips and commits. If one of these fails because the
   * database cannot be reached, or with an unknown outcome, that is the result of its elements. The
   * limit of 10,000 replayed events holds for the batch; the rest is replayed later.
   *
   * @param writes any number; together at most 512 MiB
   * @return one result for each element, in order
   * @throws InvalidValueException if the list is null or too large as a whole; not retryable
   */
  List<ItemResult<WriteResult>> writeAll(List<WorkflowWrite> writes);

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
   * subscribeAsOf}, not excluded) become unprocessed again. So no event is lost when it is
   * published while its subscriber subscribes. When this returns, the oldest 1,000 events of each
   * subscription, 10,000 in total, are unprocessed. Each call of {@link
   * EventRepository#markEventProcessed} that the subscription blocks replays the next 1,000.
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
   * The ids of all instances that are Runnable, whose {@code nextExecution} is at or before the
   * instant, and that no valid lease covers, earliest first, ties by id. For small results;
   * otherwise use {@link #getRunnableInstances(Instant, int)}.
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
   * The live part of the instance, read as one consistent snapshot: its fields, the pointers that
   * have not ended, and those in whose scopes they stand. The cost does not grow with the number of
   * pointers that have ended.
   *
   * @throws NotFoundException if no workflow has the id; not retryable
   * @throws UnreadableRowException if a row, written by another program, cannot be read; not
   *     retryable
   */
  LiveWorkflow getLiveWorkflow(String id);

  /**
   * {@link #getLiveWorkflow} for many ids, in one round trip and one consistent snapshot, with the
   * rules of {@link #getWorkflowInstances} for ids that do not exist and instances that cannot be
   * read.
   */
  List<LiveWorkflow> getLiveWorkflows(Collection<String> ids);

  /**
   * Stores the graph of a version of a definition if none is stored for it.
   *
   * @param graph any JSON that describes the steps; it identifies the version
   * @return the graph that is stored: this one, or the one that was stored first
   * @throws InvalidValueException if a parameter cannot be stored; not retryable
   */
  JsonNode registerDefinition(DefinitionVersion definition, JsonNode graph);

  /**
   * The graph that {@link #registerDefinition} has stored for the version, or empty.
   *
   * @throws InvalidValueException if the definition's id cannot be stored; not retryable
   */
  Optional<JsonNode> getDefinition(DefinitionVersion definition);

  /**
   * The next number of the definition: 1, 2, 3 and so on. No two calls of any hosts get the same
   * number. A failed call may leave a gap.
   *
   * @throws InvalidValueException if the definition's id cannot be stored; not retryable
   */
  long nextDefinitionSequence(String definitionId);
}
