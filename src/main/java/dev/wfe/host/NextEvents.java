package dev.wfe.host;

import dev.wfe.model.Event;
import dev.wfe.model.Topic;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.persistence.Position;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Finds the event that a wait consumes: the oldest one of its topic that the waits before it have
 * not consumed. Thread-safe.
 */
final class NextEvents {
  private static final int MAX_EVENTS = 100;

  private final PersistenceProvider provider;

  NextEvents(PersistenceProvider provider) {
    this.provider = provider;
  }

  /** Returns the event that the wait consumes next, if there is one. */
  Optional<Event> of(Wait wait) {
    return of(List.of(wait), List.of()).values().stream().findFirst();
  }

  /**
   * Returns the events that the waits consume next, by the ids of their pointers; waits without one
   * are left out.
   *
   * @param known events that need not be read again
   */
  Map<String, Event> of(Collection<Wait> waits, Collection<Event> known) {
    Map<String, Event> events = new HashMap<>();
    known.forEach(event -> events.put(event.id(), event));
    Set<String> absent = new HashSet<>();
    while (true) {
      Map<String, String> ids = ids(waits, absent);
      List<String> missing =
          ids.values().stream().distinct().filter(id -> !events.containsKey(id)).toList();
      if (!missing.isEmpty()) {
        provider.getEvents(missing).forEach(event -> events.put(event.id(), event));
      }
      if (events.keySet().containsAll(missing)) {
        Map<String, Event> found = new HashMap<>();
        ids.forEach((pointerId, id) -> found.put(pointerId, events.get(id)));
        return found;
      }
      // Deleted meanwhile, or not readable: the next one counts.
      missing.stream().filter(id -> !events.containsKey(id)).forEach(absent::add);
    }
  }

  /** The ids of the events by the ids of the pointers. */
  private Map<String, String> ids(Collection<Wait> waits, Set<String> absent) {
    Map<String, String> found = new HashMap<>();
    List<Wait> left = new ArrayList<>(waits);
    for (int limit = MAX_EVENTS; !left.isEmpty(); limit *= 4) {
      Map<Topic, Instant> from = new HashMap<>();
      left.forEach(wait -> from.merge(wait.topic(), wait.from(), NextEvents::earlier));
      Map<Topic, List<Position>> events = provider.getEventsSince(from, limit);
      List<Wait> unknown = new ArrayList<>();
      for (Wait wait : left) {
        List<Position> ofTopic = events.getOrDefault(wait.topic(), List.of());
        Optional<String> next = first(ofTopic, wait, absent);
        next.ifPresent(id -> found.put(wait.pointer().id(), id));
        if (next.isEmpty() && ofTopic.size() == limit) {
          unknown.add(wait);
        }
      }
      left = unknown;
    }
    return found;
  }

  private static Optional<String> first(List<Position> events, Wait wait, Set<String> absent) {
    Instant from = wait.from();
    Consumed.Events consumed = wait.consumed();
    return events.stream()
        .filter(event -> !event.time().isBefore(from) && !consumed.contains(event))
        .map(Position::id)
        .filter(id -> !absent.contains(id))
        .findFirst();
  }

  private static Instant earlier(Instant one, Instant other) {
    return one.isBefore(other) ? one : other;
  }
}
