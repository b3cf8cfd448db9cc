package dev.wfe.persistence;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Traverses one JSON document and checks it against the limits. */
final class JsonChecks {
  private static final int MAX_NUMBER_BITS = 3_330;

  /** Ends the traversal. It is used inside this class only and has no stack trace. */
  private static final class Problem extends Exception {
    private static final long serialVersionUID = 1L;

    Problem(String message) {
      super(message, null, false, false);
    }
  }

  private final long maxBytes;
  private final int maxDepth;
  private long bytes;
  private @Nullable String problem;

  private JsonChecks(long maxBytes, int maxDepth) {
    this.maxBytes = maxBytes;
    this.maxDepth = maxDepth;
  }

  private static JsonChecks ofNew() {
    return new JsonChecks(ValueLimits.MAX_JSON_BYTES, ValueLimits.MAX_JSON_DEPTH);
  }

  /** Checks a document before it is written. */
  static JsonChecks of(JsonNode document) {
    return ofNew().over(checks -> checks.walk(document, 1));
  }

  /** Checks a stored document, which may be longer and deeper than a new one. */
  static JsonChecks ofStored(JsonNode document) {
    return new JsonChecks(Long.MAX_VALUE, ValueLimits.MAX_STORED_JSON_DEPTH)
        .over(checks -> checks.walk(document, 1));
  }

  /** Checks the map as a JSON object. */
  static JsonChecks of(Map<String, JsonNode> members) {
    return ofNew().over(checks -> checks.object(members.entrySet(), 1));
  }

  /** Checks the list as a JSON array of strings; null elements are skipped. */
  static JsonChecks of(List<String> elements) {
    return ofNew()
        .over(
            checks -> {
              checks.container(elements.size(), 1);
              for (String element : elements) {
                if (element != null) {
                  checks.string(element);
                }
              }
            });
  }

  @FunctionalInterface
  private interface Walk {
    void over(JsonChecks checks) throws Problem;
  }

  private JsonChecks over(Walk walk) {
    try {
      walk.over(this);
    } catch (Problem found) {
      problem = found.getMessage();
    }
    return this;
  }

  /** The problem of the document; null if it is valid. */
  @Nullable String problem() {
    return problem;
  }

  /** The size of the document in bytes, up to the first problem. */
  long bytes() {
    return bytes;
  }

  private void walk(JsonNode json, int depth) throws Problem {
    switch (json.getNodeType()) {
      case OBJECT -> object(json.properties(), depth);
      case ARRAY -> array(json, depth);
      case STRING -> string(json.textValue());
      case NUMBER -> number(json);
      case BOOLEAN, NULL -> add(json.asText().length());
      case BINARY, MISSING, POJO ->
          throw new Problem("holds a %s, which is not JSON".formatted(json.getClass().getName()));
    }
  }

  private void object(Collection<Map.Entry<String, JsonNode>> members, int depth) throws Problem {
    container(members.size(), depth);
    for (Map.Entry<String, JsonNode> member : members) {
      string(member.getKey());
      add(1);
      walk(member.getValue(), depth + 1);
    }
  }

  private void array(JsonNode array, int depth) throws Problem {
    container(array.size(), depth);
    for (JsonNode element : array) {
      walk(element, depth + 1);
    }
  }

  /** Checks the depth and counts the brackets and commas. */
  private void container(int size, int depth) throws Problem {
    add(2L + Math.max(0, size - 1));
    if (depth > maxDepth) {
      throw new Problem("is nested deeper than %s levels".formatted(maxDepth));
    }
  }

  private void string(String text) throws Problem {
    if (bytes + 2 + text.length() > maxBytes) { // each character takes at least one byte
      throw tooLong();
    }
    String textProblem = TextChecks.problem(text);
    if (textProblem != null) {
      throw new Problem("holds text that " + textProblem);
    }
    long length = 2;
    for (int i = 0; i < text.length(); i++) {
      length += escapedBytes(text.charAt(i));
    }
    add(length);
  }

  private static int escapedBytes(char c) {
    return switch (c) {
      case '"', '\\', '\b', '\t', '\n', '\f', '\r' -> 2;
      default -> c < 0x20 ? 6 : TextChecks.utf8Bytes(c);
    };
  }

  private void number(JsonNode number) throws Problem {
    if ((number.isDouble() || number.isFloat()) && !Double.isFinite(number.doubleValue())) {
      throw new Problem("holds %s, which is not a JSON number".formatted(number.asText()));
    }
    if (number.isInt() || number.isLong()) {
      add(number.asText().length());
      return;
    }
    BigDecimal decimal = number.decimalValue();
    long digits =
        decimal.unscaledValue().bitLength() > MAX_NUMBER_BITS
            ? Long.MAX_VALUE
            : Math.max(1L, (long) decimal.precision() - decimal.scale())
                + Math.max(0L, decimal.scale());
    if (digits > ValueLimits.MAX_NUMBER_DIGITS) {
      throw new Problem(
          "holds a number of more than %s digits".formatted(ValueLimits.MAX_NUMBER_DIGITS));
    }
    add(digits);
  }

  private void add(long length) throws Problem {
    bytes += length;
    if (bytes > maxBytes) {
      throw tooLong();
    }
  }

  private Problem tooLong() {
    return new Problem("is longer than %s bytes".formatted(maxBytes));
  }
}
