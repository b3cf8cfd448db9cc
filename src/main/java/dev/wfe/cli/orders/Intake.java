package dev.wfe.cli.orders;

import dev.wfe.cli.orders.OrderState.Payment;
import dev.wfe.host.Start;
import dev.wfe.host.StartOptions;
import dev.wfe.host.Workflow;
import dev.wfe.host.WorkflowClient;
import dev.wfe.persistence.ItemResult;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.persistence.StoreTransaction;
import java.util.List;

/**
 * Starts the workflows of the orders, one batch at a time. Then publishes the late payments. Every
 * id is derived from the order's id, so whatever an earlier run has done has no effect again. Not
 * thread-safe.
 */
final class Intake {
  private static final int BATCH = 100;

  private final PersistenceProvider provider;
  private final Workflow<OrderState> workflow;
  private final List<Order> orders;
  private int started;
  private int paid;

  Intake(PersistenceProvider provider, Workflow<OrderState> workflow, List<Order> orders) {
    this.provider = provider;
    this.workflow = workflow;
    this.orders = orders;
  }

  /**
   * Takes in the next batch. After a failure, the next call repeats the batch.
   *
   * @return false if all orders are started and paid
   */
  boolean work() throws Exception {
    if (started < orders.size()) {
      List<Order> batch = batch(started);
      started += provider.inTransaction(transaction -> start(batch, transaction));
      return true;
    }
    if (paid < orders.size()) {
      List<Order> batch = batch(paid);
      pay(batch, Order.Payment.LATE, WorkflowClient.over(provider));
      paid += batch.size();
      return true;
    }
    return false;
  }

  private List<Order> batch(int from) {
    return orders.subList(from, Math.min(from + BATCH, orders.size()));
  }

  /**
   * Starts the workflows, and publishes the early payments in the same transaction.
   *
   * @return how many orders there are
   */
  private int start(List<Order> batch, StoreTransaction transaction) {
    WorkflowClient client = WorkflowClient.over(transaction.provider());
    client
        .startWorkflows(workflow, batch.stream().map(Intake::start).toList())
        .forEach(ItemResult::orThrow);
    pay(batch, Order.Payment.EARLY, client);
    return batch.size();
  }

  private static Start<OrderState> start(Order order) {
    return new Start<>(OrderState.of(order), StartOptions.id(order.workflowId()));
  }

  private static void pay(List<Order> batch, Order.Payment when, WorkflowClient client) {
    for (Order order : batch) {
      if (order.payment() == when) {
        client.publishOnce(
            order.paymentId(),
            OrderWorkflow.PAID,
            order.id(),
            new Payment(order.id(), order.amountCents()));
      }
    }
  }
}
