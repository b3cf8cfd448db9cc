package dev.wfe.postgres.soak;

import dev.wfe.cli.LedgerTable;
import dev.wfe.cli.orders.Order;
import dev.wfe.cli.orders.OrderProcessing;
import dev.wfe.cli.orders.OrdersCheck;
import dev.wfe.cli.orders.SampleOrders;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.faults.Eventually;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;

/**
 * Carries out new orders repeatedly, and removes finished ones as an operator does. Not
 * thread-safe.
 */
final class OrdersWithoutEnd {
  private static final int ORDERS = 200;
  private static final int THREADS_PER_KIND = 4;
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final String UNDONE =
      """
      select (select count(*) from wfc.event_subscriptions)
        + (select count(*) from wfc.scheduled_commands)
        + (select count(*) from wfc.events where not is_processed)
        + (select count(*) from wfc.workflow_leases)
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
          "delete from wfc.order_ledger",
          "vacuum");

  private final PostgresPersistenceProvider provider;
  private final LedgerTable ledger;
  private final Connection operator;
  private int batches;

  /** With a connection past the provider. */
  OrdersWithoutEnd(PostgresPersistenceProvider provider, Connection operator) throws Exception {
    this.provider = provider;
    this.ledger = LedgerTable.open(provider);
    this.operator = operator;
  }

  /** Carries out the next orders; gives what is not as it should be then. */
  List<String> next() throws InterruptedException {
    batches++;
    List<Order> orders = SampleOrders.orders(batches + "-", ORDERS);
    try (OrderProcessing host = OrderProcessing.start(provider, ledger, orders, THREADS_PER_KIND)) {
      if (!host.await(PATIENCE)) {
        throw new AssertionError("%s of the orders are done".formatted(host.completed()));
      }
      Eventually.isTrue("nothing is left to do", () -> undone() == 0);
    }
    return OrdersCheck.differences(provider, orders);
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
