package dev.wfe.postgres.internal.mapping;

import com.fasterxml.jackson.databind.JsonNode;
import dev.wfe.model.CommandName;
import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionError;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.ScheduledCommand;
import dev.wfe.model.WorkflowInstance;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The columns of the tables that hold the model's values. Apart from the entities, this is the only
 * place that maps columns to properties. Thread-safe.
 */
public final class StoreFields {
  /** Workflows without their pointers. The statements set {@code last_heartbeat_at}. */
  public static final FieldList<WorkflowInstance, WorkflowInstance.Builder> WORKFLOW =
      FieldList.<WorkflowInstance, WorkflowInstance.Builder>of(
              "workflows", () -> WorkflowInstance.builder("", 0))
          .with("id", Codec.TEXT, WorkflowInstance::id, WorkflowInstance.Builder::id)
          .with("name", Codec.TEXT, WorkflowInstance::name, WorkflowInstance.Builder::name)
          .with(
              "root_workflow_id",
              Codec.OPTIONAL_TEXT,
              WorkflowInstance::rootWorkflowId,
              WorkflowInstance.Builder::rootWorkflowId)
          .with(
              "definition_id",
              Codec.TEXT,
              WorkflowInstance::workflowDefinitionId,
              WorkflowInstance.Builder::workflowDefinitionId)
          .with(
              "version",
              Codec.INTEGER,
              WorkflowInstance::version,
              WorkflowInstance.Builder::version)
          .with(
              "description",
              Codec.OPTIONAL_TEXT,
              WorkflowInstance::description,
              WorkflowInstance.Builder::description)
          .with(
              "reference",
              Codec.OPTIONAL_TEXT,
              WorkflowInstance::reference,
              WorkflowInstance.Builder::reference)
          .with(
              "status",
              Codec.of(EnumCodec.WORKFLOW_STATUS),
              WorkflowInstance::status,
              WorkflowInstance.Builder::status)
          .with("data", Codec.JSON, WorkflowInstance::data, WorkflowInstance.Builder::data)
          .with(
              "next_execution",
              Codec.OPTIONAL_BIGINT,
              WorkflowInstance::nextExecution,
              WorkflowInstance.Builder::nextExecution)
          .stamped(
              "create_time",
              Codec.INSTANT,
              WorkflowInstance::createTime,
              WorkflowInstance.Builder::createTime)
          .with(
              "complete_time",
              Codec.OPTIONAL_INSTANT,
              WorkflowInstance::completeTime,
              WorkflowInstance.Builder::completeTime)
          .with(
              "priority",
              Codec.PRIORITY,
              WorkflowInstance::priority,
              WorkflowInstance.Builder::priority)
          .with(
              "limit_key",
              Codec.OPTIONAL_TEXT,
              WorkflowInstance::limitKey,
              WorkflowInstance.Builder::limitKey);

  /** Pointers. */
  public static final FieldList<PositionedPointer, ExecutionPointer.Builder> POINTER =
      FieldList.<PositionedPointer, ExecutionPointer.Builder>of(
              "execution_pointers", () -> ExecutionPointer.builder("", 0))
          .with("id", Codec.TEXT, PositionedPointer::id, ExecutionPointer.Builder::id)
          .written("workflow_id", Codec.TEXT, PositionedPointer::workflowId)
          .written("position", Codec.BIGINT, PositionedPointer::position)
          .with(
              "step_id",
              Codec.INTEGER,
              of(ExecutionPointer::stepId),
              ExecutionPointer.Builder::stepId)
          .with(
              "active",
              Codec.BOOLEAN,
              of(ExecutionPointer::active),
              ExecutionPointer.Builder::active)
          .with(
              "status",
              Codec.of(EnumCodec.POINTER_STATUS),
              of(ExecutionPointer::status),
              ExecutionPointer.Builder::status)
          .with(
              "sleep_until",
              Codec.OPTIONAL_INSTANT,
              of(ExecutionPointer::sleepUntil),
              ExecutionPointer.Builder::sleepUntil)
          .with(
              "persistence_data",
              Codec.OPTIONAL_JSON,
              of(ExecutionPointer::persistenceData),
              ExecutionPointer.Builder::persistenceData)
          .with(
              "start_time",
              Codec.OPTIONAL_INSTANT,
              of(ExecutionPointer::startTime),
              ExecutionPointer.Builder::startTime)
          .with(
              "end_time",
              Codec.OPTIONAL_INSTANT,
              of(ExecutionPointer::endTime),
              ExecutionPointer.Builder::endTime)
          .with(
              "event_name",
              Codec.OPTIONAL_TEXT,
              of(ExecutionPointer::eventName),
              ExecutionPointer.Builder::eventName)
          .with(
              "event_key",
              Codec.OPTIONAL_TEXT,
              of(ExecutionPointer::eventKey),
              ExecutionPointer.Builder::eventKey)
          .with(
              "event_published",
              Codec.BOOLEAN_OR_FALSE,
              of(ExecutionPointer::eventPublished),
              ExecutionPointer.Builder::eventPublished)
          .with(
              "event_data",
              Codec.OPTIONAL_JSON,
              of(ExecutionPointer::eventData),
              ExecutionPointer.Builder::eventData)
          .with(
              "step_name",
              Codec.OPTIONAL_TEXT,
              of(ExecutionPointer::stepName),
              ExecutionPointer.Builder::stepName)
          .with(
              "retry_count",
              Codec.INTEGER_OR_ZERO,
              of(ExecutionPointer::retryCount),
              ExecutionPointer.Builder::retryCount)
          .with(
              "children",
              Codec.IDS,
              of(ExecutionPointer::children),
              ExecutionPointer.Builder::children)
          .with(
              "context_item",
              Codec.OPTIONAL_JSON,
              of(ExecutionPointer::contextItem),
              ExecutionPointer.Builder::contextItem)
          .with(
              "predecessor_id",
              Codec.OPTIONAL_TEXT,
              of(ExecutionPointer::predecessorId),
              ExecutionPointer.Builder::predecessorId)
          .with(
              "outcome",
              Codec.OPTIONAL_JSON,
              of(ExecutionPointer::outcome),
              ExecutionPointer.Builder::outcome)
          .with("scope", Codec.IDS, of(ExecutionPointer::scope), ExecutionPointer.Builder::scope)
          .with(
              "extension_attributes",
              Codec.ATTRIBUTES,
              of(ExecutionPointer::extensionAttributes),
              ExecutionPointer.Builder::extensionAttributes);

