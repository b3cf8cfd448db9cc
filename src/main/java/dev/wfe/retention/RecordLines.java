package dev.wfe.retention;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionError;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.ScheduledCommand;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.StoredRecord;
import dev.wfe.persistence.StoredRecord.OfError;
import dev.wfe.persistence.StoredRecord.OfEvent;
import dev.wfe.persistence.StoredRecord.OfWorkflow;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes records as JSON, with the field names of the Rust model's serialised values. Fields that
 * are absent are left out. A workflow also has {@code subscriptions}, {@code errors} and {@code
 * commands}, which the Rust model ignores. Tokens are left out. Thread-safe.
 */
final class RecordLines {
  private RecordLines() {}

  static String line(StoredRecord stored) {
    if (stored instanceof OfWorkflow workflow) {
      return workflow(workflow).toString();
    }
    return stored instanceof OfEvent event
        ? event(event.event()).toString()
        : error((OfError) stored).toString();
  }

  private static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  private static ObjectNode workflow(OfWorkflow stored) {
    WorkflowInstance instance = stored.instance();
    ObjectNode json = object();
    json.put("id", instance.id());
    json.put("name", instance.name());
    text(json, "root_workflow_id", instance.rootWorkflowId());
    json.put("workflow_definition_id", instance.workflowDefinitionId());
    json.put("version", instance.version());
    text(json, "description", instance.description());
    text(json, "reference", instance.reference());
    ArrayNode pointers = json.putArray("execution_pointers");
    instance.executionPointers().forEach(pointer -> pointers.add(pointer(pointer)));
    if (instance.nextExecution() != null) {
      json.put("next_execution", instance.nextExecution());
    }
    json.put("status", instance.status().word());
    json.set("data", instance.data());
    time(json, "create_time", instance.createTime());
    time(json, "complete_time", instance.completeTime());
    ArrayNode subscriptions = json.putArray("subscriptions");
    stored.subscriptions().forEach(one -> subscriptions.add(subscription(one)));
    ArrayNode errors = json.putArray("errors");
    stored.errors().forEach(one -> errors.add(error(one)));
    ArrayNode commands = json.putArray("commands");
    stored.commands().forEach(one -> commands.add(command(one)));
    return json;
  }

  private static ObjectNode pointer(ExecutionPointer pointer) {
    ObjectNode json = object();
    json.put("id", pointer.id());
    json.put("step_id", pointer.stepId());
    json.put("active", pointer.active());
    json.put("status", pointer.status().word());
    time(json, "sleep_until", pointer.sleepUntil());
    json(json, "persistence_data", pointer.persistenceData());
    time(json, "start_time", pointer.startTime());
    time(json, "end_time", pointer.endTime());
    text(json, "event_name", pointer.eventName());
    text(json, "event_key", pointer.eventKey());
    json.put("event_published", pointer.eventPublished());
    json(json, "event_data", pointer.eventData());
    text(json, "step_name", pointer.stepName());
    json.put("retry_count", pointer.retryCount());
    texts(json, "children", pointer.children());
    json(json, "context_item", pointer.contextItem());
    text(json, "predecessor_id", pointer.predecessorId());
    json(json, "outcome", pointer.outcome());
    texts(json, "scope", pointer.scope());
    ObjectNode attributes = json.putObject("extension_attributes");
    pointer.extensionAttributes().forEach(attributes::set);
    return json;
  }

  private static ObjectNode event(Event event) {
    ObjectNode json = object();
    json.put("id", event.id());
    json.put("event_name", event.eventName());
    json.put("event_key", event.eventKey());
    json.set("event_data", event.eventData());
    time(json, "event_time", event.eventTime());
    json.put("is_processed", event.processed());
    return json;
  }

  private static ObjectNode subscription(EventSubscription subscription) {
    ObjectNode json = object();
    json.put("id", subscription.id());
    json.put("workflow_id", subscription.workflowId());
    json.put("step_id", subscription.stepId());
    json.put("execution_pointer_id", subscription.executionPointerId());
    json.put("event_name", subscription.eventName());
    json.put("event_key", subscription.eventKey());
    time(json, "subscribe_as_of", subscription.subscribeAsOf());
    if (!subscription.excludedEventIds().isEmpty()) {
      texts(json, "excluded_event_ids", subscription.excludedEventIds());
    }
    json(json, "subscription_data", subscription.subscriptionData());
    text(json, "external_worker_id", subscription.externalWorkerId());
    time(json, "external_token_expiry", subscription.externalTokenExpiry());
    return json;
  }

  private static ObjectNode error(OfError stored) {
    ExecutionError error = stored.error();
    ObjectNode json = object();
    json.put("id", stored.id());
    time(json, "error_time", error.errorTime());
    json.put("workflow_id", error.workflowId());
    json.put("execution_pointer_id", error.executionPointerId());
    json.put("message", error.message());
    return json;
  }

  private static ObjectNode command(ScheduledCommand command) {
    ObjectNode json = object();
    json.put("command_name", command.commandName().word());
    json.put("data", command.data());
    json.put("execute_time", command.executeTime());
    return json;
  }

  private static void text(ObjectNode json, String field, @Nullable String value) {
    if (value != null) {
      json.put(field, value);
    }
  }

  private static void time(ObjectNode json, String field, @Nullable Instant value) {
    if (value != null) {
      json.put(field, value.toString());
    }
  }

  private static void json(ObjectNode json, String field, @Nullable JsonNode value) {
    if (value != null) {
      json.set(field, value);
    }
  }

  private static void texts(ObjectNode json, String field, List<String> values) {
    ArrayNode array = json.putArray(field);
    values.forEach(array::add);
  }
}
