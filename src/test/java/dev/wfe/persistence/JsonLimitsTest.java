package dev.wfe.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.FloatNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.POJONode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.wfe.model.Event;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.WorkflowInstance;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonLimitsTest {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private static Event eventWith(JsonNode data) {
    return Event.builder("name", "key").id("the-event").eventData(data).build();
  }

  private static void assertAccepted(JsonNode data) {
    assertThatCode(() -> ValueLimits.check(eventWith(data))).doesNotThrowAnyException();
  }

  private static void assertRefused(JsonNode data, String problem) {
    assertThatThrownBy(() -> ValueLimits.check(eventWith(data)))
        .isInstanceOfSatisfying(
            InvalidValueException.class,
            refusal -> {
              assertThat(refusal.field()).isEqualTo("eventData");
              assertThat(refusal.problem()).contains(problem);
              assertThat(refusal).hasMessageContaining("'the-event'");
            });
  }

  private static JsonNode nested(int levels) {
    JsonNode tree = JSON.arrayNode();
    for (int i = 1; i < levels; i++) {
      tree = i % 2 == 0 ? JSON.arrayNode().add(tree) : JSON.objectNode().set("a", tree);
    }
    return tree;
  }

  @Test
  void aHundredLevelsAreAcceptedAndOneMoreIsNot() {
    assertAccepted(nested(100));
    assertRefused(nested(101), "deeper than 100 levels");
  }

  static List<BigDecimal> numbersOfAThousandDigits() {
    return List.of(
        BigDecimal.TEN.pow(1_000).subtract(BigDecimal.ONE),
        BigDecimal.TEN.pow(999).negate(),
        new BigDecimal("1E+999"),
        new BigDecimal("1E-999"),
        new BigDecimal(BigInteger.TEN.pow(999).add(BigInteger.ONE), 500));
  }

  @ParameterizedTest
  @MethodSource("numbersOfAThousandDigits")
  void aThousandDigitsAreAcceptedAndOneMoreIsNot(BigDecimal number) {
    assertAccepted(DecimalNode.valueOf(number));
    BigDecimal longer =
        number.scale() > 0 ? number.setScale(number.scale() + 1) : number.multiply(BigDecimal.TEN);
    assertRefused(DecimalNode.valueOf(longer), "more than 1000 digits");
  }

  @ParameterizedTest
  @ValueSource(strings = {"1E+2000000000", "1E-2000000000", "1E+2147483647", "1E-2147483647"})
  void hugeExponentsAreRefusedWithoutWritingThemOut(String number) {
    assertRefused(DecimalNode.valueOf(new BigDecimal(number)), "more than 1000 digits");
  }

  static Stream<JsonNode> documentsOfTheGreatestSize() {
    int max = ValueLimits.MAX_JSON_BYTES;
    return Stream.of(
        TextNode.valueOf("x".repeat(max - 2)),
        TextNode.valueOf("é".repeat(max / 2 - 1)),
        TextNode.valueOf("\"".repeat(max / 2 - 1)),
        TextNode.valueOf("\u0001".repeat(max / 6 - 1) + "x".repeat(max % 6 + 4)),
        JSON.arrayNode().add("x".repeat(max - 9)).add(true),
        JSON.objectNode().put("a", "x".repeat(max - 8)));
  }

  @ParameterizedTest(name = "{index}")
  @MethodSource("documentsOfTheGreatestSize")
  void aDocumentOfTheGreatestSizeIsAcceptedAndOneByteMoreIsNot(JsonNode document) {
    assertAccepted(document);
    assertRefused(oneByteMore(document), "longer than 33554432 bytes");
  }

  private static JsonNode oneByteMore(JsonNode document) {
    if (document instanceof ArrayNode array) {
      return JSON.arrayNode().add(array.get(0)).add(false);
    }
    if (document instanceof ObjectNode object) {
      return JSON.objectNode().set("aa", object.get("a"));
    }
    return TextNode.valueOf(document.textValue() + "x");
  }

  @Test
  void aValueThatIsNoJsonIsRefused() {
    assertRefused(DoubleNode.valueOf(Double.NaN), "not a JSON number");
    assertRefused(FloatNode.valueOf(Float.NEGATIVE_INFINITY), "not a JSON number");
    assertRefused(MissingNode.getInstance(), "not JSON");
    assertRefused(JSON.arrayNode().add(new POJONode("object")), "not JSON");
  }

  @Test
  void textThatPostgresCannotHoldIsRefusedAtAnyDepth() {
    assertRefused(TextNode.valueOf("a\0"), "NUL character at index 1");
    assertRefused(TextNode.valueOf("\ud800"), "an unpaired surrogate at index 0");
    assertRefused(TextNode.valueOf("\ude00\ud83d"), "an unpaired surrogate");
    assertRefused(JSON.arrayNode().add(JSON.objectNode().put("k", "\0")), "NUL character");
    assertRefused(JSON.objectNode().put("k\0", "v"), "NUL character");
    assertRefused(JSON.objectNode().put("\udc00", "v"), "an unpaired surrogate");
    assertAccepted(TextNode.valueOf("\u0001 \ud83d\ude00 \uffff"));
  }

  @Test
  void extensionAttributesAreOneDocument() {
    ExecutionPointer within =
        ExecutionPointer.builder(0).extensionAttributes(Map.of("a", nested(99))).build();
    ExecutionPointer tooDeep =
        within.toBuilder().extensionAttributes(Map.of("a", nested(100))).build();
    JsonNode half = TextNode.valueOf("x".repeat(ValueLimits.MAX_JSON_BYTES / 2));
    ExecutionPointer tooLong =
        within.toBuilder().extensionAttributes(Map.of("a", half, "b", half)).build();

    assertThatCode(() -> ValueLimits.check(instanceOf(within))).doesNotThrowAnyException();
    assertThatThrownBy(() -> ValueLimits.check(instanceOf(tooDeep)))
        .hasMessageContaining("extensionAttributes is nested deeper");
    assertThatThrownBy(() -> ValueLimits.check(instanceOf(tooLong)))
        .hasMessageContaining("extensionAttributes is longer");
  }

  @Test
  void aListOfIdsIsOneDocument() {
    List<String> ids = Collections.nCopies(32_672, "x".repeat(1_024));

    assertThatCode(() -> ValueLimits.check(withChildren(ids))).doesNotThrowAnyException();
    assertThatThrownBy(
            () -> ValueLimits.check(withChildren(Collections.nCopies(32_673, ids.get(0)))))
        .hasMessageContaining("children is longer than 33554432 bytes");
  }

  private static WorkflowInstance withChildren(List<String> ids) {
    return instanceOf(ExecutionPointer.builder(0).children(ids).build());
  }

  private static WorkflowInstance instanceOf(ExecutionPointer pointer) {
    return WorkflowInstance.builder("definition", 0)
        .id("id")
        .name("name")
        .executionPointers(List.of(pointer))
        .build();
  }
}
