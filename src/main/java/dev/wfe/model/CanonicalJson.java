package dev.wfe.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The one form in which JSON is kept: trees that cannot be changed, with numbers as PostgreSQL's
 * {@code jsonb} prints them ({@code 1e2} is {@code 100}, {@code 1.50} stays {@code 1.50}). A tree
 * in this form is recognised and shared, not copied again.
 *
 * <p>What JSON has no form for (not-a-number, a Java object in a {@code POJONode}) is left as it is
 * and refused when it is written.
 */
final class CanonicalJson {
  /** Deeper trees are refused here; what a store accepts is far less. It also ends cycles. */
  private static final int MAX_DEPTH = 1_000;

  private CanonicalJson() {}

  /** Tolerates a misplaced null, which is refused when the value is written. */
  static JsonNode of(JsonNode json) {
    return json == null ? json : freeze(json, 1);
  }

  static @Nullable JsonNode ofNullable(@Nullable JsonNode json) {
    return json == null ? null : of(json);
  }

  private static JsonNode freeze(JsonNode json, int depth) {
    if (KeptNodes.isFrozen(json)) {
      return json;
    }
    return switch (json.getNodeType()) {
      case OBJECT -> freezeObject(json, depth);
      case ARRAY -> freezeArray(json, depth);
      case NUMBER -> number(json);
      case BINARY -> TextNode.valueOf(json.asText());
      case STRING, BOOLEAN, NULL, MISSING, POJO -> json;
    };
  }

  private static JsonNode freezeObject(JsonNode json, int depth) {
    requireDepth(depth);
    Map<String, JsonNode> members = new LinkedHashMap<>();
    json.properties()
        .forEach(member -> members.put(member.getKey(), freeze(member.getValue(), depth + 1)));
    return KeptNodes.object(members);
  }

  private static JsonNode freezeArray(JsonNode json, int depth) {
    requireDepth(depth);
    List<JsonNode> elements = new ArrayList<>(json.size());
    json.forEach(element -> elements.add(freeze(element, depth + 1)));
    return KeptNodes.array(elements);
  }

  static void requireDepth(int depth) {
    if (depth > MAX_DEPTH) {
      throw new IllegalArgumentException("JSON is nested deeper than " + MAX_DEPTH + " levels");
    }
  }

  private static JsonNode number(JsonNode json) {
    if (json.isIntegralNumber()) {
      return KeptNodes.integer(json.bigIntegerValue());
    }
    if ((json.isDouble() || json.isFloat()) && !Double.isFinite(json.doubleValue())) {
      return json;
    }
    return KeptNodes.decimal(json.isFloat() ? new BigDecimal(json.asText()) : json.decimalValue());
  }
}
