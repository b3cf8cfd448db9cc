package dev.wfe.postgres.internal.mapping;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionError;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.PointerStatus;
import dev.wfe.model.Priority;
import dev.wfe.model.ScheduledCommand;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Values with every field set and none at its default, and values with nothing set. */
public final class SampleValues {
  private static final Instant EARLY = Instant.parse("-0043-03-15T12:00:00.000001Z");
  private static final Instant TIME = Instant.parse("2026-10-25T01:30:00.123456Z");
  private static final Instant LATE = Instant.parse("+294276-12-31T23:59:59.999999Z");

  private SampleValues() {}

  /** A tree of the text. */
  public static JsonNode json(String text) {
    try {
      return Json.tree(text.getBytes(StandardCharsets.UTF_8));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(text, e);
    }
  }

  /** A pointer with everything. */
  public static ExecutionPointer fullPointer(String id) {
    return ExecutionPointer.builder(7)
        .id(id)
        .active(false)
        .status(PointerStatus.WAITING_FOR_EVENT)
        .sleepUntil(LATE)
        .persistenceData(json("{\"a\": [1, 2.50, null, true, {\"b\": \"\\u0001 \ud83d\ude00\"}]}"))
        .startTime(EARLY)
        .endTime(TIME)
        .eventName("paid")
        .eventKey("order 1")
        .eventPublished(true)
        .eventData(NullNode.instance)
        .stepName("wait")
        .retryCount(3)
        .children(List.of("c2", "c1"))
        .contextItem(json("\"text\""))
        .predecessorId("before")
        .outcome(json("123456789012345678901234567890.123456789012345678901234567890"))
        .scope(List.of("s1", "s2"))
        .extensionAttributes(Map.of("x", NullNode.instance, "y", json("{\"z\": 1e30}")))
        .build();
  }

  /** A pointer with nothing that may be absent. */
  public static ExecutionPointer emptyPointer(String id) {
    return ExecutionPointer.builder(0).id(id).build();
  }

  /** An instance with everything. */
  public static WorkflowInstance fullInstance(String id) {
    return WorkflowInstance.builder("definition", 3)
        .id(id)
        .name("name of " + id)
        .rootWorkflowId("root")
        .description("a \u2028 \ud83d\ude00 description")
        .reference("reference")
        .executionPointers(
            List.of(fullPointer(id + "-z"), emptyPointer(id + "-a"), fullPointer(id + "-m")))
        .nextExecution(Long.MIN_VALUE)
        .status(WorkflowStatus.SUSPENDED)
        .data(json("[1.50, 1e2, 0.1e-30, {}]"))
        .createTime(EARLY)
        .completeTime(LATE)
        .priority(Priority.LOW)
        .limitKey("limit \ud83d\ude00 key")
        .build();
  }

  /** An instance with nothing that may be absent. */
  public static WorkflowInstance emptyInstance(String id) {
    return WorkflowInstance.builder("definition", 0)
        .id(id)
        .name(id)
        .nextExecution(null)
        .data(NullNode.instance)
        .createTime(LATE)
        .build();
  }

  /** An event with everything. */
  public static Event fullEvent(String id) {
    return Event.builder("paid", "order 1")
        .id(id)
        .eventData(json("{\"amount\": 9.90}"))
        .eventTime(EARLY)
        .processed(true)
        .build();
  }

  /** An event with nothing that may be absent. */
  public static Event emptyEvent(String id) {
    return Event.builder("paid", "").id(id).eventTime(LATE).build();
  }

  /** A subscription with everything. */
  public static EventSubscription fullSubscription(String id) {
    return EventSubscription.builder("workflow", "pointer", "paid", "order 1")
        .id(id)
        .stepId(4)
        .subscribeAsOf(EARLY)
        .excludedEventIds(List.of("event \"2\"", "event 1"))
        .subscriptionData(json("[\"d\"]"))
        .externalToken("token")
        .externalWorkerId("worker")
        .externalTokenExpiry(LATE)
        .build();
  }

  /** A subscription with nothing that may be absent. */
  public static EventSubscription emptySubscription(String id) {
    return EventSubscription.builder("workflow", "pointer", "paid", "")
        .subscribeAsOf(Instant.EPOCH)
        .id(id)
        .build();
  }

  /** A command. */
  public static ScheduledCommand command(String data) {
    return ScheduledCommand.processEvent(data, Long.MAX_VALUE);
  }

  /** An error. */
  public static ExecutionError error(String workflowId) {
    return new ExecutionError(TIME, workflowId, "pointer", "it \"failed\"");
  }
}
