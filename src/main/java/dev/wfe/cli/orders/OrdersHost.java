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
 * Executes orders until all are complete, with several workers of each kind, each of which is
 * called repeatedly. It can be stopped or killed at any time; another host, started later or
 * running at the same time, continues from the database. Thread-safe.
 */
public final class OrdersHost implements AutoCloseable {
  private static final Duration PAUSE = Duration.ofMillis(20);
  private static final Duration WATCH_PAUSE = Duration.ofMillis(500);
  private static final int WATCHED = 100;

  /**
   * How long all operations may fail with transient errors, such as during a restart of the
   * database.
   */
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  /** How long closing waits for running workers. */
  private static final Duration END_PATIENCE = Duration.ofSeconds(10);

  private final PersistenceProvider provider;
  private final Progress progress;
  private final ScheduledThreadPoolExecutor threads;
  private final AtomicLong lastSuccessNanos = new AtomicLong();
  private final AtomicReference<@Nullable HostFailedException> failure = new AtomicReference<>();
  private final CountDownLatch ended = new CountDownLatch(1);

  private OrdersHost(PersistenceProvider provider, Progress progress, int threadCount) {
    this.provider = provider;
    this.progress = progress;
    this.threads = new ScheduledThreadPoolExecutor(threadCount, OrdersHost::daemon);
  }

  /**
   * Starts the workers.
   *
   * @param threadsPerKind the number of threads for each kind of work: executing workflows,
   *     delivering events, shipping parcels
   */
  public static OrdersHost start(
      PersistenceProvider provider, List<Order> orders, int threadsPerKind) {
    Progress progress =
        new Progress(orders.stream().map(order -> Ids.workflow(order.id())).toList());
    List<Worker> workers = new ArrayList<>();
    workers.add(new Intake(provider, orders, progress));
    workers.add(new Timers(provider));
    Claims workflows = new Claims();
    Claims events = new Claims();
    for (int i = 1; i <= threadsPerKind; i++) {
      workers.add(new Runner(provider, workflows, progress));
      workers.add(new EventDelivery(provider, events));
      workers.add(new ParcelService(provider, "parcel-service-" + i));
    }
    OrdersHost host = new OrdersHost(provider, progress, workers.size() + 1);
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
    // the future is not needed: call() throws nothing
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
      if (!isTransient(e)) {
        fail("The database rejected an operation of an order", e);
      } else if (System.nanoTime() - lastSuccessNanos.get() > PATIENCE.toNanos()) {
        fail("The database has not answered for %s seconds".formatted(PATIENCE.toSeconds()), e);
      }
    } catch (RuntimeException | Error e) {
      fail("A worker failed", e);
    }
    if (progress.isDone()) {
      ended.countDown();
    }
  }

  /** An unknown outcome counts as transient: the next pass reads what is stored. */
  private static boolean isTransient(StoreException e) {
    return e.retryable() || e instanceof UnknownOutcomeException;
  }

  private void fail(String message, Throwable cause) {
    failure.compareAndSet(null, new HostFailedException(message, cause));
    ended.countDown();
  }

  /** Counts orders that other hosts have completed. */
  private boolean watch() {
    for (WorkflowInstance instance : provider.getWorkflowInstances(progress.remaining(WATCHED))) {
      if (instance.status() == WorkflowStatus.COMPLETE) {
        progress.completed(instance.id());
      }
    }
    return false;
  }

  /** The number of orders that are known to be complete. */
  public int completed() {
    return progress.completed();
  }

  /**
   * Waits until all orders are complete. After that, the workers still process the remaining events
   * and commands.
   *
   * @return false if the time is over before
   * @throws HostFailedException if a worker failed; all workers have stopped then
   */
  public boolean await(Duration patience) throws InterruptedException {
    boolean isEnded = ended.await(patience.toMillis(), TimeUnit.MILLISECONDS);
    HostFailedException failed = failure.get();
    if (failed != null) {
      throw failed;
    }
    return isEnded;
  }

  /** Stops the workers and waits a moment for their current work. Idempotent. */
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
