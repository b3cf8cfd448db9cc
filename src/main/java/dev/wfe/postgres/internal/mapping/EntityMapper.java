package dev.wfe.postgres.internal.mapping;

import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionError;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.ScheduledCommand;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.InvalidValueException;
import dev.wfe.persistence.ValueLimits;
import dev.wfe.postgres.entity.EventEntity;
import dev.wfe.postgres.entity.EventSubscriptionEntity;
import dev.wfe.postgres.entity.ExecutionErrorEntity;
import dev.wfe.postgres.entity.ExecutionPointerEntity;
import dev.wfe.postgres.entity.ScheduledCommandEntity;
import dev.wfe.postgres.entity.WorkflowEntity;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Values as entities and back. What an entity means is decided where rows are read; what a value
 * may hold, by {@link ValueLimits}.
 */
public final class EntityMapper {
  private EntityMapper() {}

  /** The instance of the entity, with the pointers given. */
  public static WorkflowInstance toModel(
      WorkflowEntity entity, List<ExecutionPointerEntity> pointers) {
    return read(StoreFields.WORKFLOW, WorkflowEntity.class, entity)
        .executionPointers(pointers.stream().map(EntityMapper::toModel).toList())
        .build();
  }

  /** The pointer of the entity. */
  public static ExecutionPointer toModel(ExecutionPointerEntity entity) {
    return read(StoreFields.POINTER, ExecutionPointerEntity.class, entity).build();
  }

  /** The event of the entity. */
  public static Event toModel(EventEntity entity) {
    return read(StoreFields.EVENT, EventEntity.class, entity).build();
  }

  /** The subscription of the entity. */
  public static EventSubscription toModel(EventSubscriptionEntity entity) {
    return read(StoreFields.SUBSCRIPTION, EventSubscriptionEntity.class, entity).build();
  }

  /** The command of the entity. */
  public static ScheduledCommand toModel(ScheduledCommandEntity entity) {
    return read(StoreFields.COMMAND, ScheduledCommandEntity.class, entity).build();
  }

  /** The error of the entity. */
  public static ExecutionError toModel(ExecutionErrorEntity entity) {
    return read(StoreFields.ERROR, ExecutionErrorEntity.class, entity).build();
  }

  private static <B, E> B read(FieldList<?, B> fields, Class<E> entityClass, E entity) {
    try {
      return fields.read(EntityRow.of(fields.table(), entityClass, entity));
    } catch (SQLException impossible) {
      throw new IllegalStateException("An entity cannot fail as a result does", impossible);
    }
  }

  /** The entity of the instance, without its pointers. */
  public static WorkflowEntity toEntity(WorkflowInstance instance) {
    ValueLimits.check(instance);
    WorkflowEntity entity =
        new WorkflowEntity(
            instance.id(),
            instance.name(),
            instance.workflowDefinitionId(),
            instance.version(),
            instance.status().word(),
            instance.data(),
            stamped("WorkflowInstance", instance.id(), "createTime", instance.createTime()));
    entity.setRootWorkflowId(instance.rootWorkflowId());
    entity.setDescription(instance.description());
    entity.setReference(instance.reference());
    entity.setNextExecution(instance.nextExecution());
    entity.setCompleteTime(instance.completeTime());
    return entity;
  }

  /** The entities of the instance's pointers, in order. */
  public static List<ExecutionPointerEntity> toPointerEntities(WorkflowInstance instance) {
    ValueLimits.check(instance);
    List<ExecutionPointerEntity> entities = new ArrayList<>();
    for (ExecutionPointer pointer : instance.executionPointers()) {
      entities.add(toEntity(pointer, instance.id(), entities.size() + 1L));
    }
    return entities;
  }

  private static ExecutionPointerEntity toEntity(
      ExecutionPointer pointer, String workflowId, long position) {
    ExecutionPointerEntity entity =
        new ExecutionPointerEntity(
            pointer.id(), workflowId, pointer.stepId(), pointer.active(), pointer.status().word());
    entity.setPosition(position);
    entity.setSleepUntil(pointer.sleepUntil());
    entity.setPersistenceData(pointer.persistenceData());
    entity.setStartTime(pointer.startTime());
    entity.setEndTime(pointer.endTime());
    entity.setEventName(pointer.eventName());
    entity.setEventKey(pointer.eventKey());
    entity.setEventPublished(pointer.eventPublished());
    entity.setEventData(pointer.eventData());
    entity.setStepName(pointer.stepName());
    entity.setRetryCount(pointer.retryCount());
    entity.setChildren(Json.tree(pointer.children()));
    entity.setContextItem(pointer.contextItem());
    entity.setPredecessorId(pointer.predecessorId());
    entity.setOutcome(pointer.outcome());
    entity.setScope(Json.tree(pointer.scope()));
    entity.setExtensionAttributes(Json.tree(pointer.extensionAttributes()));
    return entity;
  }

  /** The entity of the event. */
  public static EventEntity toEntity(Event event) {
    ValueLimits.check(event);
    requireId("Event", event.id());
    EventEntity entity =
        new EventEntity(
            event.id(),
            event.eventName(),
            event.eventKey(),
            event.eventData(),
            stamped("Event", event.id(), "eventTime", event.eventTime()));
    entity.setProcessed(event.processed());
    return entity;
  }

  /** The entity of the subscription. */
  public static EventSubscriptionEntity toEntity(EventSubscription subscription) {
    ValueLimits.check(subscription);
    requireId("EventSubscription", subscription.id());
    EventSubscriptionEntity entity =
        new EventSubscriptionEntity(
            subscription.id(),
            subscription.workflowId(),
            subscription.stepId(),
            subscription.executionPointerId(),
            subscription.eventName(),
            subscription.eventKey(),
            subscription.subscribeAsOf());
    entity.setSubscriptionData(subscription.subscriptionData());
    entity.setExternalToken(subscription.externalToken());
    entity.setExternalWorkerId(subscription.externalWorkerId());
    entity.setExternalTokenExpiry(subscription.externalTokenExpiry());
    return entity;
  }

  /** The entity of the command, without a key. */
  public static ScheduledCommandEntity toEntity(ScheduledCommand command) {
    ValueLimits.check(command);
    return new ScheduledCommandEntity(
        command.commandName().word(), command.data(), command.executeTime());
  }

  /** The entity of the error, without a key. */
  public static ExecutionErrorEntity toEntity(ExecutionError error) {
    ValueLimits.checkErrors(List.of(error));
    return new ExecutionErrorEntity(
        error.errorTime(), error.workflowId(), error.executionPointerId(), error.message());
  }

  private static Instant stamped(String type, String id, String field, @Nullable Instant time) {
    if (time == null) {
      throw new InvalidValueException(
          type, id, field, "is absent; only the operations of a provider stamp it");
    }
    return time;
  }

  private static void requireId(String type, String id) {
    if (id.isEmpty()) {
      throw new InvalidValueException(
          type, "", "id", "is empty; only the operations of a provider assign it");
    }
  }
}
