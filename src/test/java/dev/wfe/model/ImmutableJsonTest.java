package dev.wfe.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BigIntegerNode;
import com.fasterxml.jackson.databind.node.BinaryNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.FloatNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.POJONode;
import com.fasterxml.jackson.databind.node.ShortNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImmutableJsonTest {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private static JsonNode exact(String text) throws Exception {
    return JsonMapper.builder()
        .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
        .nodeFactory(new JsonNodeFactory(true))
        .build()
        .readTree(text);
  }

  @ParameterizedTest
  @CsvSource({
    "1e2, 100",
    "1E+2, 100",
    "1.5e3, 1500",
    "1.50, 1.50",
    "100.0, 100.0",
    "1.50e1, 15.0",
    "12e-1, 1.2",
    "-0, 0",
    "-0.0, 0.0",
    "0e5, 0",
    "0.000, 0.000",
    "1e-3, 0.001",
    "9223372036854775808, 9223372036854775808",
    "0.1, 0.1",
  })
  void numbersTakeTheFormOfJsonb(String given, String kept) throws Exception {
    JsonNode number = ImmutableJson.of(exact(given));

    assertThat(number.decimalValue().toPlainString()).isEqualTo(kept);
    assertThat(number).isEqualTo(ImmutableJson.of(exact(kept)));
  }

  @Test
  void aNumberIsTheSameWhicheverTypeItCameAs() {
    assertThat(ImmutableJson.of(LongNode.valueOf(7))).isEqualTo(IntNode.valueOf(7));
    assertThat(ImmutableJson.of(ShortNode.valueOf((short) 7))).isEqualTo(IntNode.valueOf(7));
    assertThat(ImmutableJson.of(BigIntegerNode.valueOf(BigInteger.TEN)))
        .isEqualTo(IntNode.valueOf(10));
    assertThat(ImmutableJson.of(DecimalNode.valueOf(new BigDecimal("1E+20"))))
        .isEqualTo(BigIntegerNode.valueOf(BigInteger.TEN.pow(20)));
    assertThat(ImmutableJson.of(LongNode.valueOf(Long.MIN_VALUE)))
        .isEqualTo(ImmutableJson.of(DecimalNode.valueOf(BigDecimal.valueOf(Long.MIN_VALUE))));
  }

  @Test
  void floatsKeepTheDigitsTheyPrint() {
    assertThat(ImmutableJson.of(FloatNode.valueOf(0.1f)).asText()).isEqualTo("0.1");
    assertThat(ImmutableJson.of(DoubleNode.valueOf(0.1)).asText()).isEqualTo("0.1");
    assertThat(ImmutableJson.of(DoubleNode.valueOf(-0.0)).asText()).isEqualTo("0.0");
    assertThat(ImmutableJson.of(DoubleNode.valueOf(1e300)).bigIntegerValue())
        .isEqualTo(BigInteger.TEN.pow(300));
    assertThat(ImmutableJson.of(DoubleNode.valueOf(Double.MIN_VALUE)).decimalValue())
        .isEqualByComparingTo(new BigDecimal("4.9E-324"));
  }

  @Test
  void scaleIsPartOfANumbersForm() throws Exception {
    JsonNode number = ImmutableJson.of(exact("1.50"));

    assertThat(number.decimalValue()).isEqualTo(new BigDecimal("1.50"));
    assertThat(number.toString()).isEqualTo("1.50");
  }

  @Test
  void nonFiniteNumbersAreLeftForTheWriterToRefuse() {
    assertThat(ImmutableJson.of(DoubleNode.valueOf(Double.NaN)).doubleValue()).isNaN();
    assertThat(ImmutableJson.of(FloatNode.valueOf(Float.POSITIVE_INFINITY)).doubleValue())
        .isInfinite();
    POJONode object = new POJONode(new Object());
    assertThat(ImmutableJson.of(object)).isSameAs(object);
  }

  @Test
  void hugeExponentsAreNotWrittenOut() {
    JsonNode number = ImmutableJson.of(DecimalNode.valueOf(new BigDecimal("1E+2000000000")));

    assertThat(number.decimalValue().precision()).isEqualTo(1);
  }

  @Test
  void bytesBecomeTheirText() {
    assertThat(ImmutableJson.of(BinaryNode.valueOf(new byte[] {1, 2, 3})))
        .isEqualTo(TextNode.valueOf("AQID"));
  }

  @Test
  void absentAndJsonNullStayTwoThings() {
    assertThat(ImmutableJson.ofNullable(null)).isNull();
    assertThat(ImmutableJson.ofNullable(NullNode.getInstance())).isSameAs(NullNode.getInstance());
  }

  @Test
  void changingWhatWasGivenChangesNothing() {
    ObjectNode inner = JSON.objectNode().put("a", 1);
    ArrayNode list = JSON.arrayNode().add(inner);
    ObjectNode given = JSON.objectNode();
    given.set("list", list);
    JsonNode kept = ImmutableJson.of(given);
    String before = kept.toString();

    inner.put("a", 2);
    list.add(3);
    given.put("b", 4);

    assertThat(kept).hasToString(before);
  }

  @Test
  void returnedJsonIsImmutableAtAnyDepth() {
    ObjectNode given = JSON.objectNode();
    given.putArray("list").addObject().put("a", 1);
    ObjectNode kept = (ObjectNode) ImmutableJson.of(given);
    ArrayNode list = (ArrayNode) kept.get("list");
    ObjectNode inner = (ObjectNode) list.get(0);

    assertThatThrownBy(() -> kept.put("b", 1)).isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(kept::removeAll).isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> list.add(1)).isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> list.remove(0)).isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> inner.remove("a")).isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> inner.properties().iterator().next().setValue(list))
        .isInstanceOf(UnsupportedOperationException.class);
    assertThat(kept).isEqualTo(given);
  }

  @Test
  void aDeepCopyMayBeChangedAtAnyDepth() {
    ObjectNode given = JSON.objectNode();
    given.putArray("list").addObject().put("a", 1);
    JsonNode kept = ImmutableJson.of(given);
    ObjectNode copy = kept.deepCopy();

    ((ObjectNode) copy.get("list").get(0)).put("a", 2);
    ((ArrayNode) copy.get("list")).add("more");
    copy.put("b", true);

    assertThat(copy).isNotEqualTo(kept);
    assertThat(kept).isEqualTo(given);
  }

  @Test
  void aTreeInTheKeptFormIsSharedNotCopied() {
    JsonNode kept = ImmutableJson.of(JSON.objectNode().put("a", 1));

    assertThat(ImmutableJson.of(kept)).isSameAs(kept);
    JsonNode around = ImmutableJson.of(JSON.arrayNode().add(kept));
    assertThat(around.get(0)).isSameAs(kept);
  }

  @Test
  void theKeptFormEqualsTheGivenOneBothWays() {
    ObjectNode given = JSON.objectNode().put("a", "text").put("b", true);
    JsonNode kept = ImmutableJson.of(given);

    assertThat(kept).isEqualTo(given).hasSameHashCodeAs(given);
    assertThat(given).isEqualTo(kept);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 100, 101, 1_000})
  void aThousandLevelsAreKept(int levels) {
    JsonNode kept = ImmutableJson.of(nested(levels));

    int depth = 0;
    for (JsonNode at = kept; at != null; at = at.get(0)) {
      depth++;
    }
    assertThat(depth).isEqualTo(levels);
  }

  @Test
  void moreThanAThousandLevelsAreRefused() {
    assertThatThrownBy(() -> ImmutableJson.of(nested(1_001)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1000 levels");
  }

  @Test
  void aTreeThatHoldsItselfIsRefused() {
    ArrayNode cycle = JSON.arrayNode();
    cycle.add(cycle);
    ObjectNode loop = JSON.objectNode();
    loop.set("self", loop);

    assertThatThrownBy(() -> ImmutableJson.of(cycle)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> ImmutableJson.of(loop)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aMapOfAttributesIsCopiedWithItsTrees() {
    ObjectNode attribute = JSON.objectNode().put("a", 1);
    Map<String, JsonNode> kept = ImmutableJson.map(Map.of("key", attribute));
    attribute.put("a", 2);

    assertThat(kept.get("key")).isEqualTo(JSON.objectNode().put("a", 1));
    assertThatThrownBy(() -> kept.put("more", attribute))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  private static JsonNode nested(int levels) {
    ArrayNode tree = JSON.arrayNode();
    for (int i = 1; i < levels; i++) {
      tree = JSON.arrayNode().add(tree);
    }
    return tree;
  }
}
