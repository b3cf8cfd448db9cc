package dev.wfe.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.wfe.memory.InMemoryPersistenceProvider;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Options and life of a worker. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
final class ActivityWorkerTest {
  private static final ActivityType<String, String> PAY =
      ActivityType.of("pay", String.class, String.class);

  private final InMemoryPersistenceProvider store = new InMemoryPersistenceProvider();

  private ActivityWorker.Builder builder() {
    return ActivityWorker.builder(store);
  }

  private static void assertRefused(ThrowingCallable call, String... words) {
    assertThatThrownBy(call)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(words);
  }

  @Test
  void optionsOutOfRangeAreRefusedByName() {
    Duration day = Duration.ofDays(1);
    assertRefused(() -> builder().threads(0), "threads", "at least 1");
    assertRefused(() -> builder().hold(Duration.ofMillis(999)), "hold is PT0.999S");
    assertRefused(() -> builder().hold(day.plusNanos(1)), "hold");
    assertRefused(() -> builder().polling(Duration.ZERO, day), "shortest");
    assertRefused(() -> builder().polling(Duration.ofMillis(2), Duration.ofMillis(1)), "longest");
    assertRefused(() -> builder().closeTimeout(Duration.ofNanos(-1)), "closeTimeout");
    assertRefused(() -> builder().name(""), "name is empty");
    assertRefused(() -> builder().name("a\0"), "name cannot be stored");
    assertRefused(() -> WorkflowHost.builder(store).name(""), "name is empty");
  }

  @Test
  void twoHandlersForOneNameAreRefused() {
    ActivityType<Integer, String> same = ActivityType.of("pay", Integer.class, String.class);
    ActivityWorker.Builder builder = builder().activity(PAY, task -> "paid");
    assertThatThrownBy(() -> builder.activity(same, task -> "paid"))
        .isInstanceOf(WorkflowDefinitionException.class)
        .hasMessage("Activity type 'pay' has a handler already");
  }

  @Test
  void workerWithoutHandlerIsRefused() {
    assertThatThrownBy(builder()::build)
        .isInstanceOf(WorkflowDefinitionException.class)
        .hasMessage("An activity worker needs a handler");
  }

  @Test
  void classesThatJacksonCannotMapAreRefused() {
    ActivityType<Thread, String> input = ActivityType.of("in", Thread.class, String.class);
    assertThatThrownBy(() -> builder().activity(input, task -> "paid").build())
        .isInstanceOf(WorkflowDefinitionException.class)
        .hasMessageContaining("Activity type 'in'");
    ActivityType<String, Thread> output = ActivityType.of("out", String.class, Thread.class);
    assertThatThrownBy(() -> builder().activity(output, task -> null).build())
        .isInstanceOf(WorkflowDefinitionException.class)
        .hasMessageContaining("Activity type 'out'");
  }

  @Test
  void closedWorkerCannotBeStartedAgain() {
    ActivityWorker worker = builder().activity(PAY, task -> "paid").build();
    worker.close();
    worker.close();
    assertThatThrownBy(worker::start)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("activity worker");
  }

  record Bill(int totalCents) {}

  @Test
  void workerUsesTheMapperAndTheNameThatItIsGiven() throws Exception {
    var mapper =
        JsonMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE).build();
    ActivityType<Bill, Bill> type = ActivityType.of("pay", Bill.class, Bill.class);
    Workflow<Bill> workflow =
        Workflow.define("flow", 1, Bill.class)
            .activity("pay", type, bill -> bill, (bill, paid) -> paid)
            .build();
    AtomicReference<@Nullable String> owner = new AtomicReference<>();
    Interceptor interceptor = new Interceptor(store);
    interceptor.intercept(
        (operation, call) -> {
          if (operation.equals("takeOffer")) {
            owner.set(String.valueOf(call.arguments().get(3)));
          }
          return call.proceed();
        });
    try (WorkflowHost host =
            WorkflowHost.builder(store).workflow(workflow).objectMapper(mapper).build();
        ActivityWorker worker =
            ActivityWorker.builder(interceptor.provider())
                .activity(type, task -> new Bill(2 * task.input().totalCents()))
                .objectMapper(mapper)
                .name("worker-7")
                .build()) {
      host.start();
      worker.start();
      worker.start();
      String id = host.startWorkflow(workflow, new Bill(4)).id();
      assertThat(host.awaitEnd(workflow, id, Duration.ofSeconds(30)).data().totalCents())
          .isEqualTo(8);
    }
    assertThat(owner).hasValue("worker-7");
  }

  @Test
  void runEndsWithTheCloseAndLeavesNoShutdownHook() throws Exception {
    WeakReference<ActivityWorker> worker = runAndClose();
    Eventually.until(
        "the worker is garbage",
        () -> {
          System.gc();
          return worker.get() == null;
        });
  }

  private WeakReference<ActivityWorker> runAndClose() throws InterruptedException {
    ActivityWorker worker = builder().activity(PAY, task -> "paid").build();
    Thread closing =
        new Thread(
            () -> {
              Eventually.until("threads", () -> !HostRule.hostThreads().isEmpty());
              worker.close();
            });
    closing.start();
    worker.run();
    closing.join();
    return new WeakReference<>(worker);
  }
}
