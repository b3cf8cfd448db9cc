package dev.wfe.cli.orders;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The data of an order's workflow: the order, and what the steps have led to. Immutable.
 *
 * @param order the order
 * @param payments the payments; a list, so that the check would see a payment that counts twice
 * @param boxes how many boxes the goods fill; 0 before they are packed
 * @param slip the number of the packing slip; 0 before it is printed
 * @param shippedBy the worker that shipped the parcel, or null
 */
record OrderState(
    Order order, List<Payment> payments, int boxes, long slip, @Nullable String shippedBy) {
  OrderState {
    payments = List.copyOf(payments);
  }

  static OrderState of(Order order) {
    return new OrderState(order, List.of(), 0, 0, null);
  }

  OrderState paid(Payment payment) {
    List<Payment> all = new ArrayList<>(payments);
    all.add(payment);
    return new OrderState(order, all, boxes, slip, shippedBy);
  }

  OrderState packed(int filled) {
    return new OrderState(order, payments, filled, slip, shippedBy);
  }

  OrderState printed(long number) {
    return new OrderState(order, payments, boxes, number, shippedBy);
  }

  OrderState shipped(Shipment shipment) {
    return new OrderState(order, payments, boxes, slip, shipment.worker());
  }

  Parcel parcel() {
    return new Parcel(order.id(), order.customer(), "ship".equals(order.failsOnceAt()));
  }

  /**
   * The event that an order was paid.
   *
   * @param orderId also the key of the event
   * @param amountCents how much was paid
   */
  record Payment(String orderId, long amountCents) {}

  /**
   * What a parcel worker gets.
   *
   * @param orderId the order
   * @param recipient to whom it has to be shipped
   * @param failsOnce whether the first attempt fails
   */
  record Parcel(String orderId, String recipient, boolean failsOnce) {}

  /**
   * What a parcel worker returns.
   *
   * @param worker the worker that shipped the parcel
   */
  record Shipment(String worker) {}
}
