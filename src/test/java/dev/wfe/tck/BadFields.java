package dev.wfe.tck;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionError;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.ScheduledCommand;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.ValueLimits;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Every field of every value, with everything that can be wrong with it. */
final class BadFields {
  private BadFields() {}

  /** The fields of an instance, those of its pointers included; id and name may be empty. */
  static Stream<BadValue<WorkflowInstance.Builder>> ofInstance() {
    BadValues<WorkflowInstance.Builder> instance =
        new BadValues<WorkflowInstance.Builder>()
            .optionalKey("id", WorkflowInstance.Builder::id)
            .optionalKey("name", WorkflowInstance.Builder::name)
            .optionalKey("rootWorkflowId", WorkflowInstance.Builder::rootWorkflowId)
            .filledKey("workflowDefinitionId", WorkflowInstance.Builder::workflowDefinitionId)
            .notNegative("version", WorkflowInstance.Builder::version)
            .optionalText("description", WorkflowInstance.Builder::description)
            .optionalKey("reference", WorkflowInstance.Builder::reference)
            .optionalKey("limitKey", WorkflowInstance.Builder::limitKey)
            .needed("status", WorkflowInstance.Builder::status)
            .json("data", WorkflowInstance.Builder::data)
            .optionalInstant("createTime", WorkflowInstance.Builder::createTime)
            .optionalInstant("completeTime", WorkflowInstance.Builder::completeTime)
            .needed(
                "executionPointers[0]",
                (builder, pointer) -> builder.executionPointers(listOfNull()));
    return Stream.concat(instance.all().stream(), ofPointer().map(BadFields::second));
  }

  private static <T> List<T> listOfNull() {
    List<T> list = new ArrayList<>();
    list.add(Nothing.nothing());
    return list;
  }

  /** The field of the second of two pointers. */
  private static BadValue<WorkflowInstance.Builder> second(BadValue<ExecutionPointer.Builder> bad) {
    return new BadValue<>(
        "executionPointers[1]." + bad.field(),
        bad.problem(),
        bad.what(),
        builder -> {
          ExecutionPointer.Builder pointer = Samples.fullPointer().toBuilder();
          bad.spoil().accept(pointer);
          builder.executionPointers(List.of(ExecutionPointer.builder(0).build(), pointer.build()));
        });
  }

  private static Stream<BadValue<ExecutionPointer.Builder>> ofPointer() {
    return new BadValues<ExecutionPointer.Builder>()
            .filledKey("id", ExecutionPointer.Builder::id)
            .notNegative("stepId", ExecutionPointer.Builder::stepId)
            .needed("status", ExecutionPointer.Builder::status)
            .optionalInstant("sleepUntil", ExecutionPointer.Builder::sleepUntil)
            .optionalJson("persistenceData", ExecutionPointer.Builder::persistenceData)
            .optionalInstant("startTime", ExecutionPointer.Builder::startTime)
            .optionalInstant("endTime", ExecutionPointer.Builder::endTime)
            .optionalKey("eventName", ExecutionPointer.Builder::eventName)
            .optionalKey("eventKey", ExecutionPointer.Builder::eventKey)
            .optionalJson("eventData", ExecutionPointer.Builder::eventData)
            .optionalText("stepName", ExecutionPointer.Builder::stepName)
            .notNegative("retryCount", ExecutionPointer.Builder::retryCount)
            .keys("children", ExecutionPointer.Builder::children)
            .optionalJson("contextItem", ExecutionPointer.Builder::contextItem)
            .optionalKey("predecessorId", ExecutionPointer.Builder::predecessorId)
            .optionalJson("outcome", ExecutionPointer.Builder::outcome)
            .keys("scope", ExecutionPointer.Builder::scope)
            .optionalJson("extensionAttributes", BadFields::attribute)
            .needed(
                "extensionAttributes.key",
                (builder, json) -> builder.extensionAttributes(mapOf("key", Nothing.nothing())))
            .needed(
                "extensionAttributes",
                (builder, json) ->
                    builder.extensionAttributes(mapOf(Nothing.nothing(), NullNode.getInstance())))
            .all()
            .stream();
  }

  private static void attribute(ExecutionPointer.Builder builder, JsonNode json) {
    builder.extensionAttributes(mapOf("key", json));
  }

  /** As {@link Map#of}, with nulls. */
  private static Map<String, JsonNode> mapOf(String key, JsonNode json) {
    Map<String, JsonNode> map = new LinkedHashMap<>();
    map.put(key, json);
    return map;
  }

  static Stream<BadValue<Event.Builder>> ofEvent() {
    return new BadValues<Event.Builder>()
            .optionalKey("id", Event.Builder::id)
            .filledKey("eventName", Event.Builder::eventName)
            .key("eventKey", Event.Builder::eventKey)
            .json("eventData", Event.Builder::eventData)
            .optionalInstant("eventTime", Event.Builder::eventTime)
            .all()
            .stream();
  }

  static Stream<BadValue<EventSubscription.Builder>> ofSubscription() {
    return new BadValues<EventSubscription.Builder>()
            .optionalKey("id", EventSubscription.Builder::id)
            .filledKey("workflowId", EventSubscription.Builder::workflowId)
            .notNegative("stepId", EventSubscription.Builder::stepId)
            .filledKey("executionPointerId", EventSubscription.Builder::executionPointerId)
            .filledKey("eventName", EventSubscription.Builder::eventName)
            .key("eventKey", EventSubscription.Builder::eventKey)
            .instant("subscribeAsOf", EventSubscription.Builder::subscribeAsOf)
            .keys(
                "excludedEventIds",
                EventSubscription.Builder::excludedEventIds,
                ValueLimits.MAX_EXCLUDED_EVENTS)
            .optionalJson("subscriptionData", EventSubscription.Builder::subscriptionData)
            .optionalKey("externalToken", EventSubscription.Builder::externalToken)
            .optionalKey("externalWorkerId", EventSubscription.Builder::externalWorkerId)
            .optionalInstant("externalTokenExpiry", EventSubscription.Builder::externalTokenExpiry)
            .all()
            .stream();
  }

  static Stream<BadValue<ScheduledCommand.Builder>> ofCommand() {
    return new BadValues<ScheduledCommand.Builder>()
            .needed("commandName", ScheduledCommand.Builder::commandName)
            .filledKey("data", ScheduledCommand.Builder::data)
            .all()
            .stream();
  }

  static Stream<BadValue<ExecutionError.Builder>> ofError() {
    return new BadValues<ExecutionError.Builder>()
            .instant("errorTime", ExecutionError.Builder::errorTime)
            .key("workflowId", ExecutionError.Builder::workflowId)
            .key("executionPointerId", ExecutionError.Builder::executionPointerId)
            .needed("message", ExecutionError.Builder::message)
            .optionalText("message", ExecutionError.Builder::message)
            .all()
            .stream();
  }
}
