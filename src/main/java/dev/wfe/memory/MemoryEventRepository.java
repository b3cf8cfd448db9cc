package dev.wfe.memory;

import dev.wfe.model.Event;
import dev.wfe.model.Topic;
import dev.wfe.persistence.DuplicateException;
import dev.wfe.persistence.EventRepository;
import dev.wfe.persistence.ItemResult;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.Page;
import dev.wfe.persistence.Position;
import dev.wfe.persistence.Subject;
import dev.wfe.persistence.ValueLimits;
import java.time.Instant;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
    return tables.atomically(() -> add(event));
  }

  @Override
  public List<ItemResult<String>> createEvents(List<Event> created) {
    return tables.forEach(
        created,
        ValueLimits.checkEach("createEvents", "events", created, ValueLimits::check),
        this::add);
  }

  /** Stores the event, and returns its id. */
  String add(Event event) {
    String id = MemoryTables.orNewId(event.id());
    if (tables.event(id) != null) {
      throw new DuplicateException(Subject.EVENT, "id", id);
    }
    Instant time = tables.orNow(event.eventTime());
    tables.put(new EventRow(event.toBuilder().id(id).eventTime(time).build(), null));
    return id;
  }

  @Override
  public Event getEvent(String id) {
    ValueLimits.nonNull("getEvent", "id", id);
    return tables.atomically(() -> find(id).event());
  }

  private EventRow find(String id) {
    EventRow event = tables.event(id);
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
    return tables.atomically(
        () ->
            MemoryTables.page(
                MemoryTables.after(after, tables.unprocessedEvents.of(MemoryTables.All.ROWS))
                    .takeWhile(position -> !position.time().isAfter(asAt)),
                limit));
  }

  @Override
  public List<String> getEvents(String eventName, String eventKey, Instant asOf) {
    return getEvents(eventName, eventKey, asOf, Integer.MAX_VALUE);
  }

  @Override
  public List<String> getEvents(String eventName, String eventKey, Instant asOf, int limit) {
    String operation = "getEvents";
    Topic topic = topic(operation, eventName, eventKey);
    ValueLimits.nonNull(operation, "asOf", asOf);
    ValueLimits.checkLimit(operation, limit);
    return tables.atomically(
        () ->
            tables.eventsByTopic.of(topic).stream()
                .takeWhile(position -> !position.time().isAfter(asOf))
                .limit(limit)
                .map(Position::id)
                .toList());
  }

  @Override
  public List<String> getEventsSince(String eventName, String eventKey, Instant from) {
    return getEventsSince(eventName, eventKey, from, Integer.MAX_VALUE);
  }

  @Override
  public List<String> getEventsSince(String eventName, String eventKey, Instant from, int limit) {
    String operation = "getEventsSince";
    Topic topic = topic(operation, eventName, eventKey);
    ValueLimits.nonNull(operation, "from", from);
    ValueLimits.checkLimit(operation, limit);
    return tables.atomically(() -> since(topic, from, limit).stream().map(Position::id).toList());
  }

  private static Topic topic(String operation, String eventName, String eventKey) {
    ValueLimits.nonNull(operation, "eventName", eventName);
    ValueLimits.nonNull(operation, "eventKey", eventKey);
    return new Topic(eventName, eventKey);
  }

  @Override
  public Map<Topic, List<Position>> getEventsSince(Map<Topic, Instant> from, int limit) {
    String operation = "getEventsSince";
    ValueLimits.nonNull(operation, "from", from);
    ValueLimits.nonNullElements(operation, "from", from.keySet());
    ValueLimits.nonNullElements(operation, "from", from.values());
    ValueLimits.checkLimit(operation, limit);
    return tables.atomically(
        () -> {
          Map<Topic, List<Position>> found = new HashMap<>();
          from.forEach((topic, bound) -> found.put(topic, since(topic, bound, limit)));
          found.values().removeIf(List::isEmpty);
          return found;
        });
  }

  private List<Position> since(Topic topic, Instant from, int limit) {
    return tables.eventsByTopic.of(topic).tailSet(new Position(from, ""), true).stream()
        .filter(position -> !position.time().isBefore(from))
        .limit(limit)
        .toList();
  }

  @Override
  public List<Event> getEvents(Collection<String> ids) {
    ValueLimits.nonNullElements("getEvents", "ids", ids);
    return tables.atomically(
        () ->
            ids.stream().map(tables::event).filter(Objects::nonNull).map(EventRow::event).toList());
  }

  @Override
  public boolean markEventProcessed(String id) {
    ValueLimits.nonNull("markEventProcessed", "id", id);
    return tables.atomically(() -> mark(id));
  }

  private boolean mark(String id) {
    EventRow event = find(id);
    boolean isCovered = subscriptions.holdBack(event);
    if (!isCovered) {
      tables.put(event.marked(true).with(null));
    }
    return !isCovered;
  }

  @Override
  public List<ItemResult<Boolean>> markEventsProcessed(List<String> ids) {
    ValueLimits.nonNullElements("markEventsProcessed", "ids", ids);
    return tables.forEach(ids, Collections.nCopies(ids.size(), null), this::mark);
  }

  @Override
  public void markEventUnprocessed(String id) {
    ValueLimits.nonNull("markEventUnprocessed", "id", id);
    tables.atomically(() -> tables.put(find(id).marked(false)));
  }
}
