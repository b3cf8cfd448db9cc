package dev.wfe.cli;

import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.HorizontalAlign;
import dev.wfe.cli.orders.OrderWorkflow;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The tables at the end: what the database contains, and how fast the operations were. */
final class Report {
  private static final String PATTERN = OrderWorkflow.ID_PREFIX + "%";

  private Report() {}

  /**
   * Counts the rows of all orders in the database, including those of other files.
   *
   * @param ledgerEntries the number of entries in the ledger
   */
  static String contents(EntityManagerFactory factory, long ledgerEntries) {
    List<String[]> rows = new ArrayList<>();
    try (EntityManager entities = factory.createEntityManager()) {
      add(
          rows,
          entities,
          "instances",
          "select w.status, count(w) from WorkflowEntity w where w.id");
      add(
          rows,
          entities,
          "pointers",
          "select p.status, count(p) from ExecutionPointerEntity p where p.workflowId");
      add(
          rows,
          entities,
          "events",
          "select case when e.processed = true then 'processed' else 'unprocessed' end as state,"
              + " count(e) from EventEntity e where coalesce((select p.workflowId from"
              + " ExecutionPointerEntity p where p.id = e.eventKey), e.id)");
      add(
          rows,
          entities,
          "errors",
          "select 'recorded' as state, count(x) from ExecutionErrorEntity x where x.workflowId");
      add(
          rows,
          entities,
          "subscriptions",
          "select 'open' as state, count(s) from EventSubscriptionEntity s where s.workflowId");
      add(
          rows,
          entities,
          "commands",
          "select 'scheduled' as state, count(c) from ScheduledCommandEntity c where c.data");
      add(
          rows,
          entities,
          "leases",
          "select 'held' as state, count(l) from WorkflowLeaseEntity l where l.workflowId");
    }
    rows.add(new String[] {"ledger", "booked", Long.toString(ledgerEntries)});
    return table(
        new Column[] {text("Of orders"), text("State"), number("Count")},
        rows.toArray(String[][]::new));
  }

  private static void add(
      List<String[]> rows, EntityManager entities, String kind, String queryUpToId) {
    List<Object[]> counts =
        entities
            .createQuery(queryUpToId + " like :ids group by 1 order by 1", Object[].class)
            .setParameter("ids", PATTERN)
            .getResultList();
    if (counts.isEmpty()) {
      rows.add(new String[] {kind, "", "0"});
    }
    for (Object[] count : counts) {
      rows.add(new String[] {kind, count[0].toString(), count[1].toString()});
    }
  }

  /** For each operation: the number of calls, calls per second, and two percentiles. */
  static String operations(OperationTimes times, Duration elapsed) {
    double seconds = Math.max(elapsed.toMillis(), 1) / 1_000.0;
    List<String[]> rows = new ArrayList<>();
    for (OperationTimes.Row row : times.rows()) {
      rows.add(
          new String[] {
            row.operation(),
            Long.toString(row.calls()),
            decimal(row.calls() / seconds),
            decimal(row.p50Millis()),
            decimal(row.p99Millis())
          });
    }
    Column[] columns = {
      text("Operation").footer("all"),
      number("Calls").footer(Long.toString(times.calls())),
      number("Per second").footer(decimal(times.calls() / seconds)),
      number("p50 ms"),
      number("p99 ms")
    };
    return table(columns, rows.toArray(String[][]::new));
  }

  private static String table(Column[] columns, String[][] rows) {
    return AsciiTable.getTable(AsciiTable.BASIC_ASCII_NO_DATA_SEPARATORS, columns, rows);
  }

  private static Column text(String header) {
    return new Column()
        .header(header)
        .headerAlign(HorizontalAlign.LEFT)
        .dataAlign(HorizontalAlign.LEFT)
        .footerAlign(HorizontalAlign.LEFT);
  }

  private static Column number(String header) {
    return new Column().header(header).footerAlign(HorizontalAlign.RIGHT);
  }

  private static String decimal(double number) {
    return String.format(Locale.ROOT, "%.1f", number);
  }
}
