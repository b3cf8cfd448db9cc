package dev.wfe.model;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads JSON straight into the form in which values of this package keep it: trees that cannot be
 * changed, with numbers as PostgreSQL's {@code jsonb} prints them. A value takes such a tree as it
 * is, where any other is copied. Thread-safe.
 */
public final class KeptJson {
  /** <code>{}</code>, which cannot be changed. */
  public static final JsonNode EMPTY_OBJECT = KeptNodes.EMPTY_OBJECT;

  /** {@code []}, which cannot be changed. */
  public static final JsonNode EMPTY_ARRAY = KeptNodes.EMPTY_ARRAY;

  private KeptJson() {}

  /**
   * Reads one document: what the parser stands on, or what comes next if it stands on nothing. The
   * parser then stands on the document's last token. What the parser limits is limited, and no more
   * than 1,000 levels are read.
   *
   * @throws JsonParseException if there is no document, or something that JSON does not have
   * @throws IOException if the parser throws it
   */
  public static JsonNode read(JsonParser parser) throws IOException {
    return value(parser, parser.hasCurrentToken() ? parser.currentToken() : parser.nextToken(), 1);
  }

  private static JsonNode value(JsonParser parser, @Nullable JsonToken token, int depth)
      throws IOException {
    if (token == null) {
      throw new JsonParseException(parser, "There is no JSON");
    }
    return switch (token) {
      case START_OBJECT -> object(parser, depth);
      case START_ARRAY -> array(parser, depth);
      case VALUE_STRING -> TextNode.valueOf(parser.getText());
      case VALUE_NUMBER_INT -> integer(parser);
      case VALUE_NUMBER_FLOAT -> KeptNodes.decimal(parser.getDecimalValue());
      case VALUE_TRUE -> BooleanNode.TRUE;
      case VALUE_FALSE -> BooleanNode.FALSE;
      case VALUE_NULL -> NullNode.instance;
      default -> throw new JsonParseException(parser, token + " is no JSON value");
    };
  }

  private static JsonNode object(JsonParser parser, int depth) throws IOException {
    CanonicalJson.requireDepth(depth);
    Map<String, JsonNode> members = new LinkedHashMap<>();
    for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
      members.put(name, value(parser, parser.nextToken(), depth + 1));
    }
    return KeptNodes.object(members);
  }

  private static JsonNode array(JsonParser parser, int depth) throws IOException {
    CanonicalJson.requireDepth(depth);
    List<JsonNode> elements = new ArrayList<>();
    for (JsonToken token = parser.nextToken();
        token != JsonToken.END_ARRAY;
        token = parser.nextToken()) {
      elements.add(value(parser, token, depth + 1));
    }
    return KeptNodes.array(elements);
  }

  private static JsonNode integer(JsonParser parser) throws IOException {
    return switch (parser.getNumberType()) {
      case INT -> IntNode.valueOf(parser.getIntValue());
      case LONG -> LongNode.valueOf(parser.getLongValue());
      default -> KeptNodes.integer(parser.getBigIntegerValue());
    };
  }
}
