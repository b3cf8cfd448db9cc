package dev.wfe.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.TypeConversionException;

/** Writes and reads JSON. What it writes has only ASCII characters, so a terminal can show it. */
final class JsonText {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
          .addModule(new SimpleModule().addSerializer(Instant.class, ToStringSerializer.instance))
          .build();

  private static final ObjectWriter PRETTY = MAPPER.writerWithDefaultPrettyPrinter();

  private JsonText() {}

  /** Returns the JSON of a value of the model. */
  static ObjectNode of(Object value) {
    return MAPPER.valueToTree(value);
  }

  static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  static <T> ObjectNode page(List<Column<T>> columns, List<T> rows, @Nullable String next) {
    ObjectNode page = object();
    ArrayNode array = page.putArray("rows");
    for (T row : rows) {
      ObjectNode object = array.addObject();
      for (Column<T> column : columns) {
        object.set(column.name(), node(column.value().apply(row)));
      }
    }
    page.put("next", next);
    return page;
  }

  private static JsonNode node(@Nullable Object value) {
    return MAPPER.valueToTree(value);
  }

  static String pretty(JsonNode json) {
    try {
      return printable(PRETTY.writeValueAsString(json));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /** The JSON on one line. */
  static String line(JsonNode json) {
    try {
      return printable(MAPPER.writeValueAsString(json));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /** The one control character that Jackson does not escape. */
  private static String printable(String json) {
    return json.replace("\u007f", "\\u007f");
  }

  /** Reads the value of an option. */
  static JsonNode parse(String text) {
    try {
      JsonNode json = MAPPER.readTree(text);
      if (!json.isMissingNode()) {
        return json;
      }
    } catch (JsonProcessingException e) {
      // said below, without Jackson's excerpt of the text
    }
    throw new TypeConversionException("is not JSON; a text needs its quotes, as in '\"paid\"'");
  }
}
