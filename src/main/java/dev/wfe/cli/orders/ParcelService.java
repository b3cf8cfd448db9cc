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
 * An external worker. It sees the parcels that are offered to it, but no workflows.
 *
 * <ol>
 *   <li>It claims the oldest open offer with its own token, for a short time. If it dies, the offer
 *       is open again after this time.
 *   <li>It ships the parcel and publishes an event. If its token expired before, and another worker
 *       has shipped the parcel, the event exists already.
 *   <li>It terminates the offer. After a failed attempt it clears its token instead, so that the
 *       offer is open again.
 * </ol>
 */
final class ParcelService implements Worker {
  private static final Duration HOLD = Duration.ofSeconds(2);

  private final PersistenceProvider provider;
  private final String workerId;

  ParcelService(PersistenceProvider provider, String workerId) {
    this.provider = provider;
    this.workerId = workerId;
  }

  @Override
  public boolean work() {
    Optional<EventSubscription> offer =
        provider.getFirstOpenSubscription(Topics.OFFER, Topics.PARCEL_SERVICE, Instant.MAX);
    if (offer.isEmpty()) {
      return false;
    }
    String token = UUID.randomUUID().toString();
    try {
      if (provider.setSubscriptionToken(offer.get().id(), token, workerId, HOLD)) {
        ship(offer.get(), token);
      }
    } catch (NotFoundException e) {
      // the token expired before the work was finished, and another worker has finished it
    }
    return true;
  }

  private void ship(EventSubscription offer, String token) {
    JsonNode parcel = Objects.requireNonNull(offer.subscriptionData());
    String orderId = parcel.path("orderId").asText();
    if (parcel.path("failsOnce").asBoolean() && !hasFailed(orderId)) {
      provider.persistErrors(
          List.of(
              ExecutionError.now(
                  offer.workflowId(), offer.executionPointerId(), "Nobody was at home")));
      publish(Ids.shippingFailedEvent(orderId), Topics.SHIPPING_FAILED, orderId);
      provider.clearSubscriptionToken(offer.id(), token);
      return;
    }
    publish(Ids.shippedEvent(orderId), Topics.SHIPPED, orderId);
    provider.terminateSubscription(offer.id(), token);
  }

  private boolean hasFailed(String orderId) {
    return !provider.getEvents(Topics.SHIPPING_FAILED, orderId, Instant.MAX).isEmpty();
  }

  private void publish(String eventId, String eventName, String orderId) {
    try {
      provider.createEvent(
          Event.builder(eventName, orderId)
              .id(eventId)
              .eventData(JsonNodeFactory.instance.objectNode().put("by", workerId))
              .build());
    } catch (DuplicateException e) {
      // the worker that held the offer before has published it
    }
  }
}
