package dev.wfe.cli.orders;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.cli.orders.OrderState.Parcel;
import dev.wfe.cli.orders.OrderState.Payment;
import dev.wfe.cli.orders.OrderState.Shipment;
import dev.wfe.host.ActivityTask;
import dev.wfe.host.StartOptions;
import dev.wfe.host.StepState;
import dev.wfe.host.Workflow;
import dev.wfe.host.WorkflowState;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.testing.WorkflowTest;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OrderWorkflowTest {
  private static final Duration RETRIED = Duration.ofMillis(110);

  private final Workflow<OrderState> workflow = OrderWorkflow.definition(new CountingLedger());
  private final WorkflowTest test = WorkflowTest.of(workflow);

  @AfterEach
  void close() {
    test.close();
  }

  @Test
  void anOrderIsPaidPackedShippedAndClosed() {
    Order order = start(null);
    assertThat(state(order).waits().get(0).eventKey()).isEqualTo("a");
    pay(order);
    ship();
    assertThat(state(order).status()).isEqualTo(WorkflowStatus.RUNNABLE);
    test.advance(OrderWorkflow.COOL_OFF);

    assertThat(state(order).data())
        .isEqualTo(new OrderState(order, List.of(new Payment("a", 1_990)), 2, 2, "parcel service"));
    assertThat(OrdersCheck.differences(test.provider(), List.of(order))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"reserve-stock", "pack-goods", "pack-papers", "close"})
  void aStepThatFailsOnceIsAttemptedAgain(String step) {
    Order order = start(step);
    pay(order);
    test.advance(RETRIED);
    ship();
    test.advance(OrderWorkflow.COOL_OFF);
    test.advance(RETRIED);

    StepState failed = state(order).step(step).orElseThrow();
    assertThat(failed.failures()).isEqualTo(1);
    assertThat(failed.error()).endsWith("The first attempt at %s failed".formatted(step));
    assertThat(OrdersCheck.differences(test.provider(), List.of(order))).isEmpty();
  }

  @Test
  void aParcelThatCannotBeDeliveredIsOfferedAgain() {
    Order order = start("ship");
    pay(order);
    assertThat(work()).isTrue();
    test.advance(Duration.ZERO);
    assertThat(work()).isFalse();
    test.advance(RETRIED);
    assertThat(work()).isTrue();
    test.advance(OrderWorkflow.COOL_OFF);

    StepState shipped = state(order).step("ship").orElseThrow();
    assertThat(shipped.failures()).isEqualTo(1);
    assertThat(shipped.error()).isEqualTo("Nobody was at home");
    assertThat(OrdersCheck.differences(test.provider(), List.of(order))).isEmpty();
  }

  @Test
  void aParcelSaysWhereItHasToGo() {
    pay(start(null));
    ActivityTask<Parcel, Shipment> task = test.take(OrderWorkflow.SHIP).orElseThrow();
    assertThat(task.input()).isEqualTo(new Parcel("a", "Ada Byron", false));
  }

  private Order start(@Nullable String failsOnceAt) {
    Order order = SampleOrders.order("a", Order.Payment.LATE, failsOnceAt);
    test.startWorkflow(workflow, OrderState.of(order), StartOptions.id(order.workflowId()));
    test.advance(RETRIED);
    return order;
  }

  private void pay(Order order) {
    Payment payment = new Payment(order.id(), order.amountCents());
    test.publishOnce(order.paymentId(), OrderWorkflow.PAID, order.id(), payment);
  }

  /** Ships a parcel as the worker does; false if there is none. */
  private boolean work() {
    Optional<ActivityTask<Parcel, Shipment>> task = test.take(OrderWorkflow.SHIP);
    task.ifPresent(
        taken -> {
          try {
            taken.complete(ParcelWorker.ship(taken));
          } catch (IllegalStateException failure) {
            taken.fail(String.valueOf(failure.getMessage()));
          }
        });
    return task.isPresent();
  }

  private void ship() {
    assertThat(work()).isTrue();
    test.advance(Duration.ZERO);
  }

  private WorkflowState<OrderState> state(Order order) {
    return Objects.requireNonNull(test.state(workflow, order.workflowId()));
  }
}
