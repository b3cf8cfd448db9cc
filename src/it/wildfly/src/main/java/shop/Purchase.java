package shop;

import dev.wfe.host.EventType;

/** The data of an order's workflow. The receipt is null until the order is paid. */
public record Purchase(String order, String receipt) {
  /** The payment of an order; the key is the order's id, the payload is the receipt. */
  public static final EventType<String> PAID = EventType.of("order paid", String.class);

  Purchase paid(String given) {
    return new Purchase(order, given);
  }
}
