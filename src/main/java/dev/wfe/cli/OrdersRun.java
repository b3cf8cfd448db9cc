package dev.wfe.cli;

import dev.wfe.cli.orders.Order;
import dev.wfe.cli.orders.OrderProcessing;
import dev.wfe.cli.orders.OrdersCheck;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.postgres.PostgresPersistenceProvider;
import jakarta.persistence.PersistenceException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * One run: executes the orders until all are complete and all events are processed, stops, and then
 * checks the database. Not thread-safe; used once.
 */
final class OrdersRun {
  /** Longer than a restart of the database, and than the pauses before further attempts. */
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private static final Duration LOOK = Duration.ofMillis(100);
  private static final int SHOWN = 20;

  private final PostgresPersistenceProvider provider;
  private final LedgerTable ledger;
  private final List<Order> orders;
  private final int threads;
  private final PrintWriter out;
  private final Runnable keepServer;
  private final Cleanup cleanup;
  private final LeftoverCheck leftovers;
  private final OperationTimes times = new OperationTimes();

  /**
   * Creates a run.
   *
   * @param keepServer called periodically; starts the database again if it has stopped
   * @param cleanup stops the processing if the program is terminated from outside
   */
  OrdersRun(
      PostgresPersistenceProvider provider,
      LedgerTable ledger,
      List<Order> orders,
      int threads,
      PrintWriter out,
      Runnable keepServer,
      Cleanup cleanup) {
    this.provider = provider;
    this.ledger = ledger;
    this.orders = orders;
    this.threads = threads;
    this.out = out;
    this.keepServer = keepServer;
    this.cleanup = cleanup;
    this.leftovers = new LeftoverCheck(provider.entityManagerFactory(), orders);
  }

  /**
   * Executes the run.
   *
   * @throws CliException if the database differs from what is expected; the message lists the
   *     differences
   */
  void run() throws Exception {
    long began = System.nanoTime();
    PersistenceProvider measured = times.measured(provider);
    try (OrderProcessing processing =
        cleanup.add(OrderProcessing.start(measured, ledger, orders, threads))) {
      awaitOrders(processing);
      awaitClearedUp(processing);
    }
    Duration elapsed = Duration.ofNanos(System.nanoTime() - began);
    List<String> differences = new ArrayList<>(OrdersCheck.differences(provider, orders));
    differences.addAll(ledger.differences(orders));
    differences.addAll(leftovers.leftovers());
    differences.addAll(leftovers.unrecorded());
    out.println(Report.contents(provider.entityManagerFactory(), ledger.count()));
    out.println(Report.operations(times, elapsed));
    if (!differences.isEmpty()) {
      throw different(differences);
    }
    out.printf(
        "Checked in the database: %s orders complete, each paid exactly once, no work left.%n",
        orders.size());
  }

  /** Also returns if there is no progress any more; the check then finds what is missing. */
  private void awaitOrders(OrderProcessing processing) throws InterruptedException {
    int completed = -1;
    long changedNanos = System.nanoTime();
    try (ProgressDisplay display = new ProgressDisplay(out, "Orders complete", orders.size())) {
      while (!processing.await(LOOK) && System.nanoTime() - changedNanos < PATIENCE.toNanos()) {
        keepServer.run();
        if (processing.completed() != completed) {
          completed = processing.completed();
          changedNanos = System.nanoTime();
        }
        display.show(completed);
      }
      display.end(processing.completed());
    }
  }

  private void awaitClearedUp(OrderProcessing processing) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (processing.await(Duration.ZERO) && System.nanoTime() < deadline && !isClearedUp()) {
      keepServer.run();
      TimeUnit.MILLISECONDS.sleep(LOOK.toMillis());
    }
  }

  private boolean isClearedUp() {
    try {
      return leftovers.leftovers().isEmpty();
    } catch (PersistenceException e) {
      // the database may be restarting; the processing reports if it stays away
      return false;
    }
  }

  private static CliException different(List<String> differences) {
    StringBuilder message =
        new StringBuilder(
            "The database differs from what is expected; %s differences:"
                .formatted(differences.size()));
    differences.stream().limit(SHOWN).forEach(line -> message.append("\n  ").append(line));
    if (differences.size() > SHOWN) {
      message.append("\n  and %s more".formatted(differences.size() - SHOWN));
    }
    return new CliException(CliException.DIFFERENT, message.toString());
  }
}
