package dev.wfe.cli.orders;

/**
 * The ids of all values that belong to an order. They are derived from the order's id, so that a
 * repeated write finds the ids of the first one in use.
 */
public final class Ids {
  /** The id of the workflow definition of all orders. */
  public static final String DEFINITION = "sample-order";

  /** The prefix of all ids of this host. Other ids belong to other hosts. */
  public static final String PREFIX = DEFINITION + "-";

  private Ids() {}

  static boolean isOurs(String id) {
    return id.startsWith(PREFIX);
  }

  /** The id of the order's workflow; also its name. */
  public static String workflow(String orderId) {
    return PREFIX + orderId;
  }

  static String pointer(String orderId, Step step) {
    return workflow(orderId) + "/" + step.title();
  }

  /** The id of the event that the order was paid. */
  public static String paymentEvent(String orderId) {
    return workflow(orderId) + "/paid";
  }

  /** The id of the event that the order was shipped. */
  public static String shippedEvent(String orderId) {
    return workflow(orderId) + "/shipped";
  }

  static String shippingFailedEvent(String orderId) {
    return workflow(orderId) + "/shipping-failed";
  }

  static String paymentSubscription(String orderId) {
    return workflow(orderId) + "/awaits-paid";
  }

  static String shippedSubscription(String orderId) {
    return workflow(orderId) + "/awaits-shipped";
  }

  static String offer(String orderId) {
    return workflow(orderId) + "/offer";
  }
}
