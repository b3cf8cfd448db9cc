package dev.wfe.host;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.wfe.persistence.DuplicateException;
import dev.wfe.persistence.InvalidValueException;
import dev.wfe.persistence.ItemResult;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.PersistenceProvider;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeoutException;

/**
 * Starts, reads and controls workflows, in any process. It executes nothing; a {@link WorkflowHost}
 * does. Every method may also throw what the provider throws if the database cannot be reached; see
 * {@link dev.wfe.persistence}. Thread-safe, unless its provider is bound to a transaction.
 */
public interface WorkflowClient {
  /**
   * Returns a client on the provider.
   *
   * @param provider if it is bound to a transaction, so is what the client does
   */
  static WorkflowClient over(PersistenceProvider provider) {
    return StoreClient.alone(provider, HostJson.standard());
  }

  /** As {@link #over(PersistenceProvider)}, with the mapper for data and events. */
  static WorkflowClient over(PersistenceProvider provider, ObjectMapper mapper) {
    return StoreClient.alone(provider, new HostJson(mapper));
  }

  /** As {@link #startWorkflow(Workflow, Object, StartOptions)} without options. */
  default <D> StartResult startWorkflow(Workflow<D> workflow, D data) {
    return startWorkflow(workflow, data, StartOptions.none());
  }

  /**
   * Starts an instance, in one atomic write.
   *
   * @throws DuplicateException if the name is taken, if the id is taken by an instance of another
   *     definition, or if the id is taken and {@link StartOptions#onlyNew} was asked for; not
   *     retryable
   * @throws InvalidValueException if the data or an option cannot be stored; not retryable
   */
  <D> StartResult startWorkflow(Workflow<D> workflow, D data, StartOptions options);

  /**
   * Starts many instances, in one round trip and one commit. The refusal of one does not affect the
   * others.
   *
   * @return one result for each start, in order
   */
  <D> List<ItemResult<StartResult>> startWorkflows(Workflow<D> workflow, List<Start<D>> starts);

  /** The schedules, which start workflows again and again. */
  ScheduleClient schedules();

  /**
   * Publishes an event. Every workflow that waits for the type and key gets it, and so does every
   * workflow that exists now and will wait for it later, unless it has ended.
   *
   * @param key as the key functions of waits return it
   * @return the event's id
   * @throws InvalidValueException if the payload or key cannot be stored; not retryable
   */
  <E> String publish(EventType<E> type, String key, E payload);

  /**
   * As {@link #publish(EventType, String, Object)}, with an id. Publishing the same id again has no
   * effect, so a message that is received twice is published once.
   *
   * @param id unique in the store; not empty
   * @return false if an event with the id exists
   */
  <E> boolean publishOnce(String id, EventType<E> type, String key, E payload);

  /**
   * Returns the state of an instance. Reads its whole history.
   *
   * @param workflow a version of its definition, for the class of the data
   * @throws NotFoundException if there is no instance of this definition with the id; not retryable
   * @throws UnreadableDataException if the stored data does not map to the class any more
   */
  <D> WorkflowState<D> state(Workflow<D> workflow, String id);

  /**
   * Waits until an instance has ended, by reading its state now and then. A suspended instance has
   * not ended.
   *
   * @throws TimeoutException if it has not ended after the time. The message names its open and its
   *     failed steps
   * @throws NotFoundException if there is no instance of this definition with the id; not retryable
   */
  <D> WorkflowState<D> awaitEnd(Workflow<D> workflow, String id, Duration time)
      throws InterruptedException, TimeoutException;

  /**
   * Returns the id of the instance with the name.
   *
   * @throws NotFoundException if there is none; not retryable
   */
  String idOf(String name);

  /**
   * Suspends an instance: no further step begins. Steps under way end, and their outcomes are
   * stored; events are delivered. Has no effect if it is suspended already.
   *
   * @return false, with nothing changed, if the instance has ended
   * @throws NotFoundException if there is no instance with the id; not retryable
   */
  boolean suspend(String id);

  /**
   * Lets a suspended instance go on. Steps that have failed for the last time stay failed; use
   * {@link #retry} for them. Has no effect if it is not suspended.
   *
   * @return false, with nothing changed, if the instance has ended, or if it cannot go on without
   *     {@link #retry}
   * @throws NotFoundException if there is no instance with the id; not retryable
   */
  boolean resume(String id);

  /**
   * Lets an instance go on with the steps that failed for the last time: they get all their
   * attempts again.
   *
   * @return how many steps; 0, with nothing changed, if none has failed or the instance has ended
   * @throws NotFoundException if there is no instance with the id; not retryable
   */
  int retry(String id);

  /**
   * Ends an instance: its status is Terminated, and it waits for nothing any more. Steps under way
   * end, and their outcomes are stored; nothing follows. Its child workflows are terminated soon
   * after by any host: the orders for that are stored in the same write.
   *
   * @return false, with nothing changed, if the instance had ended
   * @throws NotFoundException if there is no instance with the id; not retryable
   */
  boolean terminate(String id);
}
