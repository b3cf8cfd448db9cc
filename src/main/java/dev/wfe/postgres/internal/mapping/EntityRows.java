package dev.wfe.postgres.internal.mapping;

import dev.wfe.postgres.entity.EventEntity;
import dev.wfe.postgres.entity.EventSubscriptionEntity;
import dev.wfe.postgres.entity.ExecutionErrorEntity;
import dev.wfe.postgres.entity.ExecutionPointerEntity;
import dev.wfe.postgres.entity.ScheduledCommandEntity;
import dev.wfe.postgres.entity.WorkflowEntity;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The values of entities, by the names of their columns. */
final class EntityRows {
  private EntityRows() {}

  static EntityRow row(WorkflowEntity entity) {
    Map<String, @Nullable Object> values = new HashMap<>();
    values.put("name", entity.getName());
    values.put("root_workflow_id", entity.getRootWorkflowId());
    values.put("definition_id", entity.getDefinitionId());
    values.put("version", entity.getVersion());
    values.put("description", entity.getDescription());
    values.put("reference", entity.getReference());
    values.put("status", entity.getStatus());
    values.put("data", entity.getData());
    values.put("next_execution", entity.getNextExecution());
    values.put("create_time", entity.getCreateTime());
    values.put("complete_time", entity.getCompleteTime());
    return new EntityRow(WorkflowRows.TABLE, entity.getId(), values);
  }

  static EntityRow row(ExecutionPointerEntity entity) {
    Map<String, @Nullable Object> values = new HashMap<>();
    values.put("step_id", entity.getStepId());
    values.put("active", entity.isActive());
    values.put("status", entity.getStatus());
    values.put("sleep_until", entity.getSleepUntil());
    values.put("persistence_data", entity.getPersistenceData());
    values.put("start_time", entity.getStartTime());
    values.put("end_time", entity.getEndTime());
    values.put("event_name", entity.getEventName());
    values.put("event_key", entity.getEventKey());
    values.put("event_published", entity.getEventPublished());
    values.put("event_data", entity.getEventData());
    values.put("step_name", entity.getStepName());
    values.put("retry_count", entity.getRetryCount());
    values.put("children", entity.getChildren());
    values.put("context_item", entity.getContextItem());
    values.put("predecessor_id", entity.getPredecessorId());
    values.put("outcome", entity.getOutcome());
    values.put("scope", entity.getScope());
    values.put("extension_attributes", entity.getExtensionAttributes());
    return new EntityRow(PointerRows.TABLE, entity.getId(), values);
  }

  static EntityRow row(EventEntity entity) {
    Map<String, @Nullable Object> values = new HashMap<>();
    values.put("event_name", entity.getEventName());
    values.put("event_key", entity.getEventKey());
    values.put("event_data", entity.getEventData());
    values.put("event_time", entity.getEventTime());
    values.put("is_processed", entity.getProcessed());
    return new EntityRow(EventRows.TABLE, entity.getId(), values);
  }

  static EntityRow row(EventSubscriptionEntity entity) {
    Map<String, @Nullable Object> values = new HashMap<>();
    values.put("workflow_id", entity.getWorkflowId());
    values.put("step_id", entity.getStepId());
    values.put("execution_pointer_id", entity.getExecutionPointerId());
    values.put("event_name", entity.getEventName());
    values.put("event_key", entity.getEventKey());
    values.put("subscribe_as_of", entity.getSubscribeAsOf());
    values.put("subscription_data", entity.getSubscriptionData());
    values.put("external_token", entity.getExternalToken());
    values.put("external_worker_id", entity.getExternalWorkerId());
    values.put("external_token_expiry", entity.getExternalTokenExpiry());
    return new EntityRow(SubscriptionRows.TABLE, entity.getId(), values);
  }

  static EntityRow row(ScheduledCommandEntity entity) {
    Map<String, @Nullable Object> values = new HashMap<>();
    values.put("command_name", entity.getCommandName());
    values.put("data", entity.getData());
    values.put("execute_time", entity.getExecuteTime());
    return new EntityRow(CommandRows.TABLE, text(entity.getId()), values);
  }

  static EntityRow row(ExecutionErrorEntity entity) {
    Map<String, @Nullable Object> values = new HashMap<>();
    values.put("error_time", entity.getErrorTime());
    values.put("workflow_id", entity.getWorkflowId());
    values.put("execution_pointer_id", entity.getExecutionPointerId());
    values.put("message", entity.getMessage());
    return new EntityRow(ErrorRows.TABLE, text(entity.getId()), values);
  }

  private static String text(@Nullable Long serialKey) {
    return serialKey == null ? "" : serialKey.toString();
  }
}
