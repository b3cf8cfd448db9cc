package dev.wfe.host;

import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.LiveWorkflow;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.PersistenceProvider;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Finds the event that a wait consumes: the oldest one of its topic that the waits before it have
 * not consumed. Thread-safe.
 */
final class Topics {
  /** How much later than an event's time its transaction may have committed. */
  static final Duration LATE = Duration.ofSeconds(10);

  private static final int MAX_EVENTS = 200;

  private final PersistenceProvider provider;

  Topics(PersistenceProvider provider) {
    this.provider = provider;
  }

  /** Returns the event that the waiting pointer consumes next, if there is one. */
  Optional<Event> oldestFor(LiveWorkflow live, ExecutionPointer pointer) {
    return oldestIdFor(live, pointer).map(provider::getEvent);
  }

  /**
   * As {@link #oldestFor(LiveWorkflow, ExecutionPointer)}.
   *
   * @param known an event that need not be read again
   */
  Optional<Event> oldestFor(LiveWorkflow live, ExecutionPointer pointer, Event known) {
    return oldestIdFor(live, pointer)
        .map(id -> id.equals(known.id()) ? known : provider.getEvent(id));
  }

  private Optional<String> oldestIdFor(LiveWorkflow live, ExecutionPointer pointer) {
    String name = String.valueOf(pointer.eventName());
    String key = String.valueOf(pointer.eventKey());
    Consumed consumed = Consumed.before(pointer);
    Instant from =
        consumed.earliest(name, key, Objects.requireNonNull(live.createTime(), "createTime"));
    Optional<String> oldestKept = consumed.oldestKept(name, key);
    for (int limit = MAX_EVENTS; ; limit *= 4) {
      List<String> ids = provider.getEventsSince(name, key, from, limit);
      int begin = oldestKept.map(ids::indexOf).orElse(0);
      Optional<String> next =
          ids.stream()
              .skip(Math.max(0, begin))
              .filter(id -> !consumed.contains(name, key, id))
              .findFirst();
      if (ids.size() < limit || (begin >= 0 && next.isPresent())) {
        return next;
      }
    }
  }

  /**
   * A wait that follows another one of the same topic subscribes after the last event that was
   * consumed. An event with an earlier time that was committed later would be missed, so such
   * events are looked for once the subscription is stored.
   */
  void recheck(LiveWorkflow written, List<EventSubscription> subscriptions) {
    for (EventSubscription subscription : subscriptions) {
      written.pointers().stream()
          .filter(pointer -> pointer.id().equals(subscription.executionPointerId()))
          .filter(pointer -> !Consumed.before(pointer).topics().isEmpty())
          .forEach(pointer -> revive(written, pointer));
    }
  }

  private void revive(LiveWorkflow written, ExecutionPointer pointer) {
    if (written.createTime() == null) {
      return;
    }
    oldestFor(written, pointer)
        .filter(Event::processed)
        .ifPresent(
            event -> {
              try {
                provider.markEventUnprocessed(event.id());
              } catch (NotFoundException deleted) {
                return;
              }
            });
  }
}
