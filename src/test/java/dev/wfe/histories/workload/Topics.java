package dev.wfe.histories.workload;

import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/** Creates events and subscriptions of a few topics that change often. Not thread-safe. */
final class Topics {
  private static final int KEYS = 2;

  /** Short: a later event of the topic would be delivered in the place of a lost one. */
  private static final long KEY_MILLIS = 50;

  private static final int MAX_AGE_MILLIS = 30;
  private static final String NAME = "topic";

  private final Caller caller;

  Topics(Caller caller) {
    this.caller = caller;
  }

  Event newEvent() {
    return Event.builder(NAME, key())
        .id("e-" + caller.recorder().unique())
        .eventTime(Instant.now())
        .build();
  }

  /** From a moment on that is a little back: it covers events that others are at. */
  EventSubscription newSubscription(String workflowId) {
    Duration back = Duration.ofMillis(caller.random().nextInt(MAX_AGE_MILLIS));
    return EventSubscription.builder(workflowId, "pointer", NAME, key())
        .id("s-" + caller.recorder().unique())
        .subscribeAsOf(Instant.now().minus(back))
        .build();
  }

  private String key() {
    return caller.hotKey("key", KEYS, KEY_MILLIS);
  }

  static Map<String, String> arguments(EventSubscription subscription) {
    return Map.of(
        "subscription",
        subscription.id(),
        "eventName",
        subscription.eventName(),
        "eventKey",
        subscription.eventKey(),
        "asOf",
        subscription.subscribeAsOf().toString());
  }

  static Map<String, String> arguments(Event event) {
    return Map.of(
        "eventName",
        event.eventName(),
        "eventKey",
        event.eventKey(),
        "eventTime",
        String.valueOf(event.eventTime()));
  }
}
