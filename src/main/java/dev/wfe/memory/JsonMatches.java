package dev.wfe.memory;

import com.fasterxml.jackson.databind.JsonNode;
import dev.wfe.persistence.DataCondition;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** Conditions on JSON, with the meaning that they have in PostgreSQL. Thread-safe. */
final class JsonMatches {
  private JsonMatches() {}

  static boolean isMet(DataCondition condition, JsonNode data) {
    if (condition instanceof DataCondition.Compares compares) {
      JsonNode value = data;
      for (String name : compares.path()) {
        value = value.isObject() ? value.path(name) : value.path(-1);
      }
      return isMet(compares, value);
    }
    JsonNode part = ((DataCondition.Contains) condition).part();
    return contains(data, part)
        || (data.isArray() && !part.isContainerNode() && hasElement(data, part));
  }

  private static boolean isMet(DataCondition.Compares condition, JsonNode actual) {
    JsonNode wanted = condition.value();
    if (wanted.isNumber() && actual.isNumber()) {
      return condition.comparison().isMetBy(actual.decimalValue().compareTo(wanted.decimalValue()));
    }
    return wanted.isTextual()
        && actual.isTextual()
        && condition.comparison().isMetBy(Arrays.compare(codePoints(actual), codePoints(wanted)));
  }

  private static int[] codePoints(JsonNode text) {
    return text.textValue().codePoints().toArray();
  }

  private static boolean contains(JsonNode whole, JsonNode part) {
    if (whole.isObject() && part.isObject()) {
      return part.properties().stream().allMatch(member -> hasMember(whole, member));
    }
    if (whole.isArray() && part.isArray()) {
      return elements(part).allMatch(element -> hasElement(whole, element));
    }
    return isSame(whole, part);
  }

  private static boolean hasMember(JsonNode object, Map.Entry<String, JsonNode> member) {
    JsonNode value = object.get(member.getKey());
    return value != null && contains(value, member.getValue());
  }

  private static boolean hasElement(JsonNode array, JsonNode part) {
    return elements(array)
        .anyMatch(
            element -> part.isContainerNode() ? contains(element, part) : isSame(element, part));
  }

  private static Stream<JsonNode> elements(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false);
  }

  /** Numbers are the same whatever the number of their decimals is. */
  private static boolean isSame(JsonNode one, JsonNode other) {
    return (one.isNumber() && other.isNumber())
        ? one.decimalValue().compareTo(other.decimalValue()) == 0
        : one.equals(other);
  }
}
