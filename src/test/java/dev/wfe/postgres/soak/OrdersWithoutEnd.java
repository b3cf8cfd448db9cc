package dev.wfe.postgres.soak;

import dev.wfe.cli.orders.Order;
import dev.wfe.cli.orders.OrdersCheck;
import dev.wfe.cli.orders.OrdersHost;
import dev.wfe.cli.orders.Step;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.faults.Eventually;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Carries out new orders repeatedly, and removes finished ones as an operator does. Not
 * thread-safe.
 */
final class OrdersWithoutEnd {
  private static final int ORDERS = 200;
  private static final int THREADS_PER_KIND = 4;
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final Instant ORDERED = Instant.parse("2026-03-01T10:15:00Z");
  private static final List<Step> FAILING =
      List.of(Step.RESERVE_STOCK, Step.PACK_GOODS, Step.PACK_PAPERS, Step.SHIP, Step.CLOSE);

  private static final String UNDONE =
      """
      select (select count(*) from wfc.event_subscriptions)
        + (select count(*) from wfc.scheduled_commands)
        + (select count(*) from wfc.events where not is_processed)
      """;

  private static final List<String> REMOVE =
      List.of(
          """
          delete from wfc.execution_pointers p using wfc.workflows w
          where w.id = p.workflow_id and w.status = 'Complete'
          """,
          "delete from wfc.workflows where status = 'Complete'",
          "delete from wfc.events where is_processed",
          """
          delete from wfc.execution_errors e
          where not exists (select from wfc.workflows w where w.id = e.workflow_id)
          """,
          "vacuum");

  private final PostgresPersistenceProvider provider;
  private final Connection operator;
  private int batches;

  /** With a connection past the provider. */
  OrdersWithoutEnd(PostgresPersistenceProvider provider, Connection operator) {
    this.provider = provider;
    this.operator = operator;
  }

  /** Carries out the next orders; gives what is not as it should be then. */
  List<String> next() throws InterruptedException {
    batches++;
    List<Order> orders = IntStream.range(0, ORDERS).mapToObj(this::order).toList();
    try (OrdersHost host = OrdersHost.start(provider, orders, THREADS_PER_KIND)) {
      if (!host.await(PATIENCE)) {
        throw new AssertionError("%s of the orders are done".formatted(host.completed()));
      }
      Eventually.isTrue("nothing is left to do", () -> undone() == 0);
    }
    return OrdersCheck.differences(provider, orders);
  }

  /** Of every kind, those with a step that fails included. */
  private Order order(int number) {
    @Nullable Step failing = number % 3 == 0 ? FAILING.get(number / 3 % FAILING.size()) : null;
    return new Order(
        "%s-%s".formatted(batches, number),
        "Ada Byron",
        "tea",
        2,
        1_990,
        ORDERED,
        ORDERED.plusSeconds(60),
        number % 2 == 0 ? Order.Payment.EARLY : Order.Payment.LATE,
        failing);
  }

  private long undone() {
    try (Statement statement = operator.createStatement();
        ResultSet rows = statement.executeQuery(UNDONE)) {
      rows.next();
      return rows.getLong(1);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** And makes room: how much is unused does not depend on how fast this machine is then. */
  void removeFinished() throws SQLException {
    try (Statement statement = operator.createStatement()) {
      for (String sql : REMOVE) {
        statement.execute(sql);
      }
    }
  }

  long done() {
    return (long) batches * ORDERS;
  }
}
