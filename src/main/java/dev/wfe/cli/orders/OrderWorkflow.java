package dev.wfe.cli.orders;

import dev.wfe.cli.orders.OrderState.Parcel;
import dev.wfe.cli.orders.OrderState.Payment;
import dev.wfe.cli.orders.OrderState.Shipment;
import dev.wfe.host.ActivityType;
import dev.wfe.host.EventType;
import dev.wfe.host.RetryPolicy;
import dev.wfe.host.StepContext;
import dev.wfe.host.TransactionContext;
import dev.wfe.host.Workflow;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * The workflow of an order.
 *
 * <p>Steps in a transaction also write to a table of the application. Their entries and the
 * workflow's state are committed together, so there is one entry for each of these steps, even if
 * the process is killed at any moment.
 */
public final class OrderWorkflow {
  /** The id of the definition. */
  public static final String ID = "demo-order";

  /** The prefix of the ids of all workflows of orders. */
  public static final String ID_PREFIX = ID + "-";

  /** The names of the steps, in order. */
  static final List<String> STEPS =
      List.of(
          "reserve-stock",
          "await-payment",
          "pack-goods",
          "pack-papers",
          "ship",
          "cool-off",
          "close");

  /** The steps that an order can make fail once. */
  static final Set<String> MAY_FAIL =
      Set.of("reserve-stock", "pack-goods", "pack-papers", "ship", "close");

  /** The steps that write to the {@link Ledger}. */
  public static final List<String> BOOKED = List.of("reserve-stock", "pack-papers", "close");

  static final EventType<Payment> PAID = EventType.of(ID + ".paid", Payment.class);

  static final ActivityType<Parcel, Shipment> SHIP =
      ActivityType.of(ID + ".ship", Parcel.class, Shipment.class);

  static final Duration COOL_OFF = Duration.ofMillis(300);

  private static final RetryPolicy RETRY = RetryPolicy.exponential(Duration.ofMillis(100));

  private static final int ITEMS_PER_BOX = 4;

  private final Ledger ledger;

  private OrderWorkflow(Ledger ledger) {
    this.ledger = ledger;
  }

  static Workflow<OrderState> definition(Ledger ledger) {
    OrderWorkflow steps = new OrderWorkflow(ledger);
    return Workflow.define(ID, 1, OrderState.class)
        .runInTransaction("reserve-stock", steps::book, RETRY)
        .await("await-payment", PAID, state -> state.order().id(), OrderState::paid)
        .call("pack-goods", OrderWorkflow::packGoods, OrderState::packed, RETRY)
        .callInTransaction("pack-papers", steps::book, OrderState::printed, RETRY)
        .activity("ship", SHIP, OrderState::parcel, OrderState::shipped, RETRY)
        .delay("cool-off", COOL_OFF)
        .runInTransaction("close", steps::book, RETRY)
        .build();
  }

  /** If this throws, the entry is rolled back. */
  private long book(OrderState state, TransactionContext transaction) throws Exception {
    long number = ledger.book(transaction);
    failOnce(state, transaction);
    return number;
  }

  private static int packGoods(OrderState state, StepContext step) {
    failOnce(state, step);
    return (state.order().quantity() - 1) / ITEMS_PER_BOX + 1;
  }

  private static void failOnce(OrderState state, StepContext step) {
    if (step.attempt() == 1 && step.stepName().equals(state.order().failsOnceAt())) {
      throw new IllegalStateException("The first attempt at %s failed".formatted(step.stepName()));
    }
  }
}
