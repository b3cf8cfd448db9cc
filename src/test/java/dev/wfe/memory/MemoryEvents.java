package dev.wfe.memory;

import static java.util.Comparator.comparing;

import dev.wfe.model.Event;
import dev.wfe.persistence.DuplicateException;
import dev.wfe.persistence.EventRepository;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.Page;
import dev.wfe.persistence.Position;
import dev.wfe.persistence.Subject;
import dev.wfe.persistence.ValueLimits;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Keeps events in memory. Thread-safe. */
final class MemoryEvents implements EventRepository {
  private final MemoryTables tables;

  MemoryEvents(MemoryTables tables) {
    this.tables = tables;
  }

  @Override
  public String createEvent(Event event) {
    ValueLimits.check(event);
    String id = MemoryTables.orNewId(event.id());
    tables.atomically(
        () -> {
          Event stored =
              event.toBuilder().id(id).eventTime(tables.orNow(event.eventTime())).build();
          if (tables.events.putIfAbsent(stored.id(), stored) != null) {
            throw new DuplicateException(Subject.EVENT, "id", stored.id());
          }
        });
    return id;
  }

  /** The time of an event that is stored. */
  static Instant time(Event stored) {
    return Objects.requireNonNull(stored.eventTime());
  }

  @Override
  public Event getEvent(String id) {
    ValueLimits.nonNull("getEvent", "id", id);
    return tables.atomically(() -> find(id));
  }

  private Event find(String id) {
    Event event = tables.events.get(id);
    if (event == null) {
      throw new NotFoundException(Subject.EVENT, id);
    }
    return event;
  }

  @Override
  public List<String> getRunnableEvents(Instant asAt) {
    return getRunnableEvents(asAt, Integer.MAX_VALUE);
  }

  @Override
  public List<String> getRunnableEvents(Instant asAt, int limit) {
    ValueLimits.nonNull("getRunnableEvents", "asAt", asAt);
    ValueLimits.checkLimit("getRunnableEvents", limit);
    return first(limit, event -> !event.processed() && !time(event).isAfter(asAt));
  }

  @Override
  public Page getRunnableEvents(Instant asAt, int limit, @Nullable Position after) {
    ValueLimits.nonNull("getRunnableEvents", "asAt", asAt);
    ValueLimits.checkLimit("getRunnableEvents", limit);
    ValueLimits.checkPosition("getRunnableEvents", after);
    return tables.atomically(
        () ->
            MemoryTables.page(
                tables.events.values().stream()
                    .filter(event -> !event.processed() && !time(event).isAfter(asAt))
                    .map(event -> new Position(time(event), event.id()))
                    .sorted(MemoryTables.ORDER)
                    .toList(),
                limit,
                after));
  }

  @Override
  public List<String> getEvents(String eventName, String eventKey, Instant asOf) {
    return getEvents(eventName, eventKey, asOf, Integer.MAX_VALUE);
  }

  @Override
  public List<String> getEvents(String eventName, String eventKey, Instant asOf, int limit) {
    requireTopic("getEvents", eventName, eventKey);
    ValueLimits.nonNull("getEvents", "asOf", asOf);
    ValueLimits.checkLimit("getEvents", limit);
    return first(limit, isOf(eventName, eventKey).and(event -> !time(event).isAfter(asOf)));
  }

  @Override
  public List<String> getEventsSince(String eventName, String eventKey, Instant from) {
    return getEventsSince(eventName, eventKey, from, Integer.MAX_VALUE);
  }

  @Override
  public List<String> getEventsSince(String eventName, String eventKey, Instant from, int limit) {
    requireTopic("getEventsSince", eventName, eventKey);
    ValueLimits.nonNull("getEventsSince", "from", from);
    ValueLimits.checkLimit("getEventsSince", limit);
    return first(limit, isOf(eventName, eventKey).and(event -> !time(event).isBefore(from)));
  }

  private static void requireTopic(String operation, String eventName, String eventKey) {
    ValueLimits.nonNull(operation, "eventName", eventName);
    ValueLimits.nonNull(operation, "eventKey", eventKey);
  }

  private static Predicate<Event> isOf(String eventName, String eventKey) {
    return event -> event.eventName().equals(eventName) && event.eventKey().equals(eventKey);
  }

  private List<String> first(int limit, Predicate<Event> wanted) {
    return tables.atomically(
        () ->
            tables.events.values().stream()
                .filter(wanted)
                .sorted(comparing(MemoryEvents::time).thenComparing(Event::id))
                .limit(limit)
                .map(Event::id)
                .toList());
  }

  @Override
  public boolean markEventProcessed(String id) {
    ValueLimits.nonNull("markEventProcessed", "id", id);
    return tables.atomically(
        () -> {
          Event event = find(id);
          boolean covered =
              tables.subscriptions.values().stream()
                  .filter(tables::isAwaited)
                  .anyMatch(subscription -> MemorySubscriptions.covers(subscription, event));
          if (!covered) {
            tables.events.put(id, event.toBuilder().processed(true).build());
          }
          return !covered;
        });
  }

  @Override
  public void markEventUnprocessed(String id) {
    ValueLimits.nonNull("markEventUnprocessed", "id", id);
    tables.atomically(() -> tables.events.put(id, find(id).toBuilder().processed(false).build()));
  }
}
