package dev.wfe.host;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.wfe.model.ExecutionPointer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The events that the waits before a pointer have consumed, so that no event is consumed twice.
 * Each pointer inherits them from its predecessor. For each topic it keeps the last events: those
 * of the 10 seconds before the newest one, at most {@value #MAX_EVENTS}. This recognises an
 * unconsumed event that was committed late and is therefore older than a consumed one. Immutable.
 */
record Consumed(Map<String, List<Entry>> topics) {
  private static final String ATTRIBUTE = "consumedEvents";
  private static final int MAX_EVENTS = 100;
  private static final Consumed NONE = new Consumed(Map.of());

  /** A consumed event. */
  record Entry(String id, Instant time) {}

  static Consumed before(ExecutionPointer pointer) {
    JsonNode json = pointer.extensionAttributes().get(ATTRIBUTE);
    if (json == null) {
      return NONE;
    }
    Map<String, List<Entry>> topics = new TreeMap<>();
    json.properties()
        .forEach(
            topic -> {
              List<Entry> entries = new ArrayList<>();
              topic
                  .getValue()
                  .forEach(
                      entry ->
                          entries.add(
                              new Entry(
                                  entry.path("id").asText(),
                                  Instant.parse(entry.path("time").asText()))));
              topics.put(topic.getKey(), entries);
            });
    return new Consumed(topics);
  }

  /** Returns the pointer's attributes with these events. */
  Map<String, JsonNode> putInto(Map<String, JsonNode> attributes) {
    if (topics.isEmpty()) {
      return attributes;
    }
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    topics.forEach(
        (topic, entries) -> {
          ArrayNode list = json.putArray(topic);
          entries.forEach(
              entry -> list.addObject().put("id", entry.id()).put("time", entry.time().toString()));
        });
    Map<String, JsonNode> more = new TreeMap<>(attributes);
    more.put(ATTRIBUTE, json);
    return more;
  }

  /** Returns these events and the given one. */
  Consumed and(String eventName, String eventKey, Entry event) {
    String topic = topic(eventName, eventKey);
    List<Entry> entries = new ArrayList<>(topics.getOrDefault(topic, List.of()));
    entries.add(event);
    entries.sort(Comparator.comparing(Entry::time).thenComparing(Entry::id));
    Instant newest = entries.get(entries.size() - 1).time();
    Instant from = newest.minus(Topics.LATE);
    entries.removeIf(entry -> entry.time().isBefore(from));
    Map<String, List<Entry>> more = new TreeMap<>(topics);
    more.put(
        topic,
        List.copyOf(entries.subList(Math.max(0, entries.size() - MAX_EVENTS), entries.size())));
    return new Consumed(more);
  }

  boolean contains(String eventName, String eventKey, String eventId) {
    return topics.getOrDefault(topic(eventName, eventKey), List.of()).stream()
        .anyMatch(entry -> entry.id().equals(eventId));
  }

  /**
   * The id of the oldest consumed event, if older ones were forgotten: events of its time with a
   * lower id count as consumed.
   */
  Optional<String> oldestKept(String eventName, String eventKey) {
    List<Entry> entries = topics.getOrDefault(topic(eventName, eventKey), List.of());
    return entries.size() == MAX_EVENTS ? Optional.of(entries.get(0).id()) : Optional.empty();
  }

  /** The time from which on a wait for the topic subscribes: after the last consumed event. */
  Instant subscribeAsOf(String eventName, String eventKey, Instant created) {
    List<Entry> entries = topics.getOrDefault(topic(eventName, eventKey), List.of());
    return entries.isEmpty()
        ? created
        : later(created, entries.get(entries.size() - 1).time().plusNanos(1_000));
  }

  /** The earliest time of an event that a wait for the topic may still consume. */
  Instant earliest(String eventName, String eventKey, Instant created) {
    List<Entry> entries = topics.getOrDefault(topic(eventName, eventKey), List.of());
    if (entries.isEmpty()) {
      return created;
    }
    return later(
        created,
        entries.size() == MAX_EVENTS
            ? entries.get(0).time()
            : entries.get(entries.size() - 1).time().minus(Topics.LATE));
  }

  private static Instant later(Instant one, Instant other) {
    return one.isBefore(other) ? other : one;
  }

  private static String topic(String eventName, String eventKey) {
    return eventName + '\u001f' + eventKey;
  }
}
