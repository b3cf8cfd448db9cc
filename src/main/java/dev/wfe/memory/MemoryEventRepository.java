package dev.wfe.memory;

import dev.wfe.model.Event;
import dev.wfe.persistence.DuplicateException;
import dev.wfe.persistence.EventRepository;
import dev.wfe.persistence.ItemResult;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.Page;
import dev.wfe.persistence.Position;
import dev.wfe.persistence.Subject;
import dev.wfe.persistence.ValueLimits;
import java.time.Instant;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Events in memory. Thread-safe. */
final class MemoryEventRepository implements EventRepository {
  private final MemoryTables tables;
  private final MemorySubscriptionRepository subscriptions;

  MemoryEventRepository(MemoryTables tables, MemorySubscriptionRepository subscriptions) {
    this.tables = tables;
    this.subscriptions = subscriptions;
  }

  @Override
  public String createEvent(Event event) {
    ValueLimits.check(event);
    String id = MemoryTables.orNewId(event.id());
    tables.atomically(
        () -> {
          Event stored =
              event.toBuilder().id(id).eventTime(tables.orNow(event.eventTime())).build();
          if (tables.events.putIfAbsent(id, stored) != null) {
            throw new DuplicateException(Subject.EVENT, "id", id);
          }
        });
    return id;
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
    return getRunnableEvents(asAt, limit, null).ids();
  }

  @Override
  public Page getRunnableEvents(Instant asAt, int limit, @Nullable Position after) {
    String operation = "getRunnableEvents";
    ValueLimits.nonNull(operation, "asAt", asAt);
    ValueLimits.checkLimit(operation, limit);
    ValueLimits.checkPosition(operation, after);
    return page(event -> !event.processed(), time -> !time.isAfter(asAt), limit, after);
  }

  @Override
  public List<String> getEvents(String eventName, String eventKey, Instant asOf) {
    return getEvents(eventName, eventKey, asOf, Integer.MAX_VALUE);
  }

  @Override
  public List<String> getEvents(String eventName, String eventKey, Instant asOf, int limit) {
    String operation = "getEvents";
    Predicate<Event> topic = topic(operation, eventName, eventKey);
    ValueLimits.nonNull(operation, "asOf", asOf);
    ValueLimits.checkLimit(operation, limit);
    return page(topic, time -> !time.isAfter(asOf), limit, null).ids();
  }

  @Override
  public List<String> getEventsSince(String eventName, String eventKey, Instant from) {
    return getEventsSince(eventName, eventKey, from, Integer.MAX_VALUE);
  }

  @Override
  public List<String> getEventsSince(String eventName, String eventKey, Instant from, int limit) {
    String operation = "getEventsSince";
    Predicate<Event> topic = topic(operation, eventName, eventKey);
    ValueLimits.nonNull(operation, "from", from);
    ValueLimits.checkLimit(operation, limit);
    return page(topic, time -> !time.isBefore(from), limit, null).ids();
  }

  private static Predicate<Event> topic(String operation, String eventName, String eventKey) {
    ValueLimits.nonNull(operation, "eventName", eventName);
    ValueLimits.nonNull(operation, "eventKey", eventKey);
    return event -> event.eventName().equals(eventName) && event.eventKey().equals(eventKey);
  }

  private Page page(
      Predicate<Event> events, Predicate<Instant> times, int limit, @Nullable Position after) {
    return tables.atomically(
        () ->
            MemoryTables.page(
                tables.events.values().stream()
                    .filter(events)
                    .map(MemoryTables::position)
                    .filter(position -> times.test(position.time())),
                limit,
                after));
  }

  @Override
  public boolean markEventProcessed(String id) {
    ValueLimits.nonNull("markEventProcessed", "id", id);
    return tables.atomically(
        () -> {
          Event event = find(id);
          boolean isCovered = subscriptions.holdBack(event);
          if (!isCovered) {
            tables.events.put(id, event.toBuilder().processed(true).build());
          }
          return !isCovered;
        });
  }

  @Override
  public void markEventUnprocessed(String id) {
    ValueLimits.nonNull("markEventUnprocessed", "id", id);
    tables.atomically(() -> tables.events.put(id, find(id).toBuilder().processed(false).build()));
  }

  @Override
  public List<ItemResult<String>> createEvents(List<Event> created) {
    throw new UnsupportedOperationException("not built yet");
  }
}
