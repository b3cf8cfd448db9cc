package dev.wfe.cli.orders;

import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Orders for tests: every way of paying with every step that may fail. */
final class SampleOrders {
  private static final Instant ORDERED = Instant.parse("2026-03-01T10:15:00Z");
  private static final List<Step> FAILING =
      List.of(Step.RESERVE_STOCK, Step.PACK_GOODS, Step.PACK_PAPERS, Step.SHIP, Step.CLOSE);

  private SampleOrders() {}

  static Order order(String id, Order.Payment payment, @Nullable Step failsOnceAt) {
    return new Order(
        id, "Ada Byron", "tea", 2, 1_990, ORDERED, ORDERED.plusSeconds(60), payment, failsOnceAt);
  }

  static List<Order> orders(int count) {
    return IntStream.range(0, count).mapToObj(SampleOrders::order).toList();
  }

  private static Order order(int n) {
    return order(
        "o" + n,
        n % 2 == 0 ? Order.Payment.EARLY : Order.Payment.LATE,
        n % 3 == 0 ? FAILING.get(n / 3 % FAILING.size()) : null);
  }
}
