package dev.wfe.host;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.LiveWorkflow;
import dev.wfe.model.PointerStatus;
import dev.wfe.model.WorkflowStatus;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * How child workflows are stored. The pointer of the parent waits for the event with which any end
 * of the child is written. When the parent ends, its write publishes an event for each child that
 * has not ended, and a host terminates the child. Thread-safe.
 */
final class Children {
  /** The name of the topic of ends; its key is the id of the child. */
  static final String END = "child end";

  /** The name of the topic of orders to terminate; its key is the id of the child. */
  static final String STOP = "child stop";

  private static final String ATTEMPTS = "children";
  private static final String STATUS = "status";
  private static final String DATA = "data";

  private Children() {}

  /** The pointer with one more child. */
  static ExecutionPointer begin(ExecutionPointer pointer) {
    int attempt = pointer.extensionAttributes().getOrDefault(ATTEMPTS, IntNode.valueOf(0)).asInt();
    Map<String, JsonNode> attributes = new TreeMap<>(pointer.extensionAttributes());
    attributes.put(ATTEMPTS, IntNode.valueOf(attempt + 1));
    return pointer.toBuilder()
        .eventName(END)
        .eventKey(attempt == 0 ? pointer.id() : pointer.id() + "." + attempt)
        .extensionAttributes(attributes)
        .build();
  }

  /**
   * Returns the events to publish when the instance ends: one for its parent, and one for each
   * child that has not ended.
   */
  static List<Event> ofEnded(
      LiveWorkflow live, WorkflowStatus status, JsonNode data, Collection<ExecutionPointer> all) {
    List<Event> orders = all.stream().filter(Children::isOpen).map(Children::stop).toList();
    if (live.rootWorkflowId() == null) {
      return orders;
    }
    // It has no fixed id: an instance that is run again ends again.
    Event end =
        Event.builder(END, live.id())
            .eventData(
                JsonNodeFactory.instance.objectNode().put(STATUS, status.word()).set(DATA, data))
            .build();
    return Stream.concat(Stream.of(end), orders.stream()).toList();
  }

  /** The order to terminate the child of the pointer. */
  static Event stop(ExecutionPointer pointer) {
    String child = String.valueOf(pointer.eventKey());
    return Event.builder(STOP, child).id(child + "/" + STOP).build();
  }

  /** Whether the pointer waits for a child, or did so until it was cancelled just now. */
  private static boolean isOpen(ExecutionPointer pointer) {
    return isChild(pointer)
        && (pointer.status() == PointerStatus.WAITING_FOR_EVENT
            || pointer.status() == PointerStatus.CANCELLED);
  }

  /** Whether the pointer has a child. */
  static boolean isChild(ExecutionPointer pointer) {
    return END.equals(pointer.eventName());
  }

  /** The subscription of the pointer to the end of its child. */
  static EventSubscription subscription(
      String workflowId, ExecutionPointer pointer, Instant created) {
    String child = String.valueOf(pointer.eventKey());
    return EventSubscription.builder(workflowId, pointer.id(), END, child)
        .id(subscriptionId(pointer))
        .stepId(pointer.stepId())
        .subscribeAsOf(created)
        .build();
  }

  static String subscriptionId(ExecutionPointer pointer) {
    return String.valueOf(pointer.eventKey());
  }

  static boolean isComplete(JsonNode end) {
    return WorkflowStatus.COMPLETE.word().equals(end.path(STATUS).asText());
  }

  static JsonNode data(JsonNode end) {
    return end.path(DATA);
  }

  static boolean isOrder(Event event) {
    return event.eventName().equals(STOP);
  }
}
