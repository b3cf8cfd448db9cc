package dev.wfe.cli.orders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.memory.InMemoryPersistenceProvider;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.PointerStatus;
import dev.wfe.model.ScheduledCommand;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.persistence.StaleRevisionException;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class OrderPassTest {
  private static final Instant NOW = Instant.parse("2026-04-01T00:00:00.000500Z");

  private static WorkflowInstance at(Step step, Order order) {
    return OrderState.begin(order, "slip").toBuilder()
        .executionPointers(List.of(OrderState.pointer(order.id(), step).build()))
        .build();
  }

  private static Order order(Step failsOnceAt) {
    return SampleOrders.order("o", Order.Payment.EARLY, failsOnceAt);
  }

  private static ExecutionPointer pointer(WorkflowInstance instance, Step step) {
    return instance.executionPointers().stream()
        .filter(pointer -> pointer.stepId() == step.stepId())
        .findFirst()
        .orElseThrow();
  }

  @Test
  void packingWaitsForBothOfItsBranches() {
    WorkflowInstance begun = OrderPass.over(at(Step.PACK, order(Step.PACK_PAPERS)), NOW).instance();
    assertThat(pointer(begun, Step.PACK).children()).hasSize(2);
    assertThat(begun.nextExecution()).isZero();

    OrderPass.Result half = OrderPass.over(begun, NOW);
    assertThat(half.errors()).hasSize(1);
    assertThat(pointer(half.instance(), Step.PACK_GOODS).status())
        .isEqualTo(PointerStatus.COMPLETE);
    assertThat(pointer(half.instance(), Step.PACK).status()).isEqualTo(PointerStatus.RUNNING);
    assertThat(half.instance().nextExecution())
        .isEqualTo(NOW.plus(OrderPass.RETRY_AFTER).toEpochMilli());

    Instant later = NOW.plus(OrderPass.RETRY_AFTER);
    WorkflowInstance both = OrderPass.over(half.instance(), later).instance();
    assertThat(both.nextExecution()).isZero();
    WorkflowInstance packed = OrderPass.over(both, later).instance();
    assertThat(pointer(packed, Step.PACK).status()).isEqualTo(PointerStatus.COMPLETE);
    assertThat(pointer(packed, Step.SHIP).status()).isEqualTo(PointerStatus.PENDING);
  }

  @Test
  void aPointerThatIsWokenTooEarlyAsksForItsCommandAgain() {
    OrderPass.Result asleep = OrderPass.over(at(Step.COOL_OFF, order(Step.CLOSE)), NOW);
    assertThat(asleep.commands()).hasSize(1);
    assertThat(asleep.instance().nextExecution()).isNull();

    OrderPass.Result tooEarly = OrderPass.over(asleep.instance(), NOW.plusMillis(1));
    assertThat(tooEarly.commands()).isEqualTo(asleep.commands());
    assertThat(tooEarly.instance()).isEqualTo(asleep.instance());

    Instant due = Instant.ofEpochMilli(asleep.commands().get(0).executeTime());
    OrderPass.Result awake = OrderPass.over(asleep.instance(), due);
    assertThat(awake.commands()).isEmpty();
    assertThat(pointer(awake.instance(), Step.COOL_OFF).status()).isEqualTo(PointerStatus.COMPLETE);
  }

  @Test
  void aRunnerThatReliesOnACommandThatWasJustHandledLooksAgain() {
    PersistenceProvider store = new InMemoryPersistenceProvider();
    String id = store.createNewWorkflow(at(Step.COOL_OFF, order(Step.CLOSE)));
    OrderPass.Result asleep = OrderPass.over(store.getWorkflowInstance(id), Instant.now());
    store.scheduleCommand(ScheduledCommand.processWorkflow(id, 0));

    assertThat(new Timers(store).work()).isTrue();

    assertThatThrownBy(() -> store.persistWorkflow(asleep.instance()))
        .isInstanceOf(StaleRevisionException.class);
  }
}
