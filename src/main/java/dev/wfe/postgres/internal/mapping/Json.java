package dev.wfe.postgres.internal.mapping;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.wfe.model.ImmutableJson;
import dev.wfe.persistence.UnreadableRowException;
import dev.wfe.persistence.ValueLimits;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Converts JSON between text and trees, and preserves every digit of every number. All JSON
 * conversion of the provider goes through this class. Thread-safe.
 */
public final class Json {
  static final JsonNodeFactory NODES = new JsonNodeFactory(true);

  /**
   * Shares field names between documents without interning them, and accepts names whose hash codes
   * collide.
   */
  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(ValueLimits.MAX_STORED_JSON_DEPTH)
                  .maxNumberLength(ValueLimits.MAX_NUMBER_DIGITS)
                  .maxStringLength(Integer.MAX_VALUE)
                  .maxNameLength(Integer.MAX_VALUE)
                  .build())
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .disable(JsonFactory.Feature.FAIL_ON_SYMBOL_HASH_OVERFLOW)
          .build();

  private static final ObjectMapper MAPPER =
      JsonMapper.builder(FACTORY)
          .enable(StreamWriteFeature.WRITE_BIGDECIMAL_AS_PLAIN)
          .nodeFactory(NODES)
          .build();

  private Json() {}

  /** Returns compact text; null for null. */
  public static @Nullable String text(@Nullable JsonNode json) {
    if (json == null) {
      return null;
    }
    try {
      return MAPPER.writeValueAsString(json);
    } catch (JsonProcessingException impossible) {
      throw new IllegalStateException("A validated JSON tree could not be written", impossible);
    }
  }

  /** Returns the text of a list of ids. */
  public static @Nullable String text(List<String> ids) {
    return ids.isEmpty() ? "[]" : text(tree(ids));
  }

  /** Returns the text of a map of attributes. */
  public static @Nullable String text(Map<String, JsonNode> attributes) {
    return attributes.isEmpty() ? "{}" : text(tree(attributes));
  }

  /**
   * Parses a document into the immutable form that values hold.
   *
   * @throws JsonProcessingException if its nesting or a number exceeds the limits of {@link
   *     ValueLimits}
   */
  static JsonNode tree(byte[] utf8) throws JsonProcessingException {
    if (utf8.length == 2 && utf8[0] == '{') {
      return ImmutableJson.EMPTY_OBJECT;
    }
    if (utf8.length == 2 && utf8[0] == '[') {
      return ImmutableJson.EMPTY_ARRAY;
    }
    try (JsonParser parser = FACTORY.createParser(utf8)) {
      return ImmutableJson.read(parser);
    } catch (JsonProcessingException error) {
      throw error;
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  static JsonNode tree(List<String> ids) {
    ArrayNode array = NODES.arrayNode(ids.size());
    ids.forEach(array::add);
    return array;
  }

  static JsonNode tree(Map<String, JsonNode> attributes) {
    ObjectNode object = NODES.objectNode();
    object.setAll(attributes);
    return object;
  }

  /** Converts a JSON list to a list of ids. */
  static List<String> ids(JsonNode json, Function<String, UnreadableRowException> failure) {
    if (!json.isArray()) {
      throw failure.apply("holds JSON that is not a list");
    }
    List<String> ids = new ArrayList<>(json.size());
    for (JsonNode element : json) {
      if (!element.isTextual()) {
        throw failure.apply("holds a list with something that is not text");
      }
      ids.add(element.textValue());
    }
    return ids;
  }

  /** Converts a JSON object to a map of its members. */
  static Map<String, JsonNode> attributes(
      JsonNode json, Function<String, UnreadableRowException> failure) {
    if (!json.isObject()) {
      throw failure.apply("holds JSON that is not an object");
    }
    Map<String, JsonNode> attributes = new LinkedHashMap<>();
    json.properties().forEach(member -> attributes.put(member.getKey(), member.getValue()));
    return attributes;
  }
}
