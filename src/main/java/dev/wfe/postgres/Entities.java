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
 * Entities as values and back, for applications that query the store in JPQL. The values are those
 * that the provider's operations give for the same rows.
 *
 * <p>An instance carries the revision of the row that its entity was read from, also after the
 * entity is detached: persisting it is refused as stale when the workflow has changed meanwhile. It
 * is refused too when the application flushed changes of the entity itself, until that is
 * refreshed, and when pointers were read before the workflow in the same persistence context, for
 * they may be older: clear the context, and read the workflow first. An entity that was never read
 * gives an instance without a revision.
 *
 * <p>No method touches the database, but for {@link #toModel(WorkflowEntity)}. {@code toModel}
 * refuses what the value has no form for with an {@link UnreadableRowException} that names table,
 * row and column, and reads null as the column's default where there is one; {@code toEntity}
 * refuses what a store would with an {@link InvalidValueException}, and a missing id. Neither is
 * retryable. Writing such entities is not guarded as the verbs are: prefer the verbs.
 *
 * <p>Thread-safe, as far as the entities given are not used elsewhere at the time.
 */
public final class Entities {
  private Entities() {}

  /**
   * The instance of the entity, with its pointers, which are loaded now if they are not yet.
   *
   * @throws UnreadableRowException if a row holds what has no meaning; not retryable
   */
  public static WorkflowInstance toModel(WorkflowEntity entity) {
    return toModel(entity, entity.getExecutionPointers());
  }

  /**
   * The instance of the entity, with the pointers given, in their order. They have to be all of the
   * workflow's: one that is left out stays stored when the instance is persisted.
   *
   * @throws UnreadableRowException if a row holds what has no meaning; not retryable
   */
  public static WorkflowInstance toModel(
      WorkflowEntity entity, List<ExecutionPointerEntity> pointers) {
    return EntityRevisions.toModel(entity, pointers);
  }

  /**
   * The pointer of the entity.
   *
   * @throws UnreadableRowException if the row holds what has no meaning; not retryable
   */
  public static ExecutionPointer toModel(ExecutionPointerEntity entity) {
    return EntityMapper.toModel(entity);
  }

  /**
   * The event of the entity.
   *
   * @throws UnreadableRowException if the row holds what has no meaning; not retryable
   */
  public static Event toModel(EventEntity entity) {
    return EntityMapper.toModel(entity);
  }

  /**
   * The subscription of the entity.
   *
   * @throws UnreadableRowException if the row holds what has no meaning; not retryable
   */
  public static EventSubscription toModel(EventSubscriptionEntity entity) {
    return EntityMapper.toModel(entity);
  }

  /**
   * The command of the entity.
   *
   * @throws UnreadableRowException if the row holds what has no meaning; not retryable
   */
  public static ScheduledCommand toModel(ScheduledCommandEntity entity) {
    return EntityMapper.toModel(entity);
  }

  /**
   * The error of the entity.
   *
   * @throws UnreadableRowException if the row holds what has no meaning; not retryable
   */
  public static ExecutionError toModel(ExecutionErrorEntity entity) {
    return EntityMapper.toModel(entity);
  }

  /**
   * The entity of the instance, without its pointers; see {@link #toPointerEntities}.
   *
   * @throws InvalidValueException if the instance is beyond the limits; not retryable
   */
  public static WorkflowEntity toEntity(WorkflowInstance instance) {
    return EntityMapper.toEntity(instance);
  }

  /**
   * The entities of the instance's pointers, in order, each with its position.
   *
   * @throws InvalidValueException if the instance is beyond the limits; not retryable
   */
  public static List<ExecutionPointerEntity> toPointerEntities(WorkflowInstance instance) {
    return EntityMapper.toPointerEntities(instance);
  }

  /**
   * The entity of the event.
   *
   * @throws InvalidValueException if the event is beyond the limits or has no id; not retryable
   */
  public static EventEntity toEntity(Event event) {
    return EntityMapper.toEntity(event);
  }

  /**
   * The entity of the subscription.
   *
   * @throws InvalidValueException if the subscription is beyond the limits or has no id; not
   *     retryable
   */
  public static EventSubscriptionEntity toEntity(EventSubscription subscription) {
    return EntityMapper.toEntity(subscription);
  }

  /**
   * The entity of the command; its key is assigned when it is stored.
   *
   * @throws InvalidValueException if the command is beyond the limits; not retryable
   */
  public static ScheduledCommandEntity toEntity(ScheduledCommand command) {
    return EntityMapper.toEntity(command);
  }

  /**
   * The entity of the error; its key is assigned when it is stored.
   *
   * @throws InvalidValueException if the error is beyond the limits; not retryable
   */
  public static ExecutionErrorEntity toEntity(ExecutionError error) {
    return EntityMapper.toEntity(error);
  }
}
