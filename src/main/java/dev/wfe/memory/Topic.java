package dev.wfe.memory;

import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;

/** What an event is about. */
record Topic(String eventName, String eventKey) {
  static Topic of(Event event) {
    return new Topic(event.eventName(), event.eventKey());
  }

  static Topic of(EventSubscription subscription) {
    return new Topic(subscription.eventName(), subscription.eventKey());
  }
}
