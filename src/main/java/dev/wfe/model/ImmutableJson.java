package dev.wfe.model;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BigIntegerNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * JSON as the values of this package hold it: trees that cannot be changed, with numbers as
 * PostgreSQL's {@code jsonb} prints them ({@code 1e2} is {@code 100}, {@code 1.50} stays {@code
 * 1.50}). A value takes such a tree as it is; it copies any other. Thread-safe.
 *
 * <p>What JSON has no form for (not-a-number, a Java object in a {@code POJONode}) is left as it is
 * and refused when the value is written.
 */
public final class ImmutableJson {
  /** An exact factory: it keeps every digit. */
  private static final JsonNodeFactory EXACT = new JsonNodeFactory(true);

  /** Deeper trees, and trees with a cycle, are refused here. The limit for writing is lower. */
  public static final int MAX_DEPTH = 1_000;

  /**
   * Numbers that would be longer than this when written out stay as given, and are refused later.
   */
  private static final int MAX_PLAIN_DIGITS = 10_000;

  /** <code>{}</code>, which cannot be changed. */
  public static final JsonNode EMPTY_OBJECT = immutable(new LinkedHashMap<>());

  /** {@code []}, which cannot be changed. */
  public static final JsonNode EMPTY_ARRAY = immutable(new ArrayList<>(0));

  private ImmutableJson() {}

  @SuppressWarnings("unchecked") // Jackson's own deepCopy() is, seen from a subclass
  private static final class ImmutableObject extends ObjectNode {
    private static final long serialVersionUID = 1L;

    ImmutableObject(Map<String, JsonNode> members) {
      super(EXACT, members);
    }
  }

  @SuppressWarnings("unchecked") // Jackson's own deepCopy() is, seen from a subclass
  private static final class ImmutableArray extends ArrayNode {
    private static final long serialVersionUID = 1L;

    ImmutableArray(List<JsonNode> elements) {
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

  /**
   * Reads the JSON within a value with every digit of its numbers, whatever the settings of the
   * mapper. An absent member is null, and JSON null is a {@link NullNode}.
   */
  static final class Deserializer extends JsonDeserializer<JsonNode> {
    @Override
    public JsonNode deserialize(JsonParser parser, DeserializationContext context)
        throws IOException {
      return read(parser);
    }

    @Override
    public JsonNode getNullValue(DeserializationContext context) {
      return NullNode.instance;
    }

    @Override
    public @Nullable Object getAbsentValue(DeserializationContext context) {
      return null;
    }
  }

  /**
   * Returns the JSON as an immutable tree. Tolerates a misplaced null, which is refused when the
   * value is written.
   */
  public static JsonNode of(JsonNode json) {
    return json == null ? json : copy(json, 1);
  }

  static @Nullable JsonNode ofNullable(@Nullable JsonNode json) {
    return json == null ? null : of(json);
  }

  private static JsonNode copy(JsonNode json, int depth) {
    if (isImmutable(json)) {
      return json;
    }
    return switch (json.getNodeType()) {
      case OBJECT -> copyObject(json, depth);
      case ARRAY -> copyArray(json, depth);
      case NUMBER -> number(json);
      case BINARY -> TextNode.valueOf(json.asText());
      case STRING, BOOLEAN, NULL, MISSING, POJO -> json;
    };
  }

  private static JsonNode copyObject(JsonNode json, int depth) {
    requireDepth(depth);
    Map<String, JsonNode> members = new LinkedHashMap<>();
    json.properties()
        .forEach(member -> members.put(member.getKey(), copy(member.getValue(), depth + 1)));
    return object(members);
  }

  private static JsonNode copyArray(JsonNode json, int depth) {
    requireDepth(depth);
    List<JsonNode> elements = new ArrayList<>(json.size());
    json.forEach(element -> elements.add(copy(element, depth + 1)));
    return array(elements);
  }

  static void requireDepth(int depth) {
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
    return decimal(json.isFloat() ? new BigDecimal(json.asText()) : json.decimalValue());
  }

  /**
   * Reads one document, from the parser's current token, or from the next one if it has none. The
   * current token is then the last one of the document. The parser's limits apply, and at most
   * 1,000 levels are read.
   *
   * @throws JsonParseException if there is no document, or a token that is not JSON
   * @throws IOException if the parser throws it
   */
  public static JsonNode read(JsonParser parser) throws IOException {
    return readValue(
        parser, parser.hasCurrentToken() ? parser.currentToken() : parser.nextToken(), 1);
  }

  private static JsonNode readValue(JsonParser parser, @Nullable JsonToken token, int depth)
      throws IOException {
    if (token == null) {
      throw new JsonParseException(parser, "There is no JSON document");
    }
    return switch (token) {
      case START_OBJECT -> readObject(parser, depth);
      case START_ARRAY -> readArray(parser, depth);
      case VALUE_STRING -> TextNode.valueOf(parser.getText());
      case VALUE_NUMBER_INT -> readInteger(parser);
      case VALUE_NUMBER_FLOAT -> decimal(parser.getDecimalValue());
      case VALUE_TRUE -> BooleanNode.TRUE;
      case VALUE_FALSE -> BooleanNode.FALSE;
      case VALUE_NULL -> NullNode.instance;
      default -> throw new JsonParseException(parser, token + " is not a JSON value");
    };
  }

  private static JsonNode readObject(JsonParser parser, int depth) throws IOException {
    requireDepth(depth);
    Map<String, JsonNode> members = new LinkedHashMap<>();
    for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
      members.put(name, readValue(parser, parser.nextToken(), depth + 1));
    }
    return object(members);
  }

  private static JsonNode readArray(JsonParser parser, int depth) throws IOException {
    requireDepth(depth);
    List<JsonNode> elements = new ArrayList<>();
    for (JsonToken token = parser.nextToken();
        token != JsonToken.END_ARRAY;
        token = parser.nextToken()) {
      elements.add(readValue(parser, token, depth + 1));
    }
    return array(elements);
  }

  private static JsonNode readInteger(JsonParser parser) throws IOException {
    return switch (parser.getNumberType()) {
      case INT -> IntNode.valueOf(parser.getIntValue());
      case LONG -> LongNode.valueOf(parser.getLongValue());
      default -> integer(parser.getBigIntegerValue());
    };
  }

  static boolean isImmutable(JsonNode json) {
    return json instanceof ImmutableObject || json instanceof ImmutableArray;
  }

  /** Of immutable members, in a map that nobody else holds. */
  static JsonNode object(Map<String, JsonNode> members) {
    return members.isEmpty() ? EMPTY_OBJECT : immutable(members);
  }

  /** Of immutable elements, in a list that nobody else holds. */
  static JsonNode array(List<JsonNode> elements) {
    return elements.isEmpty() ? EMPTY_ARRAY : immutable(elements);
  }

  private static JsonNode immutable(Map<String, JsonNode> members) {
    return new ImmutableObject(Collections.unmodifiableMap(members));
  }

  private static JsonNode immutable(List<JsonNode> elements) {
    return new ImmutableArray(Collections.unmodifiableList(elements));
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

  /** The map with immutable documents. It tolerates a misplaced null, as {@link #of} does. */
  static Map<String, JsonNode> map(@Nullable Map<String, JsonNode> given) {
    if (given == null || given.isEmpty()) {
      return Map.of();
    }
    Map<String, JsonNode> copy = new LinkedHashMap<>();
    given.forEach((key, json) -> copy.put(key, of(json)));
    return Collections.unmodifiableMap(copy);
  }
}
