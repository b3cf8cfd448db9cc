package dev.wfe.tck;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.PointerStatus;
import dev.wfe.model.Priority;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;

/** Values to store, with ids that no other test has. */
final class Samples {
  /** A time to count from, with all its microseconds. */
  static final Instant NOON = Instant.parse("2024-02-29T12:00:00.123456Z");

  private Samples() {}

  static String unique(String prefix) {
    return prefix + "-" + UUID.randomUUID();
  }

  /** Small, with an id and a name of its own. */
  static WorkflowInstance instance() {
    return WorkflowInstance.builder("definition", 1)
        .id(unique("workflow"))
        .name(unique("name"))
        .createTime(NOON)
        .build();
  }

  static WorkflowInstance instanceWith(ExecutionPointer... pointers) {
    return instance().toBuilder().executionPointers(List.of(pointers)).build();
  }

  /** Every field filled, unlike its default. */
  static WorkflowInstance fullInstance() {
    return instance().toBuilder()
        .rootWorkflowId("root")
        .workflowDefinitionId("other definition")
        .version(Integer.MAX_VALUE)
        .description("a description")
        .reference("order 17")
        .executionPointers(List.of(fullPointer(), ExecutionPointer.builder(0).build()))
        .nextExecution(1_709_208_000_123L)
        .status(WorkflowStatus.SUSPENDED)
        .data(object())
        .completeTime(NOON.plusSeconds(60))
        .priority(Priority.HIGH)
        .limitKey("a key")
        .build();
  }

  /** Every field filled, unlike its default. */
  static ExecutionPointer fullPointer() {
    return ExecutionPointer.builder(Integer.MAX_VALUE)
        .active(false)
        .status(PointerStatus.WAITING_FOR_EVENT)
        .sleepUntil(NOON.plusSeconds(1))
        .persistenceData(object())
        .startTime(NOON.plusSeconds(2))
        .endTime(NOON.plusSeconds(3))
        .eventName("paid")
        .eventKey("order 17")
        .eventPublished(true)
        .eventData(NullNode.getInstance())
        .stepName("wait for payment")
        .retryCount(3)
        .children(List.of("child 2", "child 1", "child 1"))
        .contextItem(IntNode.valueOf(5))
        .predecessorId("before")
        .outcome(TextNode.valueOf("done"))
        .scope(List.of("outer", "inner"))
        .extensionAttributes(Map.of("b", object(), "a", NullNode.getInstance(), "", object()))
        .build();
  }

  static JsonNode object() {
    return JsonNodeFactory.instance.objectNode().put("amount", 12).put("currency", "EUR");
  }

  static List<ExecutionPointer> pointers(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> ExecutionPointer.builder(i).stepName("step " + i).build())
        .toList();
  }

  /** Unprocessed, with an id of its own. */
  static Event event(String eventName, Instant time) {
    return Event.builder(eventName, "key").id(unique("event")).eventTime(time).build();
  }

  /** To the events of {@link #event}, with an id of its own; of a workflow that does not exist. */
  static EventSubscription subscription(String eventName, Instant asOf) {
    return subscription("workflow", eventName, asOf);
  }

  /** To the events of {@link #event}, with an id of its own. */
  static EventSubscription subscription(String workflowId, String eventName, Instant asOf) {
    return EventSubscription.builder(workflowId, "pointer", eventName, "key")
        .id(unique("subscription"))
        .subscribeAsOf(asOf)
        .build();
  }
}
