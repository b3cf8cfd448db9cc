package dev.wfe.cli;

import dev.wfe.cli.orders.Ledger;
import dev.wfe.cli.orders.Order;
import dev.wfe.cli.orders.OrderWorkflow;
import dev.wfe.host.TransactionContext;
import dev.wfe.postgres.PostgresPersistenceProvider;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The table of the ledger, in the schema of the store. It has no constraint that would refuse a
 * second entry for a step: that there is one is what the check proves. Thread-safe.
 */
public final class LedgerTable implements Ledger {
  static final String NAME = "order_ledger";

  private final PostgresPersistenceProvider provider;
  private final String table;

  private LedgerTable(PostgresPersistenceProvider provider) {
    this.provider = provider;
    this.table = "\"%s\".%s".formatted(provider.options().schema(), NAME);
  }

  /** Returns the ledger. Creates the table if it is missing. */
  public static LedgerTable open(PostgresPersistenceProvider provider) throws Exception {
    LedgerTable ledger = new LedgerTable(provider);
    return provider.inTransaction(
        transaction -> ledger.created(transaction.unwrap(Connection.class)));
  }

  /** The lock makes several programs create the table one after the other. */
  private LedgerTable created(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("set local client_min_messages to error");
      statement.execute("select pg_advisory_xact_lock(hashtext('%s'))".formatted(table));
      statement.execute(
          """
          create table if not exists %s (
            number bigint generated always as identity primary key,
            workflow_id text not null,
            step text not null
          )
          """
              .formatted(table));
    }
    return this;
  }

  @Override
  public long book(TransactionContext transaction) throws SQLException {
    try (PreparedStatement insert =
        transaction
            .connection()
            .prepareStatement(
                "insert into %s (workflow_id, step) values (?, ?) returning number"
                    .formatted(table))) {
      insert.setString(1, transaction.workflowId());
      insert.setString(2, transaction.stepName());
      try (ResultSet number = insert.executeQuery()) {
        number.next();
        return number.getLong(1);
      }
    }
  }

  /** The number of entries. */
  long count() throws Exception {
    return provider.inTransaction(
        transaction -> {
          try (Statement statement = transaction.unwrap(Connection.class).createStatement();
              ResultSet count = statement.executeQuery("select count(*) from " + table)) {
            count.next();
            return count.getLong(1);
          }
        });
  }

  /** The steps of the orders that do not have exactly one entry, a sentence for each. */
  List<String> differences(List<Order> orders) throws Exception {
    return provider.inTransaction(
        transaction -> differences(orders, transaction.unwrap(Connection.class)));
  }

  private List<String> differences(List<Order> orders, Connection connection) throws SQLException {
    Map<String, Integer> entries = entries(connection);
    List<String> differences = new ArrayList<>();
    for (Order order : orders) {
      for (String step : OrderWorkflow.BOOKED) {
        int count = entries.getOrDefault(key(order.workflowId(), step), 0);
        if (count != 1) {
          differences.add(
              "Order %s has %s entries of its step %s in the ledger, not 1"
                  .formatted(order.id(), count, step));
        }
      }
    }
    return differences;
  }

  /** The number of entries of each workflow and step. */
  private Map<String, Integer> entries(Connection connection) throws SQLException {
    Map<String, Integer> entries = new HashMap<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery("select workflow_id, step from %s".formatted(table))) {
      while (rows.next()) {
        entries.merge(key(rows.getString(1), rows.getString(2)), 1, Integer::sum);
      }
    }
    return entries;
  }

  private static String key(String workflowId, String step) {
    return workflowId + "/" + step;
  }
}
