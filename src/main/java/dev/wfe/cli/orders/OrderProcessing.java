package dev.wfe.cli.orders;

import dev.wfe.host.ActivityWorker;
import dev.wfe.host.Workflow;
import dev.wfe.host.WorkflowHost;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.persistence.StoreException;
import dev.wfe.persistence.UnknownOutcomeException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Processes orders until all are complete: runs a host, the intake and a parcel worker. It can be
 * stopped or killed at any time; another one, started later or running at the same time, continues
 * from the database. Thread-safe.
 */
public final class OrderProcessing implements AutoCloseable {
  /** Short, so that the work of a killed process goes on soon. */
  private static final Duration LEASE = Duration.ofSeconds(2);

  private static final Duration SHORTEST_POLL = Duration.ofMillis(20);
  private static final Duration LONGEST_POLL = Duration.ofMillis(500);
  private static final Duration PAUSE = Duration.ofMillis(20);

  /** The intake, and looking at the progress. */
  private static final int LOOPS = 2;

  private static final Duration LOOK_PAUSE = Duration.ofMillis(100);

  /**
   * How long all operations may fail with transient errors, such as during a restart of the
   * database.
   */
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  /** How long closing waits for running steps. */
  private static final Duration END_PATIENCE = Duration.ofSeconds(10);

  private final WorkflowHost host;
  private final ActivityWorker parcels;
  private final Progress progress;
  private final ScheduledThreadPoolExecutor threads;
  private final AtomicLong lastSuccessNanos = new AtomicLong(System.nanoTime());
  private final AtomicReference<@Nullable HostFailedException> failure = new AtomicReference<>();
  private final CountDownLatch ended = new CountDownLatch(1);

  private OrderProcessing(WorkflowHost host, ActivityWorker parcels, Progress progress) {
    this.host = host;
    this.parcels = parcels;
    this.progress = progress;
    this.threads = new ScheduledThreadPoolExecutor(LOOPS, OrderProcessing::daemon);
  }

  /**
   * Starts to process the orders.
   *
   * @param threadsPerKind the number of threads that execute steps, and of those that ship
   */
  public static OrderProcessing start(
      PersistenceProvider provider, Ledger ledger, List<Order> orders, int threadsPerKind) {
    Workflow<OrderState> workflow = OrderWorkflow.definition(ledger);
    WorkflowHost host =
        WorkflowHost.builder(provider)
            .workflow(workflow)
            .workers(threadsPerKind)
            .lease(LEASE)
            .polling(SHORTEST_POLL, LONGEST_POLL)
            .closeTimeout(END_PATIENCE)
            .build();
    Progress progress = new Progress(provider, orders.stream().map(Order::workflowId).toList());
    ActivityWorker parcels =
        ParcelWorker.builder(provider)
            .threads(threadsPerKind)
            .polling(SHORTEST_POLL, LONGEST_POLL)
            .build();
    OrderProcessing processing = new OrderProcessing(host, parcels, progress);
    processing.start();
    Intake intake = new Intake(provider, workflow, orders);
    processing.repeat(intake::work, PAUSE);
    processing.repeat(processing::look, LOOK_PAUSE);
    return processing;
  }

  private void start() {
    try {
      host.start();
      parcels.start();
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private static Thread daemon(Runnable work) {
    Thread thread = new Thread(work, "orders");
    thread.setDaemon(true);
    return thread;
  }

  /** Work in small parts. */
  @FunctionalInterface
  private interface Work {
    /** Does a part; returns true if there may be more at once. */
    boolean next() throws Exception;
  }

  private void repeat(Work work, Duration pause) {
    // the future is not needed: call() throws nothing
    ScheduledFuture<?> unused =
        threads.scheduleWithFixedDelay(
            () -> call(work), 0, pause.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void call(Work work) {
    try {
      boolean more = true;
      while (more && !threads.isShutdown() && failure.get() == null) {
        more = work.next();
        lastSuccessNanos.set(System.nanoTime());
      }
    } catch (StoreException e) {
      if (!isTransient(e)) {
        fail("The database rejected an operation of an order", e);
      } else if (System.nanoTime() - lastSuccessNanos.get() > PATIENCE.toNanos()) {
        fail("The database has not answered for %s seconds".formatted(PATIENCE.toSeconds()), e);
      }
    } catch (Exception | Error e) {
      fail("The processing of orders failed", e);
    }
  }

  /** An unknown outcome counts as transient: everything here may be repeated. */
  private static boolean isTransient(StoreException e) {
    return e.retryable() || e instanceof UnknownOutcomeException;
  }

  private void fail(String message, Throwable cause) {
    failure.compareAndSet(null, new HostFailedException(message, cause));
    ended.countDown();
  }

  private boolean look() {
    progress.look();
    if (progress.isDone()) {
      ended.countDown();
    }
    return false;
  }

  /** The number of orders that are known to be complete. */
  public int completed() {
    return progress.completed();
  }

  /**
   * Waits until no order goes on by itself. After that, the host still marks events processed.
   *
   * @return false if the time is over before
   * @throws HostFailedException if the processing has failed
   */
  public boolean await(Duration patience) throws InterruptedException {
    boolean isEnded = ended.await(patience.toMillis(), TimeUnit.MILLISECONDS);
    HostFailedException failed = failure.get();
    if (failed != null) {
      throw failed;
    }
    return isEnded;
  }

  /** Stops and waits a moment for the work under way. Idempotent. */
  @Override
  public void close() {
    threads.shutdown();
    parcels.close();
    host.close();
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
