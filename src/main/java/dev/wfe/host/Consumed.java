package dev.wfe.host;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.Topic;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The events that the waits before a pointer have consumed, so that no event is consumed twice.
 * Each pointer inherits them from its predecessor. They tell an event that was committed late, and
 * is therefore older than a consumed one, from those that were consumed. Immutable.
 */
record Consumed(Map<Topic, Events> topics) {
  private static final String ATTRIBUTE = "consumedEvents";
  private static final int MAX_EVENTS = 50;
  private static final Consumed NONE = new Consumed(Map.of());

  /** A consumed event. */
  record Entry(String id, Instant time) {}

  /**
   * The consumed events of a topic.
   *
   * @param until events up to this time count as consumed; null if none were forgotten
   * @param entries the last consumed events, at most {@value #MAX_EVENTS}, oldest first
   */
  record Events(@Nullable Instant until, List<Entry> entries) {
    private static final Events NONE = new Events(null, List.of());

    /**
     * The time from which on a wait can consume events.
     *
     * @param created when the instance was created
     */
    Instant from(Instant created) {
      Instant next = until == null ? created : until.plusNanos(1_000);
      return next.isBefore(created) ? created : next;
    }

    boolean contains(String eventId) {
      return entries.stream().anyMatch(entry -> entry.id().equals(eventId));
    }

    List<String> ids() {
      return entries.stream().map(Entry::id).toList();
    }

    private Events and(Entry event) {
      List<Entry> all = new ArrayList<>(entries);
      all.add(event);
      all.sort(Comparator.comparing(Entry::time).thenComparing(Entry::id));
      if (all.size() <= MAX_EVENTS) {
        return new Events(until, List.copyOf(all));
      }
      Instant forgotten = all.get(0).time();
      all.removeIf(entry -> !entry.time().isAfter(forgotten));
      return new Events(forgotten, List.copyOf(all));
    }

    private ObjectNode toJson(Topic topic) {
      ObjectNode json =
          JsonNodeFactory.instance
              .objectNode()
              .put("name", topic.eventName())
              .put("key", topic.eventKey());
      if (until != null) {
        json.put("until", until.toString());
      }
      ArrayNode list = json.putArray("events");
      entries.forEach(
          entry -> list.addObject().put("id", entry.id()).put("time", entry.time().toString()));
      return json;
    }

    private static Events of(JsonNode json) {
      List<Entry> entries = new ArrayList<>();
      json.path("events")
          .forEach(
              entry ->
                  entries.add(
                      new Entry(
                          entry.path("id").asText(), Instant.parse(entry.path("time").asText()))));
      return new Events(
          json.has("until") ? Instant.parse(json.path("until").asText()) : null, entries);
    }
  }

  static Consumed before(ExecutionPointer pointer) {
    JsonNode json = pointer.extensionAttributes().get(ATTRIBUTE);
    if (json == null) {
      return NONE;
    }
    Map<Topic, Events> topics = new LinkedHashMap<>();
    json.forEach(
        topic ->
            topics.put(
                new Topic(topic.path("name").asText(), topic.path("key").asText()),
                Events.of(topic)));
    return new Consumed(topics);
  }

  Events of(Topic topic) {
    return topics.getOrDefault(topic, Events.NONE);
  }

  /** Returns these events and the given one. */
  Consumed and(Topic topic, Entry event) {
    Map<Topic, Events> more = new LinkedHashMap<>(topics);
    more.put(topic, of(topic).and(event));
    return new Consumed(more);
  }

  /** Returns the events of the other topics. */
  Consumed without(Topic topic) {
    Map<Topic, Events> others = new LinkedHashMap<>(topics);
    others.remove(topic);
    return new Consumed(others);
  }

  /** Returns the pointer's attributes with these events instead of its own. */
  Map<String, JsonNode> putInto(Map<String, JsonNode> attributes) {
    Map<String, JsonNode> changed = new TreeMap<>(attributes);
    changed.remove(ATTRIBUTE);
    if (!topics.isEmpty()) {
      ArrayNode json = JsonNodeFactory.instance.arrayNode();
      topics.forEach((topic, events) -> json.add(events.toJson(topic)));
      changed.put(ATTRIBUTE, json);
    }
    return changed;
  }

  /** Returns the attributes of a pointer that has ended: its successor has these events. */
  static Map<String, JsonNode> removedFrom(Map<String, JsonNode> attributes) {
    return NONE.putInto(attributes);
  }
}
