package dev.wfe.host;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DatabindException;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.exc.InvalidDefinitionException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.NullNode;
import org.jspecify.annotations.Nullable;

/** Converts the application's values to JSON and back. Thread-safe. */
final class HostJson {
  private final ObjectMapper mapper;

  HostJson(ObjectMapper mapper) {
    this.mapper = mapper.copy();
  }

  /** With Jackson's defaults and the modules on the class path. */
  static HostJson standard() {
    return new HostJson(JsonMapper.builder().findAndAddModules().build());
  }

  JsonNode write(@Nullable Object value) {
    return value == null ? NullNode.getInstance() : mapper.valueToTree(value);
  }

  @SuppressWarnings("TypeParameterUnusedInFormals") // the type says what T is
  <T> T read(JsonNode json, JavaType type) {
    try {
      return mapper.readerFor(type).readValue(json);
    } catch (JsonProcessingException error) {
      throw new UnreadableDataException(
          "Stored JSON cannot be read as %s: %s"
              .formatted(type.toCanonical(), error.getOriginalMessage()),
          error);
    } catch (java.io.IOException error) {
      throw new UnreadableDataException(
          "Stored JSON cannot be read as %s".formatted(type.toCanonical()), error);
    }
  }

  /**
   * Checks that Jackson has a serializer and a deserializer for the class.
   *
   * @throws WorkflowDefinitionException if it has not; the message begins with {@code where}
   */
  void requireMappable(String where, JavaType type) {
    try {
      mapper.acceptJsonFormatVisitor(
          type,
          new com.fasterxml.jackson.databind.jsonFormatVisitors.JsonFormatVisitorWrapper.Base());
      SerializerProvider serializers = mapper.getSerializerProviderInstance();
      if (!type.isJavaLangObject()
          && serializers.isUnknownTypeSerializer(serializers.findValueSerializer(type))) {
        throw new WorkflowDefinitionException(
            "%s: Jackson finds nothing to write in %s".formatted(where, type.toCanonical()));
      }
      requireConstructor(type);
    } catch (DatabindException error) {
      throw new WorkflowDefinitionException(
          "%s: Jackson cannot map %s: %s"
              .formatted(where, type.toCanonical(), error.getOriginalMessage()),
          error);
    } catch (java.io.IOException error) {
      throw new WorkflowDefinitionException(where + ": " + error.getMessage(), error);
    }
  }

  /** Fails if Jackson knows no way to create an object. What the object needs does not matter. */
  private void requireConstructor(JavaType type) throws java.io.IOException {
    mapper.readerFor(type).readValue(NullNode.getInstance());
    try {
      mapper.readerFor(type).readValue(mapper.createObjectNode());
    } catch (InvalidDefinitionException noConstructor) {
      throw noConstructor;
    } catch (DatabindException incomplete) {
      // An empty object lacks something.
    }
  }
}
