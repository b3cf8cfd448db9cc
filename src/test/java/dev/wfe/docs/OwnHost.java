package dev.wfe.docs;

import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionError;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.LiveWorkflow;
import dev.wfe.model.PointerStatus;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.ClaimRequest;
import dev.wfe.persistence.ClaimedEvent;
import dev.wfe.persistence.ClaimedWorkflow;
import dev.wfe.persistence.DefinitionVersion;
import dev.wfe.persistence.LeaseLostException;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.persistence.StaleRevisionException;
import dev.wfe.persistence.WorkflowWrite;
import dev.wfe.persistence.WorkflowWrite.LeaseAction;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The host of {@code docs/own-host.md}: it executes orders with two steps, "reserve" and "await
 * payment". Thread-safe.
 */
final class OwnHost {
  private static final List<DefinitionVersion> DEFINITIONS =
      List.of(new DefinitionVersion("order", 1));
  private static final Duration LEASE = Duration.ofSeconds(30);
  private static final Duration PAUSE = Duration.ofSeconds(10);
  private static final long MAX_BYTES = 8L * 1024 * 1024;
  private static final int RESERVE = 0;
  private static final int AWAIT_PAYMENT = 1;

  private final PersistenceProvider provider;
  private final String owner;
  private final Reservation reservation;

  /** Reserves goods; fails now and then. */
  @FunctionalInterface
  interface Reservation {
    void reserve(String orderId) throws Exception;
  }

  OwnHost(PersistenceProvider provider, String owner, Reservation reservation) {
    this.provider = provider;
    this.owner = owner;
    this.reservation = reservation;
  }

  /** Starts an order. */
  void start(String orderId) {
    provider.create(
        WorkflowInstance.builder("order", 1)
            .id(orderId)
            .executionPointers(List.of(ExecutionPointer.builder(RESERVE).build()))
            .build());
  }

  /** Executes what is due; false if nothing was. */
  boolean executeDue() {
    List<ClaimedWorkflow> claimed =
        provider
            .claimWorkflows(new ClaimRequest(owner, DEFINITIONS, 32, MAX_BYTES, LEASE))
            .workflows();
    claimed.forEach(this::execute);
    return !claimed.isEmpty();
  }

  private void execute(ClaimedWorkflow claimed) {
    LiveWorkflow live = claimed.workflow();
    Optional<Exception> failure = executeStep(live);
    while (true) {
      WorkflowWrite write = next(live, failure).under(claimed.claim(), LeaseAction.RELEASE).build();
      try {
        provider.write(write);
        return;
      } catch (StaleRevisionException changed) {
        live = provider.getLiveWorkflow(live.id());
      } catch (LeaseLostException lost) {
        return;
      }
    }
  }

  private Optional<Exception> executeStep(LiveWorkflow live) {
    try {
      if (pointer(live).stepId() == RESERVE) {
        reservation.reserve(live.id());
      }
      return Optional.empty();
    } catch (Exception failed) {
      return Optional.of(failed);
    }
  }

  private static WorkflowWrite.Builder next(LiveWorkflow live, Optional<Exception> failure) {
    ExecutionPointer pointer = pointer(live);
    if (failure.isPresent()) {
      return failed(live, pointer, failure.get());
    }
    if (pointer.stepId() == RESERVE) {
      return waiting(live, pointer);
    }
    return WorkflowWrite.of(
        live.toBuilder()
            .pointers(List.of(ended(pointer)))
            .status(WorkflowStatus.COMPLETE)
            .nextExecution(null)
            .completeTime(Instant.now())
            .build());
  }

  private static WorkflowWrite.Builder failed(
      LiveWorkflow live, ExecutionPointer pointer, Exception failure) {
    ExecutionPointer again = pointer.toBuilder().retryCount(pointer.retryCount() + 1).build();
    return WorkflowWrite.of(live.toBuilder().pointers(List.of(again)).build())
        .dueAfter(PAUSE.multipliedBy(again.retryCount()))
        .errors(List.of(ExecutionError.now(live.id(), pointer.id(), failure.toString())));
  }

  private static WorkflowWrite.Builder waiting(LiveWorkflow live, ExecutionPointer pointer) {
    ExecutionPointer wait =
        ExecutionPointer.builder(AWAIT_PAYMENT).status(PointerStatus.WAITING_FOR_EVENT).build();
    EventSubscription subscription =
        EventSubscription.builder(live.id(), wait.id(), "paid", live.id())
            .id(wait.id())
            .stepId(AWAIT_PAYMENT)
            .subscribeAsOf(Objects.requireNonNull(live.createTime()))
            .build();
    return WorkflowWrite.of(
            live.toBuilder().pointers(List.of(ended(pointer), wait)).nextExecution(null).build())
        .subscribe(List.of(subscription));
  }

  private static ExecutionPointer ended(ExecutionPointer pointer) {
    return pointer.toBuilder().status(PointerStatus.COMPLETE).active(false).build();
  }

  private static ExecutionPointer pointer(LiveWorkflow live) {
    return live.pointers().get(0);
  }

  /** Delivers due events; false if there were none. */
  boolean deliverDue() {
    List<ClaimedEvent> claimed =
        provider.claimEvents(new ClaimRequest(owner, DEFINITIONS, 32, MAX_BYTES, LEASE));
    for (ClaimedEvent item : claimed) {
      Event event = item.event();
      for (EventSubscription subscription :
          provider.getSubscriptions(
              event.eventName(), event.eventKey(), Objects.requireNonNull(event.eventTime()))) {
        deliver(event, subscription);
      }
    }
    provider.markEventsProcessed(claimed.stream().map(item -> item.event().id()).toList());
    provider.release(claimed.stream().map(ClaimedEvent::claim).toList());
    return !claimed.isEmpty();
  }

  private void deliver(Event event, EventSubscription subscription) {
    while (true) {
      LiveWorkflow live = provider.getLiveWorkflow(subscription.workflowId());
      List<ExecutionPointer> pointers = new ArrayList<>(live.pointers());
      pointers.replaceAll(
          pointer ->
              pointer.id().equals(subscription.executionPointerId())
                  ? pointer.toBuilder()
                      .status(PointerStatus.PENDING)
                      .eventPublished(true)
                      .eventData(event.eventData())
                      .build()
                  : pointer);
      WorkflowWrite write =
          WorkflowWrite.of(live.toBuilder().pointers(pointers).build())
              .dueAfter(Duration.ZERO)
              .endSubscriptions(List.of(subscription.id()))
              .build();
      try {
        provider.write(write);
        return;
      } catch (StaleRevisionException changed) {
        // read what the other writer has stored, and deliver to that
      }
    }
  }
}
