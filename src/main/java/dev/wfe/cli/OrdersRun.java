package dev.wfe.cli;

import dev.wfe.cli.orders.Order;
import dev.wfe.cli.orders.OrdersCheck;
import dev.wfe.cli.orders.OrdersHost;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.postgres.PostgresPersistenceProvider;
import jakarta.persistence.PersistenceException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * One run: drives the orders until all are complete and nothing is left over, stops, and then
 * checks what the database holds. Not thread-safe; used once.
 */
final class OrdersRun {
  /** Longer than anything that a killed run held: the lease of a command is 30 seconds. */
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private static final Duration LOOK = Duration.ofMillis(100);
  private static final int SHOWN = 20;

  private final PostgresPersistenceProvider provider;
  private final List<Order> orders;
  private final int threads;
  private final PrintWriter out;
  private final Runnable keepServer;
  private final Cleanup cleanup;
  private final LeftoverCheck leftovers;
  private final VerbTimes times = new VerbTimes();

  /**
   * A run that has not begun.
   *
   * @param keepServer called now and then, to start the database again should it have ended
   * @param cleanup stops the workers when the program is ended from outside
   */
  OrdersRun(
      PostgresPersistenceProvider provider,
      List<Order> orders,
      int threads,
      PrintWriter out,
      Runnable keepServer,
      Cleanup cleanup) {
    this.provider = provider;
    this.orders = orders;
    this.threads = threads;
    this.out = out;
    this.keepServer = keepServer;
    this.cleanup = cleanup;
    this.leftovers = new LeftoverCheck(provider.entityManagerFactory(), orders);
  }

  /**
   * Runs.
   *
   * @throws CliException if the database is not as it should be at the end, saying what differs
   */
  void run() throws InterruptedException {
    long began = System.nanoTime();
    PersistenceProvider measured = times.measured(provider);
    try (OrdersHost host = cleanup.add(OrdersHost.start(measured, orders, threads))) {
      awaitOrders(host);
      awaitClearedUp(host);
    }
    Duration elapsed = Duration.ofNanos(System.nanoTime() - began);
    List<String> differences = new ArrayList<>(OrdersCheck.differences(provider, orders));
    differences.addAll(leftovers.leftovers());
    differences.addAll(leftovers.unrecorded());
    out.println(Report.contents(provider.entityManagerFactory()));
    out.println(Report.verbs(times, elapsed));
    if (!differences.isEmpty()) {
      throw different(differences);
    }
    out.printf(
        "Checked in the database: %s orders complete, each paid exactly once, nothing left over.%n",
        orders.size());
  }

  /** Ends also when nothing moves any more: the check says then what is missing. */
  private void awaitOrders(OrdersHost host) throws InterruptedException {
    int completed = -1;
    long changedNanos = System.nanoTime();
    try (ProgressDisplay display = new ProgressDisplay(out, orders.size())) {
      while (!host.await(LOOK) && System.nanoTime() - changedNanos < PATIENCE.toNanos()) {
        keepServer.run();
        if (host.completed() != completed) {
          completed = host.completed();
          changedNanos = System.nanoTime();
        }
        display.show(completed);
      }
      display.end(host.completed());
    }
  }

  private void awaitClearedUp(OrdersHost host) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (host.await(Duration.ZERO) && System.nanoTime() < deadline && !isClearedUp()) {
      keepServer.run();
      TimeUnit.MILLISECONDS.sleep(LOOK.toMillis());
    }
  }

  private boolean isClearedUp() {
    try {
      return leftovers.leftovers().isEmpty();
    } catch (PersistenceException e) {
      // the database may be on its way back; the workers say so if it is not
      return false;
    }
  }

  private static CliException different(List<String> differences) {
    StringBuilder message =
        new StringBuilder(
            "The database is not as it should be; %s things differ:".formatted(differences.size()));
    differences.stream().limit(SHOWN).forEach(line -> message.append("\n  ").append(line));
    if (differences.size() > SHOWN) {
      message.append("\n  and %s more".formatted(differences.size() - SHOWN));
    }
    return new CliException(CliException.DIFFERENT, message.toString());
  }
}
