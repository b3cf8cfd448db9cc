package dev.wfe.cli.orders;

import dev.wfe.model.Event;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.DuplicateException;
import dev.wfe.persistence.PersistenceProvider;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Creates the workflows of orders that are not stored yet, one batch at a time. Then publishes the
 * late payments.
 */
final class Intake implements Worker {
  private static final int BATCH = 100;

  private final PersistenceProvider provider;
  private final List<Order> orders;
  private final Progress progress;
  private int taken;
  private int paid;

  Intake(PersistenceProvider provider, List<Order> orders, Progress progress) {
    this.provider = provider;
    this.orders = orders;
    this.progress = progress;
  }

  /** After a failure, the next call repeats the batch. */
  @Override
  public boolean work() {
    if (taken < orders.size()) {
      List<Order> batch = batch(taken);
      takeIn(batch);
      taken += batch.size();
      return true;
    }
    if (paid < orders.size()) {
      List<Order> batch = batch(paid);
      payLate(batch);
      paid += batch.size();
      return true;
    }
    return false;
  }

  private List<Order> batch(int from) {
    return orders.subList(from, Math.min(from + BATCH, orders.size()));
  }

  private void takeIn(List<Order> batch) {
    Map<String, WorkflowInstance> known = known(batch);
    for (Order order : batch) {
      WorkflowInstance instance = known.get(Ids.workflow(order.id()));
      if (instance == null) {
        takeIn(order);
      } else if (instance.status() == WorkflowStatus.COMPLETE) {
        progress.completed(instance.id());
      }
    }
  }

  /** The payment is published first: once the workflow exists, the order is skipped here. */
  private void takeIn(Order order) {
    if (order.payment() == Order.Payment.EARLY) {
      publishPayment(order);
    }
    long number = provider.nextDefinitionSequence(Ids.DEFINITION);
    try {
      provider.createNewWorkflow(
          OrderState.begin(order, String.format(Locale.ROOT, "slip-%06d", number)));
    } catch (DuplicateException e) {
      if (!e.value().equals(Ids.workflow(order.id()))) {
        throw e;
      }
      // another host with the same orders has just created it
    }
  }

  private void payLate(List<Order> batch) {
    Map<String, WorkflowInstance> known = known(batch);
    for (Order order : batch) {
      WorkflowInstance instance = known.get(Ids.workflow(order.id()));
      if (order.payment() == Order.Payment.LATE
          && instance != null
          && !OrderState.received(instance).contains(Ids.paymentEvent(order.id()))) {
        publishPayment(order);
      }
    }
  }

  private void publishPayment(Order order) {
    try {
      provider.createEvent(
          Event.builder(Topics.PAID, order.id())
              .id(Ids.paymentEvent(order.id()))
              .eventTime(order.paidAt())
              .eventData(OrderState.receipt(order))
              .build());
    } catch (DuplicateException e) {
      // an earlier run has published it
    }
  }

  private Map<String, WorkflowInstance> known(List<Order> batch) {
    List<String> ids = batch.stream().map(order -> Ids.workflow(order.id())).toList();
    return provider.getWorkflowInstances(ids).stream()
        .collect(Collectors.toMap(WorkflowInstance::id, Function.identity()));
  }
}
