package dev.wfe.postgres.internal.mapping;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.wfe.persistence.ValueLimits;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** JSON as text and as trees, with every digit of every number. The only place that does either. */
public final class Json {
  static final JsonNodeFactory NODES = new JsonNodeFactory(true);

  private static final ObjectMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(ValueLimits.MAX_JSON_DEPTH)
                          .maxNumberLength(ValueLimits.MAX_NUMBER_DIGITS)
                          .maxStringLength(ValueLimits.MAX_JSON_BYTES)
                          .maxNameLength(ValueLimits.MAX_JSON_BYTES)
                          .build())
                  .build())
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(StreamWriteFeature.WRITE_BIGDECIMAL_AS_PLAIN)
          .nodeFactory(NODES)
          .build();

  private Json() {}

  /** Compact text; null for null. */
  public static @Nullable String text(@Nullable JsonNode json) {
    if (json == null) {
      return null;
    }
    try {
      return MAPPER.writeValueAsString(json);
    } catch (JsonProcessingException impossible) {
      throw new IllegalStateException("A tree that was checked cannot be written", impossible);
    }
  }

  /** Text of a list of ids. */
  public static @Nullable String text(List<String> ids) {
    return text(JsonShapes.tree(ids));
  }

  /** Text of a map of attributes. */
  public static @Nullable String text(Map<String, JsonNode> attributes) {
    return text(JsonShapes.tree(attributes));
  }

  /** A tree. */
  static JsonNode tree(String text) throws JsonProcessingException {
    return MAPPER.readTree(text);
  }
}
