package dev.wfe.cli.orders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.memory.InMemoryPersistenceProvider;
import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ScheduledCommand;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.persistence.ProcessedCommands;
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

class OrdersHostTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** How far the store's clock is ahead: jumps spare the test the waiting for a dead holder. */
  private final AtomicLong aheadSeconds = new AtomicLong();

  private final InMemoryPersistenceProvider store =
      new InMemoryPersistenceProvider(() -> Instant.now().plusSeconds(aheadSeconds.get()));

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
    try (OrdersHost other = OrdersHost.start(store, orders, 2)) {
      runToTheEnd(orders);
      assertThat(other.await(PATIENCE)).isTrue();
      assertThat(other.completed()).isEqualTo(orders.size());
    }
  }

  /** The number of the seed names the run; each kills some dozens of hosts. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void aHostThatIsKilledBetweenAnyTwoOperationsIsSucceededByTheNext(long seed)
      throws InterruptedException {
    Random random = new Random(seed);
    List<Order> orders = SampleOrders.orders(15);
    boolean isDone = false;
    int killed = -1;
    while (!isDone) {
      killed++;
      PersistenceProvider fused = Fuse.after(1 + random.nextInt(60), store);
      try (OrdersHost host = OrdersHost.start(fused, orders, 1)) {
        isDone = host.await(PATIENCE);
        assertThat(isDone).as("done or killed in time").isTrue();
      } catch (HostFailedException e) {
        assertThat(e).hasCauseInstanceOf(Fuse.Blown.class);
        aheadSeconds.addAndGet(3);
      }
    }
    assertThat(killed).isGreaterThan(10);
    runToTheEnd(orders);
  }

  @Test
  void otherHostsWorkIsNotTouched() throws InterruptedException {
    for (int i = 0; i < 150; i++) {
      store.createNewWorkflow(WorkflowInstance.builder("other", 1).id("other" + i).build());
      store.createEvent(
          Event.builder("other", "").id("other" + i).eventTime(Instant.EPOCH).build());
    }
    store.scheduleCommand(ScheduledCommand.processWorkflow("other1", 0));
    List<WorkflowInstance> before = store.getWorkflowInstances(others());
    List<Order> orders = SampleOrders.orders(10);
    try (OrdersHost host = OrdersHost.start(store, orders, 2)) {
      assertThat(host.await(PATIENCE)).isTrue();
      awaitThat(() -> store.getRunnableEvents(Instant.now()).equals(others()));
    }
    assertThat(store.getWorkflowInstances(others())).hasSize(150).isEqualTo(before);
    ProcessedCommands commands = store.processCommands(Instant.now(), command -> {});
    assertThat(commands.handled()).isEqualTo(1);
  }

  @Test
  void aStoreThatRefusesStopsTheHost() throws InterruptedException {
    Order order = SampleOrders.orders(1).get(0);
    store.createNewWorkflow(
        WorkflowInstance.builder("other", 1).id(Ids.PREFIX + "unreadable").build());
    try (OrdersHost host = OrdersHost.start(store, List.of(order), 1)) {
      assertThatThrownBy(() -> host.await(PATIENCE))
          .isInstanceOf(HostFailedException.class)
          .hasMessage("A worker failed");
    }
  }

  private void runToTheEnd(List<Order> orders) throws InterruptedException {
    try (OrdersHost host = OrdersHost.start(store, orders, 2)) {
      assertThat(host.await(PATIENCE)).isTrue();
      assertThat(host.completed()).isEqualTo(orders.size());
      awaitThat(() -> orders.stream().allMatch(this::isClearedUp));
    }
    assertThat(OrdersCheck.differences(store, orders)).isEmpty();
  }

  private boolean isClearedUp(Order order) {
    return !isThere(Ids.offer(order.id()))
        && !isThere(Ids.paymentSubscription(order.id()))
        && !isThere(Ids.shippedSubscription(order.id()))
        && store.getEvent(Ids.paymentEvent(order.id())).processed()
        && store.getEvent(Ids.shippedEvent(order.id())).processed()
        && store.processCommands(Instant.now(), command -> {}).handled() == 0;
  }

  private boolean isThere(String subscriptionId) {
    try {
      EventSubscription subscription = store.getSubscription(subscriptionId);
      return subscription.id().equals(subscriptionId);
    } catch (NotFoundException e) {
      return false;
    }
  }

  private List<WorkflowInstance> workflows(List<Order> orders) {
    return store.getWorkflowInstances(
        orders.stream().map(order -> Ids.workflow(order.id())).toList());
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
