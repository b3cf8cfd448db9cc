package dev.wfe.model;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Reads the JSON within a value with every digit of its numbers, whatever the settings of the
 * mapper; what is absent is null, and JSON null is a {@link NullNode}. Thread-safe.
 */
final class ExactJson extends JsonDeserializer<JsonNode> {
  @Override
  public JsonNode deserialize(JsonParser parser, DeserializationContext context)
      throws IOException {
    return KeptJson.read(parser);
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
