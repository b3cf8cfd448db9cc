package dev.wfe.cli.orders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.host.StartOptions;
import dev.wfe.host.WorkflowClient;
import dev.wfe.memory.InMemoryPersistenceProvider;
import dev.wfe.model.Event;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.persistence.StoreUnavailableException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OrderProcessingTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** How far the store's clock is ahead: jumps spare the test the waiting for leases. */
  private final AtomicLong aheadSeconds = new AtomicLong();

  private final InMemoryPersistenceProvider store =
      new InMemoryPersistenceProvider(() -> Instant.now().plusSeconds(aheadSeconds.get()));

  private final Ledger ledger = new CountingLedger();

  @Test
  void everyOrderIsCarriedOutAndNothingIsLeftOver() throws InterruptedException {
    List<Order> orders = SampleOrders.orders(30);
    runToTheEnd(orders);
    assertThat(store.persistedErrors()).hasSize(10);
  }

  @Test
  void aSecondRunChangesNothing() throws InterruptedException {
    List<Order> orders = SampleOrders.orders(5);
    runToTheEnd(orders);
    List<WorkflowInstance> before = workflows(orders);
    runToTheEnd(orders);
    assertThat(workflows(orders)).isEqualTo(before);
  }

  @Test
  void twoHostsShareTheOrders() throws InterruptedException {
    List<Order> orders = SampleOrders.orders(30);
    try (OrderProcessing other = start(store, orders, 2)) {
      runToTheEnd(orders);
      assertThat(other.await(PATIENCE)).isTrue();
      assertThat(other.completed()).isEqualTo(orders.size());
    }
  }

  /** The number of the seed names the run; each ends some dozens of processes. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void whatLosesTheStoreBetweenAnyTwoOperationsIsSucceededByTheNext(long seed)
      throws InterruptedException {
    Random random = new Random(seed);
    List<Order> orders = SampleOrders.orders(15);
    boolean isDone = false;
    int lost = -1;
    while (!isDone) {
      lost++;
      Fuse fuse = new Fuse(1 + random.nextInt(60), store);
      try (OrderProcessing processing = start(fuse.provider(), orders, 1)) {
        while (!isDone && !fuse.isBlown()) {
          isDone = processing.await(Duration.ofMillis(10));
        }
      } catch (StoreUnavailableException whileStarting) {
        assertThat(fuse.isBlown()).isTrue();
      }
      aheadSeconds.addAndGet(3);
    }
    assertThat(lost).isGreaterThan(10);
    runToTheEnd(orders);
  }

  @Test
  void otherHostsWorkIsNotTouched() throws InterruptedException {
    for (int i = 0; i < 150; i++) {
      store.createNewWorkflow(
          WorkflowInstance.builder("other", 1)
              .id("other" + i)
              .executionPointers(List.of(ExecutionPointer.builder(0).build()))
              .build());
      store.createEvent(
          Event.builder("other", "").id("other" + i).eventTime(Instant.EPOCH).build());
    }
    List<WorkflowInstance> before = store.getWorkflowInstances(others());
    runToTheEnd(SampleOrders.orders(10));
    assertThat(store.getWorkflowInstances(others())).hasSize(150).isEqualTo(before);
  }

  @Test
  void anOrderThatIsSuspendedEndsTheWaitAndIsReported() throws InterruptedException {
    List<Order> orders = SampleOrders.orders(3);
    Order suspended = orders.get(1);
    WorkflowClient client = WorkflowClient.over(store);
    client.startWorkflow(
        OrderWorkflow.definition(ledger),
        OrderState.of(suspended),
        StartOptions.id(suspended.workflowId()));
    client.suspend(suspended.workflowId());
    try (OrderProcessing processing = start(store, orders, 1)) {
      assertThat(processing.await(PATIENCE)).isTrue();
      assertThat(processing.completed()).isEqualTo(2);
    }
    assertThat(OrdersCheck.differences(store, orders)).contains("Order o1 is Suspended");
  }

  @Test
  void aStoreThatRefusesEndsTheProcessing() throws InterruptedException {
    Order order = SampleOrders.orders(1).get(0);
    store.createNewWorkflow(WorkflowInstance.builder("other", 1).id(order.workflowId()).build());
    try (OrderProcessing processing = start(store, List.of(order), 1)) {
      assertThatThrownBy(() -> processing.await(PATIENCE))
          .isInstanceOf(HostFailedException.class)
          .hasMessage("The database rejected an operation of an order");
    }
  }

  private OrderProcessing start(PersistenceProvider provider, List<Order> orders, int threads) {
    return OrderProcessing.start(provider, ledger, orders, threads);
  }

  private void runToTheEnd(List<Order> orders) throws InterruptedException {
    try (OrderProcessing processing = start(store, orders, 2)) {
      assertThat(processing.await(PATIENCE)).isTrue();
      assertThat(processing.completed()).isEqualTo(orders.size());
      awaitThat(() -> orders.stream().allMatch(this::isClearedUp));
    }
    assertThat(OrdersCheck.differences(store, orders)).isEmpty();
  }

  private boolean isClearedUp(Order order) {
    return store.getEvent(order.paymentId()).processed()
        && store.getSubscriptions(OrderWorkflow.PAID.name(), order.id(), Instant.MAX).isEmpty()
        && store
            .getFirstOpenSubscription("activity offer", OrderWorkflow.SHIP.name(), Instant.MAX)
            .isEmpty();
  }

  private List<WorkflowInstance> workflows(List<Order> orders) {
    return store.getWorkflowInstances(orders.stream().map(Order::workflowId).toList());
  }

  private static List<String> others() {
    return IntStream.range(0, 150).mapToObj(i -> "other" + i).sorted().toList();
  }

  private static void awaitThat(BooleanSupplier condition) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("patience is over").isLessThan(deadline);
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
    }
  }
}