  /** Events. */
  public static final FieldList<Event, Event.Builder> EVENT =
      FieldList.<Event, Event.Builder>of("events", () -> Event.builder("", ""))
          .with("id", Codec.TEXT, Event::id, Event.Builder::id)
          .with("event_name", Codec.TEXT, Event::eventName, Event.Builder::eventName)
          .with("event_key", Codec.TEXT, Event::eventKey, Event.Builder::eventKey)
          .with("event_data", Codec.JSON, Event::eventData, Event.Builder::eventData)
          .stamped("event_time", Codec.INSTANT, Event::eventTime, Event.Builder::eventTime)
          .with("is_processed", Codec.BOOLEAN_OR_FALSE, Event::processed, Event.Builder::processed);

  /** Subscriptions. */
  public static final FieldList<EventSubscription, EventSubscription.Builder> SUBSCRIPTION =
      FieldList.<EventSubscription, EventSubscription.Builder>of(
              "event_subscriptions", () -> EventSubscription.builder("", "", "", ""))
          .with("id", Codec.TEXT, EventSubscription::id, EventSubscription.Builder::id)
          .with(
              "workflow_id",
              Codec.TEXT,
              EventSubscription::workflowId,
              EventSubscription.Builder::workflowId)
          .with(
              "step_id",
              Codec.INTEGER,
              EventSubscription::stepId,
              EventSubscription.Builder::stepId)
          .with(
              "execution_pointer_id",
              Codec.TEXT,
              EventSubscription::executionPointerId,
              EventSubscription.Builder::executionPointerId)
          .with(
              "event_name",
              Codec.TEXT,
              EventSubscription::eventName,
              EventSubscription.Builder::eventName)
          .with(
              "event_key",
              Codec.TEXT,
              EventSubscription::eventKey,
              EventSubscription.Builder::eventKey)
          .with(
              "subscribe_as_of",
              Codec.INSTANT,
              EventSubscription::subscribeAsOf,
              EventSubscription.Builder::subscribeAsOf)
          .with(
              "excluded_event_ids",
              Codec.OPTIONAL_IDS,
              EventSubscription::excludedEventIds,
              EventSubscription.Builder::excludedEventIds)
          .with(
              "subscription_data",
              Codec.OPTIONAL_JSON,
              EventSubscription::subscriptionData,
              EventSubscription.Builder::subscriptionData)
          .with(
              "external_token",
              Codec.OPTIONAL_TEXT,
              EventSubscription::externalToken,
              EventSubscription.Builder::externalToken)
          .with(
              "external_worker_id",
              Codec.OPTIONAL_TEXT,
              EventSubscription::externalWorkerId,
              EventSubscription.Builder::externalWorkerId)
          .with(
              "external_token_expiry",
              Codec.OPTIONAL_INSTANT,
              EventSubscription::externalTokenExpiry,
              EventSubscription.Builder::externalTokenExpiry);

  /** Errors. The database assigns their ids. */
  public static final FieldList<ExecutionError, ExecutionError.Builder> ERROR =
      FieldList.<ExecutionError, ExecutionError.Builder>of(
              "execution_errors", () -> new ExecutionError(Instant.EPOCH, "", "", "").toBuilder())
          .with(
              "error_time",
              Codec.INSTANT,
              ExecutionError::errorTime,
              ExecutionError.Builder::errorTime)
          .with(
              "workflow_id",
              Codec.TEXT,
              ExecutionError::workflowId,
              ExecutionError.Builder::workflowId)
          .with(
              "execution_pointer_id",
              Codec.TEXT,
              ExecutionError::executionPointerId,
              ExecutionError.Builder::executionPointerId)
          .with("message", Codec.TEXT, ExecutionError::message, ExecutionError.Builder::message);

  /** Scheduled commands. The database assigns their ids. */
  public static final FieldList<ScheduledCommand, ScheduledCommand.Builder> COMMAND =
      FieldList.<ScheduledCommand, ScheduledCommand.Builder>of(
              "scheduled_commands",
              () -> new ScheduledCommand(CommandName.PROCESS_WORKFLOW, "", 0).toBuilder())
          .with(
              "command_name",
              Codec.of(EnumCodec.COMMAND_NAME),
              ScheduledCommand::commandName,
              ScheduledCommand.Builder::commandName)
          .with("data", Codec.TEXT, ScheduledCommand::data, ScheduledCommand.Builder::data)
          .with(
              "execute_time",
              Codec.BIGINT,
              ScheduledCommand::executeTime,
              ScheduledCommand.Builder::executeTime);

  /** The graphs of definitions. */
  public static final FieldList<JsonNode, List<JsonNode>> DEFINITION =
      FieldList.<JsonNode, List<JsonNode>>of("workflow_definitions", ArrayList::new)
          .with("graph", Codec.JSON, graph -> graph, List::add);

  private StoreFields() {}

  private static <T extends @Nullable Object> Function<PositionedPointer, T> of(
      Function<ExecutionPointer, T> getter) {
    return placed -> getter.apply(placed.pointer());
  }
}
