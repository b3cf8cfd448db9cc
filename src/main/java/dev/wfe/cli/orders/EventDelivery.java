package dev.wfe.cli.orders;

import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.persistence.StaleRevisionException;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Brings events to the workflows that wait for them.
 *
 * <ol>
 *   <li>The workflow receives the event, if it has not yet.
 *   <li>The subscription is terminated.
 *   <li>The event is marked processed. The store refuses while a subscription covers the event:
 *       then somebody has subscribed meanwhile, and the next look finds both.
 * </ol>
 *
 * Should this end in between, the event is still unprocessed and the next look goes on from there.
 */
final class EventDelivery implements Worker {
  private final PersistenceProvider store;
  private final Claims claims;
  private final OurOwn ourOwn = new OurOwn();

  EventDelivery(PersistenceProvider store, Claims claims) {
    this.store = store;
    this.claims = claims;
  }

  @Override
  public boolean work() {
    boolean worked = false;
    List<String> due = store.getRunnableEvents(Instant.MAX, ourOwn.limit());
    for (String id : ourOwn.of(due)) {
      worked |= claims.run(id, () -> deliver(id));
    }
    return worked;
  }

  private void deliver(String eventId) {
    Event event = store.getEvent(eventId);
    Instant eventTime = Objects.requireNonNull(event.eventTime());
    try {
      for (EventSubscription subscription :
          store.getSubscriptions(event.eventName(), event.eventKey(), eventTime)) {
        deliver(event, subscription);
      }
      store.markEventProcessed(eventId);
    } catch (StaleRevisionException e) {
      // the workflow was changed meanwhile: the event stays unprocessed and comes again
    }
  }

  private void deliver(Event event, EventSubscription subscription) {
    WorkflowInstance instance = store.getWorkflowInstance(subscription.workflowId());
    Optional<WorkflowInstance> received = OrderState.receive(instance, subscription, event);
    if (received.isPresent()) {
      store.persistWorkflow(received.get());
    }
    try {
      store.terminateSubscription(subscription.id());
    } catch (NotFoundException e) {
      // another worker has just delivered the same
    }
  }
}
