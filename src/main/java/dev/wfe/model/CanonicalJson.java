package dev.wfe.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BigIntegerNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
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

  /**
   * Numbers that would be longer than this when written out stay as given, and are refused later.
   */
  private static final int MAX_PLAIN_DIGITS = 10_000;

  private static final JsonNodeFactory EXACT = new JsonNodeFactory(true);

  @SuppressWarnings("unchecked") // Jackson's own deepCopy() is, seen from a subclass
  private static final class FrozenObject extends ObjectNode {
    private static final long serialVersionUID = 1L;

    FrozenObject(Map<String, JsonNode> members) {
      super(EXACT, Collections.unmodifiableMap(members));
    }
  }

  @SuppressWarnings("unchecked") // Jackson's own deepCopy() is, seen from a subclass
  private static final class FrozenArray extends ArrayNode {
    private static final long serialVersionUID = 1L;

    FrozenArray(List<JsonNode> elements) {
      super(EXACT, Collections.unmodifiableList(elements));
    }
  }

  /**
   * Tells {@code 1.50} from {@code 1.5}, which are two values in a store that keeps every digit.
   */
  private static final class ExactDecimal extends DecimalNode {
    private static final long serialVersionUID = 1L;

    ExactDecimal(BigDecimal value) {
      super(value);
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof DecimalNode that && decimalValue().equals(that.decimalValue());
    }

    @Override
    public int hashCode() {
      return decimalValue().hashCode();
    }
  }

  private CanonicalJson() {}

  static final JsonNode EMPTY_OBJECT = new FrozenObject(new LinkedHashMap<>());

  /** Tolerates a misplaced null, which is refused when the value is written. */
  static JsonNode of(JsonNode json) {
    return json == null ? json : freeze(json, 1);
  }

  static @Nullable JsonNode ofNullable(@Nullable JsonNode json) {
    return json == null ? null : of(json);
  }

  private static JsonNode freeze(JsonNode json, int depth) {
    if (json instanceof FrozenObject || json instanceof FrozenArray) {
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
    return new FrozenObject(members);
  }

  private static JsonNode freezeArray(JsonNode json, int depth) {
    requireDepth(depth);
    List<JsonNode> elements = new ArrayList<>(json.size());
    json.forEach(element -> elements.add(freeze(element, depth + 1)));
    return new FrozenArray(elements);
  }

  private static void requireDepth(int depth) {
    if (depth > MAX_DEPTH) {
      throw new IllegalArgumentException("JSON is nested deeper than " + MAX_DEPTH + " levels");
    }
  }

  private static JsonNode number(JsonNode json) {
    if (json.isIntegralNumber()) {
      return integer(json.bigIntegerValue());
    }
    if ((json.isDouble() || json.isFloat()) && !Double.isFinite(json.doubleValue())) {
      return json;
    }
    BigDecimal decimal = json.isFloat() ? new BigDecimal(json.asText()) : json.decimalValue();
    if (decimal.scale() > 0) {
      return new ExactDecimal(decimal);
    }
    if ((long) decimal.precision() - decimal.scale() > MAX_PLAIN_DIGITS) {
      return new ExactDecimal(decimal);
    }
    return integer(decimal.toBigIntegerExact());
  }

  private static JsonNode integer(BigInteger value) {
    if (value.bitLength() < Integer.SIZE) {
      return IntNode.valueOf(value.intValue());
    }
    return value.bitLength() < Long.SIZE
        ? LongNode.valueOf(value.longValue())
        : BigIntegerNode.valueOf(value);
  }
}
