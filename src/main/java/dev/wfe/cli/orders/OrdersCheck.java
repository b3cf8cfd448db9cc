package dev.wfe.cli.orders;

import com.fasterxml.jackson.databind.JsonNode;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.PointerStatus;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.PersistenceProvider;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Compares the stored workflows with the orders: each workflow must be complete with all its steps,
 * and each payment must be received exactly once. Not thread-safe; used once.
 */
public final class OrdersCheck {
  private static final int BATCH = 100;

  private final List<String> differences = new ArrayList<>();
  private final Map<String, String> orderOfReference = new HashMap<>();

  private OrdersCheck() {}

  /**
   * The differences after all orders were executed, a sentence for each; empty if there are none.
   */
  public static List<String> differences(PersistenceProvider provider, List<Order> orders) {
    OrdersCheck check = new OrdersCheck();
    for (int from = 0; from < orders.size(); from += BATCH) {
      List<Order> batch = orders.subList(from, Math.min(from + BATCH, orders.size()));
      List<String> ids = batch.stream().map(order -> Ids.workflow(order.id())).toList();
      Map<String, WorkflowInstance> instances =
          provider.getWorkflowInstances(ids).stream()
              .collect(Collectors.toMap(WorkflowInstance::id, Function.identity()));
      batch.forEach(order -> check.check(order, instances.get(Ids.workflow(order.id()))));
    }
    return check.differences;
  }

  private void check(Order order, @Nullable WorkflowInstance instance) {
    if (instance == null) {
      differ(order, "has no workflow");
    } else if (!instance.data().path("order").equals(canonical(order))) {
      differ(order, "differs from the stored order: " + instance.data().path("order"));
    } else {
      checkState(order, instance);
    }
  }

  /** The order's JSON in the form in which it is read from the database. */
  private static JsonNode canonical(Order order) {
    return OrderState.begin(order, "").data().path("order");
  }

  private void checkState(Order order, WorkflowInstance instance) {
    if (instance.status() != WorkflowStatus.COMPLETE) {
      differ(order, "is " + instance.status().word());
    }
    List<String> received = OrderState.received(instance);
    List<String> expected = List.of(Ids.paymentEvent(order.id()), Ids.shippedEvent(order.id()));
    if (!received.equals(expected)) {
      differ(order, "received the events %s, not %s".formatted(received, expected));
    }
    String other = orderOfReference.putIfAbsent(String.valueOf(instance.reference()), order.id());
    if (other != null) {
      differ(order, "has the reference %s of order %s".formatted(instance.reference(), other));
    }
    checkPointers(order, instance);
  }

  private void checkPointers(Order order, WorkflowInstance instance) {
    Map<String, ExecutionPointer> pointers =
        instance.executionPointers().stream()
            .collect(Collectors.toMap(ExecutionPointer::id, Function.identity()));
    for (Step step : Step.values()) {
      ExecutionPointer pointer = pointers.remove(Ids.pointer(order.id(), step));
      if (pointer == null) {
        differ(order, "has not reached its step " + step.title());
      } else {
        checkPointer(order, step, pointer);
      }
    }
    pointers.keySet().forEach(id -> differ(order, "has an unexpected step: " + id));
  }

  private void checkPointer(Order order, Step step, ExecutionPointer pointer) {
    if (pointer.status() != PointerStatus.COMPLETE) {
      differ(order, "has its step %s %s".formatted(step.title(), pointer.status().word()));
    }
    int retries = step == order.failsOnceAt() && step != Step.SHIP ? 1 : 0;
    if (pointer.retryCount() != retries) {
      differ(order, "has retried %s %s times".formatted(step.title(), pointer.retryCount()));
    }
    if (step == Step.AWAIT_PAYMENT && !isPaid(order, pointer.eventData())) {
      differ(order, "was paid as " + pointer.eventData());
    }
  }

  private static boolean isPaid(Order order, @Nullable JsonNode receipt) {
    return receipt != null
        && receipt.path("orderId").asText().equals(order.id())
        && receipt.path("amountCents").asLong() == order.amountCents();
  }

  private void differ(Order order, String difference) {
    differences.add("Order %s %s".formatted(order.id(), difference));
  }
}
