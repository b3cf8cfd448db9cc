package dev.wfe.postgres.internal.mapping;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.wfe.persistence.UnreadableRowException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** JSON whose shape is fixed: lists of ids, and objects of attributes. */
final class JsonShapes {
  private JsonShapes() {}

  static JsonNode tree(List<String> ids) {
    ArrayNode array = Json.NODES.arrayNode(ids.size());
    ids.forEach(array::add);
    return array;
  }

  static JsonNode tree(Map<String, JsonNode> attributes) {
    ObjectNode object = Json.NODES.objectNode();
    object.setAll(attributes);
    return object;
  }

  static List<String> ids(JsonNode json, Function<String, UnreadableRowException> refusal) {
    if (!json.isArray()) {
      throw refusal.apply("holds JSON that is not a list");
    }
    List<String> ids = new ArrayList<>(json.size());
    for (JsonNode element : json) {
      if (!element.isTextual()) {
        throw refusal.apply("holds a list with something that is not text");
      }
      ids.add(element.textValue());
    }
    return ids;
  }

  static Map<String, JsonNode> attributes(
      JsonNode json, Function<String, UnreadableRowException> refusal) {
    if (!json.isObject()) {
      throw refusal.apply("holds JSON that is not an object");
    }
    Map<String, JsonNode> attributes = new LinkedHashMap<>();
    json.properties().forEach(member -> attributes.put(member.getKey(), member.getValue()));
    return attributes;
  }
}
