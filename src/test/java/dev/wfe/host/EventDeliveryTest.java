package dev.wfe.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.memory.InMemoryPersistenceProvider;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

final class EventDeliveryTest {
  private static final EventType<String> PAID = EventType.of("paid", String.class);

  private static final Workflow<String> WAITING =
      Workflow.define("order", 1, String.class)
          .await("payment", PAID, order -> order, (order, receipt) -> receipt)
          .build();

  @Test
  void aWaitThatIsStoredDuringADeliveryGetsTheEventAtOnce() {
    InMemoryPersistenceProvider store = new InMemoryPersistenceProvider();
    SteppedHost other =
        WorkflowHost.builder(store).workflow(WAITING).buildStepped(InstantSource.system());
    WorkflowClient client = WorkflowClient.over(store);
    String id = client.startWorkflow(WAITING, "1001").id();
    client.publish(PAID, "1001", "r-1");
    AtomicBoolean stored = new AtomicBoolean();
    Interceptor interceptor = new Interceptor(store);
    interceptor.intercept(
        (operation, call) -> {
          if (operation.equals("markEventsProcessed") && stored.compareAndSet(false, true)) {
            var unused = other.runDue();
          }
          return call.proceed();
        });

    HostJson json = HostJson.standard();
    EventDelivery delivery =
        new EventDelivery(
            interceptor.provider(),
            new Definitions(List.of(WAITING), json),
            json,
            new HostSettings(
                "host",
                Duration.ofSeconds(30),
                10,
                1_000_000,
                Duration.ofMillis(50),
                Duration.ofSeconds(5)),
            InstantSource.system());

    assertThat(delivery.deliver()).isTrue();
    assertThat(stored).isTrue();
    var unused = other.runDue();
    assertThat(client.state(WAITING, id).hasEnded()).isTrue();
  }
}
