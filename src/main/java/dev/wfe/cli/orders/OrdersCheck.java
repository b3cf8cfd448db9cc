package dev.wfe.cli.orders;

import dev.wfe.cli.orders.OrderState.Payment;
import dev.wfe.host.StepState;
import dev.wfe.host.Workflow;
import dev.wfe.host.WorkflowClient;
import dev.wfe.host.WorkflowState;
import dev.wfe.model.PointerStatus;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.PersistenceProvider;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Compares the stored workflows with the orders: each workflow must be complete, each of its steps
 * must be stored once, and each payment must count once. Not thread-safe; used once.
 */
public final class OrdersCheck {
  /** For the class of the data; nothing is executed. */
  private static final Workflow<OrderState> WORKFLOW = OrderWorkflow.definition(step -> 0);

  private final WorkflowClient client;
  private final List<String> differences = new ArrayList<>();
  private final Map<Long, String> orderOfSlip = new HashMap<>();

  private OrdersCheck(WorkflowClient client) {
    this.client = client;
  }

  /**
   * The differences after all orders were executed, a sentence for each; empty if there are none.
   */
  public static List<String> differences(PersistenceProvider provider, List<Order> orders) {
    OrdersCheck check = new OrdersCheck(WorkflowClient.over(provider));
    orders.forEach(check::check);
    return check.differences;
  }

  private void check(Order order) {
    WorkflowState<OrderState> workflow;
    try {
      workflow = client.state(WORKFLOW, order.workflowId());
    } catch (NotFoundException e) {
      differ(order, "has no workflow");
      return;
    }
    OrderState state = workflow.data();
    if (!state.order().equals(order)) {
      differ(order, "differs from the stored order: " + state.order().toJson());
      return;
    }
    if (workflow.status() != WorkflowStatus.COMPLETE) {
      differ(order, "is " + workflow.status().word());
    }
    checkData(order, state);
    checkSteps(order, workflow.steps());
  }

  private void checkData(Order order, OrderState state) {
    Payment payment = new Payment(order.id(), order.amountCents());
    if (!state.payments().equals(List.of(payment))) {
      differ(order, "has the payments %s, not %s".formatted(state.payments(), List.of(payment)));
    }
    if (state.boxes() < 1) {
      differ(order, "is not packed");
    }
    if (state.shippedBy() == null) {
      differ(order, "was not shipped");
    }
    String other = orderOfSlip.putIfAbsent(state.slip(), order.id());
    if (state.slip() == 0) {
      differ(order, "has no packing slip");
    } else if (other != null) {
      differ(order, "has the packing slip %s of order %s".formatted(state.slip(), other));
    }
  }

  private void checkSteps(Order order, List<StepState> steps) {
    List<String> names = steps.stream().map(StepState::name).toList();
    if (!names.equals(OrderWorkflow.STEPS)) {
      differ(order, "has the steps %s, not %s".formatted(names, OrderWorkflow.STEPS));
    }
    for (StepState step : steps) {
      if (step.status() != PointerStatus.COMPLETE) {
        String error = step.error() == null ? "" : ": " + step.error();
        differ(order, "has its step %s %s%s".formatted(step.name(), step.status().word(), error));
      }
      if (step.name().equals(order.failsOnceAt()) && step.failures() == 0) {
        differ(order, "has not failed at its step " + step.name());
      }
    }
  }

  private void differ(Order order, String difference) {
    differences.add("Order %s %s".formatted(order.id(), difference));
  }
}
