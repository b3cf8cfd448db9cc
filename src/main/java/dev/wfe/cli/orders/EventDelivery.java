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
 * Delivers events to the workflows that wait for them.
 *
 * <ol>
 *   <li>The workflow receives the event, if it has not received it yet.
 *   <li>The subscription is terminated.
 *   <li>The event is marked processed. This returns false if a subscription covers the event,
 *       because a workflow has subscribed meanwhile; the next pass then finds the event and the
 *       subscription.
 * </ol>
 *
 * If the program ends between these operations, the event is still unprocessed, and the next pass
 * continues.
 */
final class EventDelivery implements Worker {
  private final PersistenceProvider provider;
  private final Claims claims;
  private final OwnWork ownWork = new OwnWork();

  EventDelivery(PersistenceProvider provider, Claims claims) {
    this.provider = provider;
    this.claims = claims;
  }

  @Override
  public boolean work() {
    boolean worked = false;
    List<String> due = provider.getRunnableEvents(Instant.MAX, ownWork.limit());
    for (String id : ownWork.of(due)) {
      worked |= claims.run(id, () -> deliver(id));
    }
    return worked;
  }

  private void deliver(String eventId) {
    Event event = provider.getEvent(eventId);
    Instant eventTime = Objects.requireNonNull(event.eventTime());
    try {
      for (EventSubscription subscription :
          provider.getSubscriptions(event.eventName(), event.eventKey(), eventTime)) {
        deliver(event, subscription);
      }
      provider.markEventProcessed(eventId);
    } catch (StaleRevisionException e) {
      // the workflow was changed meanwhile; the event stays unprocessed and is delivered again
    }
  }

  private void deliver(Event event, EventSubscription subscription) {
    WorkflowInstance instance = provider.getWorkflowInstance(subscription.workflowId());
    Optional<WorkflowInstance> received = OrderState.receive(instance, subscription, event);
    if (received.isPresent()) {
      provider.persistWorkflow(received.get());
    }
    try {
      provider.terminateSubscription(subscription.id());
    } catch (NotFoundException e) {
      // another worker has just delivered the same event
    }
  }
}
