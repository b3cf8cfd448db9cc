package dev.wfe.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.TokenBuffer;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImmutableJsonReadTest {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .nodeFactory(new JsonNodeFactory(true))
          .build();

  private static JsonNode read(String text) throws IOException {
    try (JsonParser parser = MAPPER.createParser(text)) {
      return ImmutableJson.read(parser);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "null",
        "true",
        "false",
        "\"\"",
        "\"a \\u00e9 \\ud83d\\ude00 \\u0001 \\\" b\"",
        "{}",
        "[]",
        "[[], {}, [{}], null]",
        "{\"b\": 1, \"a\": [true, {\"c\": null}], \"\": \"x\"}",
        "{\"a\": 1, \"b\": 2, \"a\": 3}",
        "[0, -0, 1, -1, 2147483647, 2147483648, -2147483648, -2147483649]",
        "[9223372036854775807, 9223372036854775808, -9223372036854775809]",
        "[1.50, 1.5, -0.0, 0.000, 1e2, 1.5e3, 1.50e1, 12e-1, 1e30, 1E-30]",
        "123456789012345678901234567890.123456789012345678901234567890",
      })
  void jsonThatIsReadEqualsItsKeptForm(String text) throws IOException {
    JsonNode given = MAPPER.readTree(text);
    JsonNode kept = ImmutableJson.of(given);

    JsonNode read = read(text);

    assertThat(read).isEqualTo(kept).hasSameHashCodeAs(kept).hasToString(kept.toString());
    assertThat(read.getClass()).isEqualTo(kept.getClass());
    assertThat(read.numberType()).isEqualTo(kept.numberType());
  }

  @Test
  void aValueTakesItAsItIs() throws IOException {
    JsonNode read = read("{\"a\": [1]}");

    assertThat(ImmutableJson.of(read)).isSameAs(read);
    assertThat(WorkflowInstance.builder("d", 1).data(read).build().data()).isSameAs(read);
  }

  @Test
  void itCannotBeChangedAtAnyDepth() throws IOException {
    ObjectNode read = (ObjectNode) read("{\"list\": [{\"a\": 1}]}");
    ArrayNode list = (ArrayNode) read.get("list");
    ObjectNode inner = (ObjectNode) list.get(0);

    assertThatThrownBy(() -> read.put("b", 1)).isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> list.add(1)).isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> inner.remove("a")).isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void emptyOnesAreSharedAndCannotBeChanged() throws IOException {
    assertThat(read("{}")).isSameAs(ImmutableJson.EMPTY_OBJECT);
    assertThat(read("[[ ]]").get(0)).isSameAs(ImmutableJson.EMPTY_ARRAY);
    ObjectNode object = (ObjectNode) ImmutableJson.EMPTY_OBJECT;
    ArrayNode array = (ArrayNode) ImmutableJson.EMPTY_ARRAY;

    assertThatThrownBy(() -> object.put("a", 1)).isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(object::removeAll).isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> array.add(1)).isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(array::removeAll).isInstanceOf(UnsupportedOperationException.class);
    assertThat(object.deepCopy().put("a", 1)).hasSize(1);
    assertThat(array.deepCopy().add(1)).hasSize(1);
    assertThat(object).isEqualTo(JsonNodeFactory.instance.objectNode()).isEmpty();
    assertThat(array).isEqualTo(JsonNodeFactory.instance.arrayNode()).isEmpty();
  }

  @Test
  void oneDocumentIsReadAndTheParserStandsOnItsEnd() throws IOException {
    try (JsonParser parser = MAPPER.createParser("{\"a\": [1, 2]} \"next\"")) {
      assertThat(ImmutableJson.read(parser)).isEqualTo(MAPPER.readTree("{\"a\": [1, 2]}"));
      assertThat(parser.nextTextValue()).isEqualTo("next");
      assertThat(ImmutableJson.read(parser).textValue()).isEqualTo("next");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "[1", "{\"a\": ", "{\"a\"", "[1,]", "nul", "]"})
  void aValueThatIsNoDocumentIsRefused(String text) {
    assertThatThrownBy(() -> read(text)).isInstanceOf(JsonProcessingException.class);
  }

  @Test
  void nodesThatJsonDoesNotHaveAreRefused() throws IOException {
    try (TokenBuffer buffer = new TokenBuffer(MAPPER, false)) {
      buffer.writeEmbeddedObject(new Object());

      assertThatThrownBy(() -> ImmutableJson.read(buffer.asParser()))
          .isInstanceOf(JsonParseException.class)
          .hasMessageContaining("VALUE_EMBEDDED_OBJECT");
    }
  }

  @Test
  void noMoreThanAThousandLevelsAreRead() throws IOException {
    JsonFactory unlimited =
        JsonFactory.builder()
            .streamReadConstraints(
                StreamReadConstraints.builder().maxNestingDepth(Integer.MAX_VALUE).build())
            .build();
    String deepest = "[".repeat(1_000) + "]".repeat(1_000);
    try (JsonParser parser = unlimited.createParser(deepest)) {
      assertThat(ImmutableJson.read(parser)).hasToString(deepest);
    }
    try (JsonParser parser = unlimited.createParser("[" + deepest + "]")) {
      assertThatThrownBy(() -> ImmutableJson.read(parser))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("1000 levels");
    }
  }
}
