package dev.wfe.histories.workload;

import dev.wfe.histories.OperationNames;
import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.StoreException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Publishes, subscribes, and delivers as an engine does. Not thread-safe. */
final class EventActions implements Actions {
  private static final int SOME = 10;
  private static final int FEW = 3;

  private final Caller caller;
  private final Topics topics;
  private final Delivery delivery;

  /** Whose subscriptions hold events back; null until it was created. */
  private @Nullable String waiting;

  EventActions(Caller caller, Topics topics) {
    this.caller = caller;
    this.topics = topics;
    this.delivery = new Delivery(caller);
  }

  @Override
  public void step() {
    int choice = caller.random().nextInt(10);
    if (choice < 3) {
      Event event = publish();
      if (caller.inPercent(70)) {
        delivery.deliver(event.id());
      }
      if (caller.inPercent(30)) {
        markUnprocessed(event.id());
      }
    } else if (choice < 6) {
      subscribe();
    } else {
      delivery.deliverSome(SOME);
    }
  }

  private void subscribe() {
    if (waiting == null) {
      String id = "waiting-" + caller.recorder().unique();
      try {
        caller
            .provider()
            .createNewWorkflow(
                WorkflowInstance.builder("definition", 1)
                    .id(id)
                    .executionPointers(List.of(ExecutionPointer.builder(0).build()))
                    .build());
      } catch (StoreException fault) {
        return;
      }
      waiting = id;
    }
    subscribe(topics.newSubscription(waiting));
  }

  private Event publish() {
    Event event = topics.newEvent();
    caller
        .recorder()
        .call(
            OperationNames.PUBLISH,
            event.id(),
            Topics.arguments(event),
            () -> caller.provider().createEvent(event),
            given -> null);
    return event;
  }

  private void markUnprocessed(String id) {
    caller
        .recorder()
        .call(
            OperationNames.MARK_UNPROCESSED,
            id,
            Map.of(),
            () -> caller.provider().markEventUnprocessed(id));
    delivery.read(id);
  }

  private void subscribe(EventSubscription subscription) {
    caller
        .recorder()
        .call(
            OperationNames.SUBSCRIBE,
            subscription.id(),
            Topics.arguments(subscription),
            () -> caller.provider().createEventSubscription(subscription),
            given -> null);
    lookAtCovered(subscription);
  }

  /** None of them is processed now, unless its delivery has ended the subscription again. */
  private void lookAtCovered(EventSubscription subscription) {
    caller
        .recorder()
        .call(
            OperationNames.EVENTS_SINCE,
            subscription.eventKey(),
            Map.of(),
            () ->
                caller
                    .provider()
                    .getEventsSince(
                        subscription.eventName(),
                        subscription.eventKey(),
                        subscription.subscribeAsOf(),
                        FEW),
            List::size)
        .ifPresent(ids -> ids.forEach(delivery::read));
  }
}
