package dev.wfe.cli.orders;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.PointerStatus;
import dev.wfe.model.WorkflowInstance;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The data of an order's workflow: {@code order}, a line of the file, and {@code received}, the ids
 * of the received events, one entry for each delivery.
 */
final class OrderState {
  private OrderState() {}

  /** A new workflow for the order, before its first step. */
  static WorkflowInstance begin(Order order, String reference) {
    return WorkflowInstance.builder(Ids.DEFINITION, 1)
        .id(Ids.workflow(order.id()))
        .name(Ids.workflow(order.id()))
        .description(order.quantity() + " × " + order.item())
        .reference(reference)
        .data(data(order.toJson(), List.of()))
        .executionPointers(List.of(pointer(order.id(), Step.RESERVE_STOCK).build()))
        .build();
  }

  static ExecutionPointer.Builder pointer(String orderId, Step step) {
    return ExecutionPointer.builder(step.stepId())
        .id(Ids.pointer(orderId, step))
        .stepName(step.title());
  }

  /** The payload of the payment event. */
  static JsonNode receipt(Order order) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("orderId", order.id())
        .put("amountCents", order.amountCents());
  }

  static Order order(WorkflowInstance instance) {
    return OrderLine.order(instance.data().path("order"));
  }

  static List<String> received(WorkflowInstance instance) {
    List<String> ids = new ArrayList<>();
    instance.data().path("received").forEach(id -> ids.add(id.asText()));
    return ids;
  }

  /**
   * The instance after the pointer that subscribed to the event has received it; empty if the
   * pointer has received an event before. The pointer's state decides, so an event that is
   * delivered twice is received once.
   */
  static Optional<WorkflowInstance> receive(
      WorkflowInstance instance, EventSubscription subscription, Event event) {
    List<ExecutionPointer> pointers = new ArrayList<>(instance.executionPointers());
    for (int i = 0; i < pointers.size(); i++) {
      ExecutionPointer pointer = pointers.get(i);
      if (pointer.id().equals(subscription.executionPointerId()) && isWaiting(pointer)) {
        pointers.set(
            i, pointer.toBuilder().eventPublished(true).eventData(event.eventData()).build());
        List<String> received = received(instance);
        received.add(event.id());
        return Optional.of(
            instance.toBuilder()
                .executionPointers(pointers)
                .data(data(instance.data().path("order"), received))
                .nextExecution(0L)
                .build());
      }
    }
    return Optional.empty();
  }

  private static boolean isWaiting(ExecutionPointer pointer) {
    return pointer.status() == PointerStatus.WAITING_FOR_EVENT && !pointer.eventPublished();
  }

  private static JsonNode data(JsonNode order, List<String> received) {
    ObjectNode data = JsonNodeFactory.instance.objectNode();
    data.set("order", order);
    received.forEach(data.putArray("received")::add);
    return data;
  }
}
