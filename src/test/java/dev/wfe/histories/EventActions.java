package dev.wfe.histories;

import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;

/** Publishes, subscribes, and delivers as an engine does. Not thread-safe. */
final class EventActions implements Actions {
  private static final int SOME = 10;

  private final Caller caller;
  private final Topics topics;
  private final Delivery delivery;

  EventActions(Caller caller, Topics topics) {
    this.caller = caller;
    this.topics = topics;
    this.delivery = new Delivery(caller);
  }

  @Override
  public void step() {
    if (caller.inPercent(40)) {
      Event event = publish();
      if (caller.inPercent(70)) {
        // Others have seen the event by now, found nobody, and are at marking it.
        subscribe(topics.newSubscription("none", event.eventKey()));
      }
    } else if (caller.inPercent(20)) {
      subscribe(topics.newSubscription("none"));
    } else {
      delivery.deliverSome(SOME);
    }
  }

  private Event publish() {
    Event event = topics.newEvent();
    caller
        .recorder()
        .call(
            Verbs.PUBLISH,
            event.id(),
            Topics.arguments(event),
            () -> caller.provider().createEvent(event),
            given -> null);
    return event;
  }

  private void subscribe(EventSubscription subscription) {
    caller
        .recorder()
        .call(
            Verbs.SUBSCRIBE,
            subscription.id(),
            Topics.arguments(subscription),
            () -> caller.provider().createEventSubscription(subscription),
            given -> null);
  }
}
