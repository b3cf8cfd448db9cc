package dev.wfe.cli.orders;

/** The names of events. Their keys are ids of orders unless stated otherwise. */
final class Topics {
  /** An order was paid. */
  static final String PAID = "sample-order.paid";

  /** An order was shipped. */
  static final String SHIPPED = "sample-order.shipped";

  /** An attempt to ship an order failed. No workflow waits for this event. */
  static final String SHIPPING_FAILED = "sample-order.shipping-failed";

  /** Work for external workers. No event of this name is published. */
  static final String OFFER = "sample-order.offer";

  /** The key of all offers to the parcel service. */
  static final String PARCEL_SERVICE = "parcel-service";

  private Topics() {}
}
