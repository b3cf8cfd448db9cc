package dev.wfe.cli.orders;

import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Orders for tests: every way of paying with every step that may fail. */
public final class SampleOrders {
  private static final Instant ORDERED = Instant.parse("2026-03-01T10:15:00Z");
  private static final List<String> FAILING =
      OrderWorkflow.STEPS.stream().filter(OrderWorkflow.MAY_FAIL::contains).toList();

  private SampleOrders() {}

  static Order order(String id, Order.Payment payment, @Nullable String failsOnceAt) {
    return new Order(
        id, "Ada Byron", "tea", 5, 1_990, ORDERED, ORDERED.plusSeconds(60), payment, failsOnceAt);
  }

  static List<Order> orders(int count) {
    return orders("o", count);
  }

  /** Orders whose ids begin with the prefix. */
  public static List<Order> orders(String prefix, int count) {
    return IntStream.range(0, count).mapToObj(n -> order(prefix, n)).toList();
  }

  private static Order order(String prefix, int n) {
    return order(
        prefix + n,
        n % 2 == 0 ? Order.Payment.EARLY : Order.Payment.LATE,
        n % 3 == 0 ? FAILING.get(n / 3 % FAILING.size()) : null);
  }
}
