package dev.wfe.postgres;

import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionError;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.ScheduledCommand;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.InvalidValueException;
import dev.wfe.persistence.UnreadableRowException;
import dev.wfe.postgres.entity.EventEntity;
import dev.wfe.postgres.entity.EventSubscriptionEntity;
import dev.wfe.postgres.entity.ExecutionErrorEntity;
import dev.wfe.postgres.entity.ExecutionPointerEntity;
import dev.wfe.postgres.entity.ScheduledCommandEntity;
import dev.wfe.postgres.entity.WorkflowEntity;
import dev.wfe.postgres.internal.mapping.EntityMapper;
import dev.wfe.postgres.internal.repository.EntityRevisions;
import java.util.List;

/**
 * Converts between entities and values, for applications that query the store in JPQL. The values
 * equal those that the provider's operations return for the same rows.
 *
 * <p>An instance has the revision of the row from which its entity was read, also after the entity
 * is detached. Persisting the instance fails as stale in these cases:
 *
 * <ul>
 *   <li>the workflow was changed meanwhile;
 *   <li>the application flushed changes of the entity, and has not refreshed it since;
 *   <li>pointers were read before the workflow in the same persistence context, because they may be
 *       older than the workflow. Clear the context and read the workflow first.
 * </ul>
 *
 * <p>An entity that was not read from the database gives an instance without a revision.
 *
 * <p>Only {@link #toModel(WorkflowEntity)} accesses the database. {@code toModel} reads null as the
 * column's default if it has one, and throws an {@link UnreadableRowException} with table, row and
 * column if a value is invalid. {@code toEntity} throws an {@link InvalidValueException} if the
 * value exceeds the limits or has no id. Neither is retryable. Prefer the provider's operations for
 * writing: writing entities skips the operations' checks, such as optimistic locking.
 *
 * <p>Thread-safe if no other thread uses the same entities at the same time.
 */
public final class Entities {
  private Entities() {}

  /**
   * The instance of the entity, with its pointers. Loads the pointers if they are not loaded yet.
   *
   * @throws UnreadableRowException if a row contains an invalid value; not retryable
   */
  public static WorkflowInstance toModel(WorkflowEntity entity) {
    return toModel(entity, entity.getExecutionPointers());
  }

  /**
   * The instance of the entity, with the given pointers in their order. Pass all pointers of the
   * workflow: a pointer that is left out stays stored when the instance is persisted.
   *
   * @throws UnreadableRowException if a row contains an invalid value; not retryable
   */
  public static WorkflowInstance toModel(
      WorkflowEntity entity, List<ExecutionPointerEntity> pointers) {
    return EntityRevisions.toModel(entity, pointers);
  }

  /**
   * The pointer of the entity.
   *
   * @throws UnreadableRowException if the row contains an invalid value; not retryable
   */
  public static ExecutionPointer toModel(ExecutionPointerEntity entity) {
    return EntityMapper.toModel(entity);
  }

  /**
   * The event of the entity.
   *
   * @throws UnreadableRowException if the row contains an invalid value; not retryable
   */
  public static Event toModel(EventEntity entity) {
    return EntityMapper.toModel(entity);
  }

  /**
   * The subscription of the entity.
   *
   * @throws UnreadableRowException if the row contains an invalid value; not retryable
   */
  public static EventSubscription toModel(EventSubscriptionEntity entity) {
    return EntityMapper.toModel(entity);
  }

  /**
   * The command of the entity.
   *
   * @throws UnreadableRowException if the row contains an invalid value; not retryable
   */
  public static ScheduledCommand toModel(ScheduledCommandEntity entity) {
    return EntityMapper.toModel(entity);
  }

  /**
   * The error of the entity.
   *
   * @throws UnreadableRowException if the row contains an invalid value; not retryable
   */
  public static ExecutionError toModel(ExecutionErrorEntity entity) {
    return EntityMapper.toModel(entity);
  }

  /**
   * The entity of the instance, without its pointers; see {@link #toPointerEntities}.
   *
   * @throws InvalidValueException if the instance exceeds the limits; not retryable
   */
  public static WorkflowEntity toEntity(WorkflowInstance instance) {
    return EntityMapper.toEntity(instance);
  }

  /**
   * The entities of the instance's pointers, in order, each with its position.
   *
   * @throws InvalidValueException if the instance exceeds the limits; not retryable
   */
  public static List<ExecutionPointerEntity> toPointerEntities(WorkflowInstance instance) {
    return EntityMapper.toPointerEntities(instance);
  }

  /**
   * The entity of the event.
   *
   * @throws InvalidValueException if the event exceeds the limits or has no id; not retryable
   */
  public static EventEntity toEntity(Event event) {
    return EntityMapper.toEntity(event);
  }

  /**
   * The entity of the subscription.
   *
   * @throws InvalidValueException if the subscription exceeds the limits or has no id; not
   *     retryable
   */
  public static EventSubscriptionEntity toEntity(EventSubscription subscription) {
    return EntityMapper.toEntity(subscription);
  }

  /**
   * The entity of the command; its key is assigned when it is stored.
   *
   * @throws InvalidValueException if the command exceeds the limits; not retryable
   */
  public static ScheduledCommandEntity toEntity(ScheduledCommand command) {
    return EntityMapper.toEntity(command);
  }

  /**
   * The entity of the error; its key is assigned when it is stored.
   *
   * @throws InvalidValueException if the error exceeds the limits; not retryable
   */
  public static ExecutionErrorEntity toEntity(ExecutionError error) {
    return EntityMapper.toEntity(error);
  }
}
