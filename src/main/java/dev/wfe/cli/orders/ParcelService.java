package dev.wfe.cli.orders;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionError;
import dev.wfe.persistence.DuplicateException;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.PersistenceProvider;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;

/**
 * An outside worker: knows the parcels that are offered to it and nothing of workflows.
 *
 * <ol>
 *   <li>Claims the oldest open offer with a token of its own, for a short time: should it die, the
 *       offer is open again after that.
 *   <li>Ships the parcel and publishes that it did. Who does so a second time, because a claim
 *       ended before the work did, finds the event published.
 *   <li>Terminates the offer. An attempt that failed instead lets go of it, for the next one.
 * </ol>
 */
final class ParcelService implements Worker {
  private static final Duration HOLD = Duration.ofSeconds(2);

  private final PersistenceProvider store;
  private final String workerId;

  ParcelService(PersistenceProvider store, String workerId) {
    this.store = store;
    this.workerId = workerId;
  }

  @Override
  public boolean work() {
    Optional<EventSubscription> offer =
        store.getFirstOpenSubscription(Topics.OFFER, Topics.PARCEL_SERVICE, Instant.MAX);
    if (offer.isEmpty()) {
      return false;
    }
    String token = UUID.randomUUID().toString();
    try {
      if (store.setSubscriptionToken(offer.get().id(), token, workerId, HOLD)) {
        ship(offer.get(), token);
      }
    } catch (NotFoundException e) {
      // the claim ended before the work did, and another worker has finished it
    }
    return true;
  }

  private void ship(EventSubscription offer, String token) {
    JsonNode parcel = Objects.requireNonNull(offer.subscriptionData());
    String orderId = parcel.path("orderId").asText();
    if (parcel.path("failsOnce").asBoolean() && !hasFailed(orderId)) {
      store.persistErrors(
          List.of(
              ExecutionError.now(
                  offer.workflowId(), offer.executionPointerId(), "Nobody was at home")));
      publish(Ids.shippingFailedEvent(orderId), Topics.SHIPPING_FAILED, orderId);
      store.clearSubscriptionToken(offer.id(), token);
      return;
    }
    publish(Ids.shippedEvent(orderId), Topics.SHIPPED, orderId);
    store.terminateSubscription(offer.id(), token);
  }

  private boolean hasFailed(String orderId) {
    return !store.getEvents(Topics.SHIPPING_FAILED, orderId, Instant.MAX).isEmpty();
  }

  private void publish(String eventId, String eventName, String orderId) {
    try {
      store.createEvent(
          Event.builder(eventName, orderId)
              .id(eventId)
              .eventData(JsonNodeFactory.instance.objectNode().put("by", workerId))
              .build());
    } catch (DuplicateException e) {
      // the worker that held the offer before came this far
    }
  }
}
