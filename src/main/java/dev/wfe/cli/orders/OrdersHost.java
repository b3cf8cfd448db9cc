package dev.wfe.cli.orders;

import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.persistence.StoreException;
import dev.wfe.persistence.UnknownOutcomeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Drives orders through a store until all are complete: several workers of each kind, each called
 * again and again. May be stopped or killed at any time; another one, then or at the same time,
 * goes on from the store. Thread-safe.
 */
public final class OrdersHost implements AutoCloseable {
  private static final Duration PAUSE = Duration.ofMillis(20);
  private static final Duration WATCH_PAUSE = Duration.ofMillis(500);
  private static final int WATCHED = 100;

  /** For how long the store may fail every worker with what passes by itself, as a restart does. */
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  /** For how long the end waits for what the workers are at. */
  private static final Duration END_PATIENCE = Duration.ofSeconds(10);

  private final PersistenceProvider store;
  private final Progress progress;
  private final ScheduledThreadPoolExecutor threads;
  private final AtomicLong lastSuccessNanos = new AtomicLong();
  private final AtomicReference<@Nullable HostFailedException> failure = new AtomicReference<>();
  private final CountDownLatch ended = new CountDownLatch(1);

  private OrdersHost(PersistenceProvider store, Progress progress, int threadCount) {
    this.store = store;
    this.progress = progress;
    this.threads = new ScheduledThreadPoolExecutor(threadCount, OrdersHost::daemon);
  }

  /**
   * Starts the workers.
   *
   * @param threadsPerKind how many threads execute workflows, deliver events and ship parcels, each
   */
  public static OrdersHost start(
      PersistenceProvider store, List<Order> orders, int threadsPerKind) {
    Progress progress =
        new Progress(orders.stream().map(order -> Ids.workflow(order.id())).toList());
    List<Worker> workers = new ArrayList<>();
    workers.add(new Intake(store, orders, progress));
    workers.add(new Timers(store));
    Claims workflows = new Claims();
    Claims events = new Claims();
    for (int i = 1; i <= threadsPerKind; i++) {
      workers.add(new Runner(store, workflows, progress));
      workers.add(new EventDelivery(store, events));
      workers.add(new ParcelService(store, "parcel-service-" + i));
    }
    OrdersHost host = new OrdersHost(store, progress, workers.size() + 1);
    host.lastSuccessNanos.set(System.nanoTime());
    workers.forEach(worker -> host.schedule(worker, PAUSE));
    host.schedule(host::watch, WATCH_PAUSE);
    return host;
  }

  private static Thread daemon(Runnable work) {
    Thread thread = new Thread(work, "orders");
    thread.setDaemon(true);
    return thread;
  }

  private void schedule(Worker worker, Duration pause) {
    // nothing to look for in the future: call() lets nothing out
    ScheduledFuture<?> unused =
        threads.scheduleWithFixedDelay(
            () -> call(worker), 0, pause.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void call(Worker worker) {
    try {
      boolean more = true;
      while (more && !threads.isShutdown() && failure.get() == null) {
        more = worker.work();
        lastSuccessNanos.set(System.nanoTime());
      }
    } catch (StoreException e) {
      if (!passes(e)) {
        fail("The store refused what an order needs", e);
      } else if (System.nanoTime() - lastSuccessNanos.get() > PATIENCE.toNanos()) {
        fail("The store has not answered for %s seconds".formatted(PATIENCE.toSeconds()), e);
      }
    } catch (RuntimeException | Error e) {
      fail("A worker failed", e);
    }
    if (progress.isDone()) {
      ended.countDown();
    }
  }

  /** An unknown outcome does not stay unknown: the next look reads what is stored. */
  private static boolean passes(StoreException e) {
    return e.retryable() || e instanceof UnknownOutcomeException;
  }

  private void fail(String message, Throwable cause) {
    failure.compareAndSet(null, new HostFailedException(message, cause));
    ended.countDown();
  }

  /** Notices what was completed by other hosts. */
  private boolean watch() {
    for (WorkflowInstance instance : store.getWorkflowInstances(progress.remaining(WATCHED))) {
      if (instance.status() == WorkflowStatus.COMPLETE) {
        progress.completed(instance.id());
      }
    }
    return false;
  }

  /** How many of the orders are known to be complete. */
  public int completed() {
    return progress.completed();
  }

  /**
   * Waits until all orders are complete; the workers go on after that and clear up.
   *
   * @return false if they are not when the time is over
   * @throws HostFailedException if a worker failed; all have stopped then
   */
  public boolean await(Duration patience) throws InterruptedException {
    boolean isEnded = ended.await(patience.toMillis(), TimeUnit.MILLISECONDS);
    HostFailedException failed = failure.get();
    if (failed != null) {
      throw failed;
    }
    return isEnded;
  }

  /** Stops the workers, waiting a moment for what they are at. Repeatable. */
  @Override
  public void close() {
    threads.shutdown();
    try {
      if (!threads.awaitTermination(END_PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        threads.shutdownNow();
      }
    } catch (InterruptedException e) {
      threads.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}
