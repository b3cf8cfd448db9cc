package dev.wfe.cli.orders;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionError;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.PointerStatus;
import dev.wfe.model.ScheduledCommand;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One pass over an order's workflow: executes each pointer that is ready. Does not access the
 * database; the changes that have to be written are in {@link Result}. Not thread-safe; used once.
 */
final class OrderPass {
  /** How long an order waits before it is closed. */
  static final Duration COOL_OFF = Duration.ofMillis(300);

  /** How long after a failure a step is retried. */
  static final Duration RETRY_AFTER = Duration.ofMillis(100);

  /**
   * The changes that a pass has to write.
   *
   * @param instance the workflow's new state
   * @param subscriptions subscriptions to store together with it
   * @param commands commands to schedule before it is written
   * @param errors errors to record before it is written
   */
  record Result(
      WorkflowInstance instance,
      List<EventSubscription> subscriptions,
      List<ScheduledCommand> commands,
      List<ExecutionError> errors) {}

  private final WorkflowInstance instance;
  private final Order order;
  private final Instant now;
  private final Map<String, ExecutionPointer> pointers = new LinkedHashMap<>();
  private final List<EventSubscription> subscriptions = new ArrayList<>();
  private final List<ScheduledCommand> commands = new ArrayList<>();
  private final List<ExecutionError> errors = new ArrayList<>();

  private OrderPass(WorkflowInstance instance, Instant now) {
    this.instance = instance;
    this.order = OrderState.order(instance);
    this.now = now;
    instance.executionPointers().forEach(this::put);
  }

  static Result over(WorkflowInstance instance, Instant now) {
    return new OrderPass(instance, now).run();
  }

  private Result run() {
    for (ExecutionPointer pointer : instance.executionPointers()) {
      if (!pointer.status().isEnd() && !isAsleepAfterFailure(pointer)) {
        execute(pointer);
      }
    }
    return new Result(next(), subscriptions, commands, errors);
  }

  private void execute(ExecutionPointer pointer) {
    Step step = Step.of(pointer.stepId());
    if (step == order.failsOnceAt() && pointer.retryCount() == 0 && step != Step.SHIP) {
      failOnce(pointer, step);
      return;
    }
    switch (step) {
      case RESERVE_STOCK -> complete(pointer, Step.AWAIT_PAYMENT);
      case AWAIT_PAYMENT -> awaitPayment(pointer);
      case PACK -> pack(pointer);
      case PACK_GOODS, PACK_PAPERS, CLOSE -> complete(pointer, null);
      case SHIP -> ship(pointer);
      case COOL_OFF -> coolOff(pointer);
    }
  }

  private void failOnce(ExecutionPointer pointer, Step step) {
    errors.add(
        new ExecutionError(
            now,
            instance.id(),
            pointer.id(),
            "The first attempt at %s failed".formatted(step.title())));
    put(
        pointer.toBuilder()
            .status(PointerStatus.SLEEPING)
            .retryCount(pointer.retryCount() + 1)
            .sleepUntil(inMillis(RETRY_AFTER))
            .build());
  }

  private void awaitPayment(ExecutionPointer pointer) {
    if (pointer.eventPublished()) {
      complete(pointer, Step.PACK);
    } else if (pointer.status() == PointerStatus.PENDING) {
      subscribe(pointer, Ids.paymentSubscription(order.id()), Topics.PAID);
    }
  }

  private void pack(ExecutionPointer pointer) {
    if (pointer.children().isEmpty()) {
      List<String> scope = List.of(pointer.id());
      for (Step child : List.of(Step.PACK_GOODS, Step.PACK_PAPERS)) {
        put(OrderState.pointer(order.id(), child).predecessorId(pointer.id()).scope(scope).build());
      }
      put(
          pointer.toBuilder()
              .status(PointerStatus.RUNNING)
              .startTime(now)
              .children(
                  List.of(
                      Ids.pointer(order.id(), Step.PACK_GOODS),
                      Ids.pointer(order.id(), Step.PACK_PAPERS)))
              .build());
    } else if (instance.isBranchComplete(List.of(pointer.id()))) {
      complete(pointer, Step.SHIP);
    }
  }

