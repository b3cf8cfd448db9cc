package dev.wfe.model;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.RandomAccess;
import org.jspecify.annotations.Nullable;

/**
 * Unmodifiable copies that let a misplaced {@code null} through: it is refused with the field's
 * name when the value is written, not with a bare {@link NullPointerException} when it is made. A
 * list that is such a copy already is recognised and shared, not copied again.
 */
final class Copies {
  /** A class of its own, so that nobody else's list passes for a copy. */
  private static final class Copied<T> extends AbstractList<T> implements RandomAccess {
    private final List<T> elements;

    Copied(List<T> given) {
      elements = new ArrayList<>(given);
    }

    @Override
    public T get(int index) {
      return elements.get(index);
    }

    @Override
    public int size() {
      return elements.size();
    }

    /** The inherited one goes through an iterator, and every list made of this one begins so. */
    @Override
    public Object[] toArray() {
      return elements.toArray();
    }
  }

  private Copies() {}

  static <T> List<T> list(@Nullable List<T> given) {
    if (given == null || given.isEmpty()) {
      return List.of();
    }
    return given instanceof Copied ? given : new Copied<>(given);
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
