package dev.wfe.model;

import java.util.Objects;

/**
 * What an event is about: events reach the subscriptions with the same name and key.
 *
 * @param eventName the name of the kind of event
 * @param eventKey what the event belongs to, such as the id of an order
 */
public record Topic(String eventName, String eventKey) {
  /** Checks that neither is null. */
  public Topic {
    Objects.requireNonNull(eventName, "eventName");
    Objects.requireNonNull(eventKey, "eventKey");
  }

  /** The topic of the event. */
  public static Topic of(Event event) {
    return new Topic(event.eventName(), event.eventKey());
  }

  /** The topic of the subscription. */
  public static Topic of(EventSubscription subscription) {
    return new Topic(subscription.eventName(), subscription.eventKey());
  }
}
