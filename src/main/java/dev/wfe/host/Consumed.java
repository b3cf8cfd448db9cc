package dev.wfe.host;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.Topic;
import dev.wfe.persistence.Position;
import dev.wfe.persistence.ValueLimits;
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
  private static final int MIN_EVENTS = 50;
  static final Consumed NONE = new Consumed(Map.of());

  /**
   * The consumed events of a topic.
   *
   * @param until events up to this time count as consumed; null if none was forgotten
   * @param last the last consumed events, oldest first: {@value #MIN_EVENTS} at least, and all
   *     others of the time of the oldest
   */
  record Events(@Nullable Instant until, List<Position> last) {
    private static final Events NONE = new Events(null, List.of());

    /** The time from which on a wait can consume events. */
    Instant from(Instant created) {
      return until == null || until.isBefore(created) ? created : until.plusNanos(1_000);
    }

    boolean contains(Position event) {
      return last.contains(event);
    }

    List<String> ids() {
      return last.stream().map(Position::id).toList();
    }

    private Events and(Position event) {
      return and(new Events(null, List.of(event)));
    }

    private Events and(Events more) {
      List<Position> all = new ArrayList<>(last);
      more.last.stream().filter(event -> !contains(event)).forEach(all::add);
      all.sort(Comparator.comparing(Position::time).thenComparing(Position::id));
      Instant kept = all.get(Math.max(0, all.size() - MIN_EVENTS)).time();
      Instant forgotten = until == null || isAfter(more.until, until) ? more.until : until;
      while (all.get(0).time().isBefore(kept) || all.size() > ValueLimits.MAX_EXCLUDED_EVENTS) {
        forgotten = all.remove(0).time();
      }
      return new Events(forgotten, List.copyOf(all));
    }

    private static boolean isAfter(@Nullable Instant time, Instant other) {
      return time != null && time.isAfter(other);
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
      ArrayNode list = json.putArray("last");
      last.forEach(event -> list.add(toJson(event)));
      return json;
    }

    private static ObjectNode toJson(Position event) {
      return JsonNodeFactory.instance
          .objectNode()
          .put("id", event.id())
          .put("time", event.time().toString());
    }

    private static Events of(JsonNode json) {
      List<Position> last = new ArrayList<>();
      json.path("last").forEach(event -> last.add(position(event)));
      return new Events(
          json.has("until") ? Instant.parse(json.path("until").asText()) : null, last);
    }

    private static Position position(JsonNode json) {
      return new Position(Instant.parse(json.path("time").asText()), json.path("id").asText());
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
  Consumed and(Topic topic, Position event) {
    Map<Topic, Events> more = new LinkedHashMap<>(topics);
    more.put(topic, of(topic).and(event));
    return new Consumed(more);
  }

  /** Returns these events and the given ones. */
  Consumed and(Consumed more) {
    Map<Topic, Events> both = new LinkedHashMap<>(topics);
    more.topics.forEach((topic, events) -> both.put(topic, of(topic).and(events)));
    return new Consumed(both);
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
}
