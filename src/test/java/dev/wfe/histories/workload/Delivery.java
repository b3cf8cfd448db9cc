package dev.wfe.histories.workload;

import dev.wfe.histories.OperationNames;
import dev.wfe.histories.Recorder;
import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * An engine's loop over events: delivers each to the open subscriptions that cover it, terminates
 * them, and marks the event processed; if that is refused, it looks again. Not thread-safe.
 */
final class Delivery {
  private static final int LOOKS = 3;
  private static final int SUBSCRIPTIONS = 20;

  private final Caller caller;

  Delivery(Caller caller) {
    this.caller = caller;
  }

  /** Delivers the oldest events that are not processed, and gives how many those were. */
  int deliverSome(int limit) {
    List<String> ids =
        caller
            .recorder()
            .call(
                OperationNames.RUNNABLE_EVENTS,
                "",
                Map.of(),
                () -> caller.provider().getRunnableEvents(Instant.now(), limit),
                List::size)
            .orElse(List.of());
    ids.forEach(this::deliver);
    return ids.size();
  }

  Optional<Event> read(String id) {
    return caller
        .recorder()
        .call(
            OperationNames.READ_EVENT,
            id,
            Map.of(),
            () -> caller.provider().getEvent(id),
            Event::processed);
  }

  /** Brings the event to those that wait for it. */
  void deliver(String id) {
    Optional<Event> event = read(id);
    boolean again = event.isPresent();
    for (int look = 0; again && look < LOOKS; look++) {
      deliver(event.get());
      again = isRefused(id);
    }
  }

  private void deliver(Event event) {
    Instant eventTime = Objects.requireNonNull(event.eventTime());
    List<EventSubscription> open =
        caller
            .recorder()
            .call(
                OperationNames.OPEN_SUBSCRIPTIONS,
                event.eventName() + "/" + event.eventKey(),
                Map.of(),
                () ->
                    caller
                        .provider()
                        .getSubscriptions(
                            event.eventName(), event.eventKey(), eventTime, SUBSCRIPTIONS),
                List::size)
            .orElse(List.of());
    for (EventSubscription subscription : open) {
      Recorder recorder = caller.recorder();
      recorder.call(
          OperationNames.DELIVER, event.id(), Map.of("subscription", subscription.id()), () -> {});
      recorder.call(
          OperationNames.TERMINATE,
          subscription.id(),
          Map.of(),
          () -> caller.provider().terminateSubscription(subscription.id()));
    }
  }

  private boolean isRefused(String id) {
    return caller
        .recorder()
        .call(
            OperationNames.MARK_PROCESSED,
            id,
            Map.of(),
            () -> caller.provider().markEventProcessed(id),
            processed -> processed)
        .filter(processed -> !processed)
        .isPresent();
  }
}