  /**
   * Creates an offer that a parcel worker claims. The workflow waits for the event that this worker
   * publishes.
   */
  private void ship(ExecutionPointer pointer) {
    if (pointer.eventPublished()) {
      complete(pointer, Step.COOL_OFF);
    } else if (pointer.status() == PointerStatus.PENDING) {
      subscribe(pointer, Ids.shippedSubscription(order.id()), Topics.SHIPPED);
      subscriptions.add(
          EventSubscription.builder(instance, pointer, Topics.OFFER, Topics.PARCEL_SERVICE)
              .id(Ids.offer(order.id()))
              .subscriptionData(parcel())
              .build());
    }
  }

  private JsonNode parcel() {
    return JsonNodeFactory.instance
        .objectNode()
        .put("orderId", order.id())
        .put("recipient", order.customer())
        .put("failsOnce", order.failsOnceAt() == Step.SHIP);
  }

  /**
   * A pointer that was woken too early schedules its command again, because the command may have
   * been deleted.
   */
  private void coolOff(ExecutionPointer pointer) {
    Instant until = pointer.sleepUntil() == null ? inMillis(COOL_OFF) : pointer.sleepUntil();
    if (until.isAfter(now)) {
      commands.add(ScheduledCommand.processWorkflow(instance.id(), until.toEpochMilli()));
      put(
          pointer.toBuilder()
              .status(PointerStatus.SLEEPING)
              .startTime(pointer.startTime() == null ? now : pointer.startTime())
              .sleepUntil(until)
              .build());
    } else {
      complete(pointer, Step.CLOSE);
    }
  }

  /** Subscribes as of the order's time, because a payment can be older than the workflow. */
  private void subscribe(ExecutionPointer pointer, String id, String eventName) {
    subscriptions.add(
        EventSubscription.builder(instance, pointer, eventName, order.id())
            .id(id)
            .subscribeAsOf(order.orderedAt())
            .build());
    put(
        pointer.toBuilder()
            .status(PointerStatus.WAITING_FOR_EVENT)
            .startTime(now)
            .eventName(eventName)
            .eventKey(order.id())
            .build());
  }

  private void complete(ExecutionPointer pointer, @Nullable Step then) {
    put(
        pointer.toBuilder()
            .status(PointerStatus.COMPLETE)
            .active(false)
            .startTime(pointer.startTime() == null ? now : pointer.startTime())
            .endTime(now)
            .sleepUntil(null)
            .build());
    if (then != null) {
      put(OrderState.pointer(order.id(), then).predecessorId(pointer.id()).build());
    }
  }

  private WorkflowInstance next() {
    WorkflowInstance.Builder next =
        instance.toBuilder().executionPointers(List.copyOf(pointers.values()));
    if (pointers.values().stream().allMatch(pointer -> pointer.status().isEnd())) {
      return next.status(WorkflowStatus.COMPLETE).completeTime(now).nextExecution(null).build();
    }
    WorkflowInstance changed = next.build();
    return next.nextExecution(nextExecution(changed)).build();
  }

  /** Null if all remaining pointers wait for events or commands. */
  private static @Nullable Long nextExecution(WorkflowInstance instance) {
    return instance.executionPointers().stream()
        .map(pointer -> dueTime(pointer, instance))
        .filter(Objects::nonNull)
        .min(Long::compare)
        .orElse(null);
  }

  private static @Nullable Long dueTime(ExecutionPointer pointer, WorkflowInstance instance) {
    return switch (pointer.status()) {
      case PENDING -> 0L;
      case RUNNING -> instance.isBranchComplete(List.of(pointer.id())) ? 0L : null;
      case SLEEPING -> retryTime(pointer);
      default -> null;
    };
  }

  private static @Nullable Long retryTime(ExecutionPointer pointer) {
    Instant until = pointer.sleepUntil();
    return until == null || pointer.stepId() == Step.COOL_OFF.stepId()
        ? null
        : until.toEpochMilli();
  }

  private boolean isAsleepAfterFailure(ExecutionPointer pointer) {
    Long retryTime = pointer.status() == PointerStatus.SLEEPING ? retryTime(pointer) : null;
    return retryTime != null && retryTime > now.toEpochMilli();
  }

  private Instant inMillis(Duration duration) {
    return now.plus(duration).truncatedTo(ChronoUnit.MILLIS);
  }

  private void put(ExecutionPointer pointer) {
    pointers.put(pointer.id(), pointer);
  }
}
