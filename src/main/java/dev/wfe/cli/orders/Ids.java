package dev.wfe.cli.orders;

/**
 * The ids of everything that belongs to an order. They follow from the order's own, so that what is
 * done a second time meets what was done the first time.
 */
public final class Ids {
  /** The id of the workflow definition that all orders run. */
  public static final String DEFINITION = "sample-order";

  /** What all ids of this host start with; what starts otherwise belongs to other hosts. */
  public static final String PREFIX = DEFINITION + "-";

  private Ids() {}

  static boolean isOurs(String id) {
    return id.startsWith(PREFIX);
  }

  /** Of the order's workflow; also its name. */
  public static String workflow(String orderId) {
    return PREFIX + orderId;
  }

  static String pointer(String orderId, Step step) {
    return workflow(orderId) + "/" + step.title();
  }

  /** Of the event that says that the order was paid. */
  public static String paymentEvent(String orderId) {
    return workflow(orderId) + "/paid";
  }

  /** Of the event that says that the order was shipped. */
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
