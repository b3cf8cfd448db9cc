package dev.wfe.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BigIntegerNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The nodes of {@link CanonicalJson}: they cannot be changed, and each number has one form. */
final class KeptNodes {
  /**
   * Numbers that would be longer than this when written out stay as given, and are refused later.
   */
  private static final int MAX_PLAIN_DIGITS = 10_000;

  private static final JsonNodeFactory EXACT = new JsonNodeFactory(true);

  static final JsonNode EMPTY_OBJECT = frozen(new LinkedHashMap<>());

  static final JsonNode EMPTY_ARRAY = frozen(new ArrayList<>(0));

  @SuppressWarnings("unchecked") // Jackson's own deepCopy() is, seen from a subclass
  private static final class FrozenObject extends ObjectNode {
    private static final long serialVersionUID = 1L;

    FrozenObject(Map<String, JsonNode> members) {
      super(EXACT, members);
    }
  }

  @SuppressWarnings("unchecked") // Jackson's own deepCopy() is, seen from a subclass
  private static final class FrozenArray extends ArrayNode {
    private static final long serialVersionUID = 1L;

    FrozenArray(List<JsonNode> elements) {
      super(EXACT, elements);
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

  private KeptNodes() {}

  static boolean isFrozen(JsonNode json) {
    return json instanceof FrozenObject || json instanceof FrozenArray;
  }

  /** Of members in the kept form, which nobody else may hold. */
  static JsonNode object(Map<String, JsonNode> members) {
    return members.isEmpty() ? EMPTY_OBJECT : frozen(members);
  }

  /** Of elements in the kept form, which nobody else may hold. */
  static JsonNode array(List<JsonNode> elements) {
    return elements.isEmpty() ? EMPTY_ARRAY : frozen(elements);
  }

  private static JsonNode frozen(Map<String, JsonNode> members) {
    return new FrozenObject(Collections.unmodifiableMap(members));
  }

  private static JsonNode frozen(List<JsonNode> elements) {
    return new FrozenArray(Collections.unmodifiableList(elements));
  }

  static JsonNode decimal(BigDecimal value) {
    boolean hasFraction = value.scale() > 0;
    boolean isHuge = (long) value.precision() - value.scale() > MAX_PLAIN_DIGITS;
    return hasFraction || isHuge ? new ExactDecimal(value) : integer(value.toBigIntegerExact());
  }

  static JsonNode integer(BigInteger value) {
    if (value.bitLength() < Integer.SIZE) {
      return IntNode.valueOf(value.intValue());
    }
    return value.bitLength() < Long.SIZE
        ? LongNode.valueOf(value.longValue())
        : BigIntegerNode.valueOf(value);
  }
}
