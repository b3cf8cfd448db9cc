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
 * Converts values to entities and back. Entities are read by the same field lists as rows; {@link
 * ValueLimits} checks the values before they become entities. Thread-safe.
 */
public final class EntityMapper {
  private EntityMapper() {}

  /** Converts an entity and its pointers to an instance, without a revision. */
  public static WorkflowInstance toModel(
      WorkflowEntity entity, List<ExecutionPointerEntity> pointers) {
    return read(StoreFields.WORKFLOW, WorkflowEntity.class, entity)
        .executionPointers(pointers.stream().map(EntityMapper::toModel).toList())
        .build();
  }

  /** Converts an entity to a pointer. */
  public static ExecutionPointer toModel(ExecutionPointerEntity entity) {
    return read(StoreFields.POINTER, ExecutionPointerEntity.class, entity).build();
  }

  /** Converts an entity to an event. */
  public static Event toModel(EventEntity entity) {
    return read(StoreFields.EVENT, EventEntity.class, entity).build();
  }

  /** Converts an entity to a subscription. */
  public static EventSubscription toModel(EventSubscriptionEntity entity) {
    return read(StoreFields.SUBSCRIPTION, EventSubscriptionEntity.class, entity).build();
  }

  /** Converts an entity to a command. */
  public static ScheduledCommand toModel(ScheduledCommandEntity entity) {
    return read(StoreFields.COMMAND, ScheduledCommandEntity.class, entity).build();
  }

  /** Converts an entity to an error. */
  public static ExecutionError toModel(ExecutionErrorEntity entity) {
    return read(StoreFields.ERROR, ExecutionErrorEntity.class, entity).build();
  }

  private static <B, E> B read(FieldList<?, B> fields, Class<E> entityClass, E entity) {
    try {
      return fields.read(EntityRow.of(fields.table(), entityClass, entity));
    } catch (SQLException impossible) {
      throw new IllegalStateException("Reading an entity cannot raise an SQLException", impossible);
    }
  }

  /** Converts an instance to an entity, without its pointers. */
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
            requireTime("WorkflowInstance", instance.id(), "createTime", instance.createTime()));
    entity.setRootWorkflowId(instance.rootWorkflowId());
    entity.setDescription(instance.description());
    entity.setReference(instance.reference());
    entity.setNextExecution(instance.nextExecution());
    entity.setCompleteTime(instance.completeTime());
    entity.setPriority(instance.priority().number());
    entity.setLimitKey(instance.limitKey());
    return entity;
  }

  /** Converts the pointers of an instance to entities, in order. */
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

  /** Converts an event to an entity. */
  public static EventEntity toEntity(Event event) {
    ValueLimits.check(event);
    requireId("Event", event.id());
    EventEntity entity =
        new EventEntity(
            event.id(),
            event.eventName(),
            event.eventKey(),
            event.eventData(),
            requireTime("Event", event.id(), "eventTime", event.eventTime()));
    entity.setProcessed(event.processed());
    return entity;
  }

  /** Converts a subscription to an entity. */
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
    List<String> excluded = subscription.excludedEventIds();
    entity.setExcludedEventIds(excluded.isEmpty() ? null : Json.tree(excluded));
    entity.setSubscriptionData(subscription.subscriptionData());
    entity.setExternalToken(subscription.externalToken());
    entity.setExternalWorkerId(subscription.externalWorkerId());
    entity.setExternalTokenExpiry(subscription.externalTokenExpiry());
    return entity;
  }

  /** Converts a command to an entity, without a key. */
  public static ScheduledCommandEntity toEntity(ScheduledCommand command) {
    ValueLimits.check(command);
    return new ScheduledCommandEntity(
        command.commandName().word(), command.data(), command.executeTime());
  }

  /** Converts an error to an entity, without a key. */
  public static ExecutionErrorEntity toEntity(ExecutionError error) {
    ValueLimits.checkErrors(List.of(error));
    return new ExecutionErrorEntity(
        error.errorTime(), error.workflowId(), error.executionPointerId(), error.message());
  }

  private static Instant requireTime(String type, String id, String field, @Nullable Instant time) {
    if (time == null) {
      throw new InvalidValueException(
          type,
          id,
          field,
          "is absent; set it, because only a provider's operations take it from the database's"
              + " clock");
    }
    return time;
  }

  private static void requireId(String type, String id) {
    if (id.isEmpty()) {
      throw new InvalidValueException(
          type, "", "id", "is empty; set it, because only a provider's operations assign ids");
    }
  }
}
