package dev.wfe.model;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Unmodifiable copies that let a misplaced {@code null} through: it is refused with the field's
 * name when the value is written, not with a bare {@link NullPointerException} when it is made.
 */
final class Copies {
  private Copies() {}

  static <T> List<T> list(@Nullable List<T> given) {
    return given == null ? List.of() : Collections.unmodifiableList(new ArrayList<>(given));
  }

  static Map<String, JsonNode> jsonMap(@Nullable Map<String, JsonNode> given) {
    if (given == null || given.isEmpty()) {
      return Map.of();
    }
    Map<String, JsonNode> copy = new LinkedHashMap<>();
    given.forEach((key, json) -> copy.put(key, CanonicalJson.of(json)));
    return Collections.unmodifiableMap(copy);
  }
}
