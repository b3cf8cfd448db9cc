package dev.wfe.tck;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BigIntegerNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;

/** JSON documents that stores tend to change. */
final class JsonSamples {
  static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private JsonSamples() {}

  /** Each legal, and each unlike all others. */
  static List<JsonNode> all() {
    return List.of(
        NullNode.getInstance(),
        JSON.objectNode(),
        JSON.arrayNode(),
        BooleanNode.FALSE,
        TextNode.valueOf(""),
        TextNode.valueOf("null"),
        TextNode.valueOf("{}"),
        TextNode.valueOf("\"quoted\" \\u0000 \\ / \b\f\n\r\t \u0001 \u2028 é€😀 \uffff"),
        IntNode.valueOf(0),
        LongNode.valueOf(Long.MIN_VALUE),
        BigIntegerNode.valueOf(BigInteger.TEN.pow(40).negate()),
        DecimalNode.valueOf(new BigDecimal("1.50")),
        DecimalNode.valueOf(new BigDecimal("1e2")),
        DecimalNode.valueOf(
            new BigDecimal("0.00000000000000000000000000000000012345678901234567890")),
        DoubleNode.valueOf(-0.0),
        DoubleNode.valueOf(Double.MAX_VALUE),
        longestInteger(),
        longestFraction(),
        JSON.arrayNode().add(1).addNull().add("a").add(JSON.arrayNode()).add(1.0),
        oddNames(),
        nested(100));
  }

  static JsonNode longestInteger() {
    return BigIntegerNode.valueOf(BigInteger.TEN.pow(1_000).subtract(BigInteger.ONE).negate());
  }

  static JsonNode longestFraction() {
    return DecimalNode.valueOf(BigDecimal.ONE.movePointLeft(999));
  }

  private static JsonNode oddNames() {
    ObjectNode object = JSON.objectNode();
    for (String name : List.of("z", "a", "", " ", "a.b", "$", "\"", "\\", "\u0001", "é", "😀")) {
      object.put(name, name);
    }
    return object.putNull("null").set("id", JSON.objectNode().put("@class", "x"));
  }

  /** Of lists and objects by turns. */
  static JsonNode nested(int levels) {
    JsonNode tree = JSON.arrayNode();
    for (int i = 1; i < levels; i++) {
      tree = i % 2 == 0 ? JSON.arrayNode().add(tree) : JSON.objectNode().set("a", tree);
    }
    return tree;
  }

  /** A list of numbers of 15 digits: it is longer where a space stands after each comma. */
  static ArrayNode numbers(int count) {
    ArrayNode numbers = JSON.arrayNode(count);
    for (int i = 0; i < count; i++) {
      numbers.add(100_000_000_000_000L);
    }
    return numbers;
  }
}
