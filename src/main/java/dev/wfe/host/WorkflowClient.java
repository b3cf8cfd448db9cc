package dev.wfe.host;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.wfe.persistence.DuplicateException;
import dev.wfe.persistence.InvalidValueException;
import dev.wfe.persistence.ItemResult;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.persistence.WorkflowStateException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;

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
   * Explains why an instance does or does not go on: whether it has ended, is suspended, leased or
   * due, and what each of its open steps waits for. Reads its whole history, and a few rows more,
   * in several statements, so it can change in between. Works also for instances of definitions
   * that this process does not know.
   *
   * @throws NotFoundException if there is no instance with the id; not retryable
   */
  Explanation explain(String id);

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

  /**
   * Runs an instance again from a step. The last execution of the step and everything that followed
   * from it are discarded, and the step is executed again, as another execution with another
   * idempotency key. The instance goes on, also if it was suspended or had ended.
   *
   * <ul>
   *   <li>The data stays as it is: what discarded steps have merged is merged. To go back, use
   *       {@link #rerun(Workflow, String, String, UnaryOperator)}.
   *   <li>Blocks in which the step stands are open again, and go on when they end again. Other
   *       branches and items are not affected; later iterations of a loop are discarded.
   *   <li>Discarded waits and activities are over, and discarded child workflows are terminated
   *       soon after. Events that were consumed stay consumed.
   *   <li>What a host executes at this moment goes on, but the outcome of a discarded step is not
   *       stored, and its transaction is rolled back. A host does not begin the step again before
   *       it has ended there.
   *   <li>If the instance was Terminated, what it waited for in other branches begins again: time
   *       limits, activities and child workflows.
   * </ul>
   *
   * @param step the name of the step, for its last execution; or the id of an execution, as in
   *     {@link StepState#id}
   * @return the discarded executions
   * @throws NotFoundException if there is no instance with the id; not retryable
   * @throws WorkflowStateException if the step has not begun, or if it stands in an item that has
   *     ended while others have not; not retryable
   */
  List<StepState> rerun(String id, String step);

  /**
   * As {@link #rerun(String, String)}, and changes the data of the workflow in the same write. The
   * data of items is not changed.
   *
   * @param workflow a version of its definition, for the class of the data
   * @param change returns the data with which the workflow goes on; pure
   * @throws NotFoundException if there is no instance with the id; not retryable
   * @throws WorkflowStateException as {@link #rerun(String, String)}, and if the instance is of
   *     another definition or the function fails; not retryable
   */
  <D> List<StepState> rerun(Workflow<D> workflow, String id, String step, UnaryOperator<D> change);

  /**
   * Cancels a step that has not ended or has failed for the last time, with everything in it, and
   * ends the branch, iteration or item in which it stands. The block goes on when its other
   * branches have ended. A suspended instance stays suspended.
   *
   * <p>If the step is a block, all that it contains is cancelled. To cancel an item of {@code
   * forEach}, so that it is not merged, name the step that ends with ".item". Child workflows are
   * terminated soon after. What a host executes at this moment goes on, but its outcome is not
   * stored, and its transaction is rolled back.
   *
   * @param step the name of the step, for its last execution; or the id of an execution, as in
   *     {@link StepState#id}
   * @return what was cancelled; empty, with nothing changed, if the step or the instance has ended
   * @throws NotFoundException if there is no instance with the id; not retryable
   * @throws WorkflowStateException if the step has not begun, or stands in no block; not retryable
   */
  List<StepState> cancel(String id, String step);

  /**
   * Moves an instance to another version of its definition. Where it stands is checked before
   * anything is written: each step that has not ended needs a step of the same kind and with the
   * same types in the target version, in the same blocks, and the data must be readable there.
   *
   * <p>Steps that have ended keep their names. What a host executes at this moment counts if the
   * host knows the target version and the class of the data is the same; otherwise the step is
   * executed again.
   *
   * @return false, with nothing changed, if the instance has ended
   * @throws NotFoundException if there is no instance with the id; not retryable
   * @throws WorkflowStateException if the instance cannot be moved; the message names each problem.
   *     Not retryable
   */
  boolean move(String id, Workflow<?> target, StepMapping mapping);

  /**
   * Controls many instances, in batches.
   *
   * @param ids any number; an id that is given twice counts once
   */
  BulkControl all(Collection<String> ids);
}
