package dev.wfe.model;

import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import java.util.RandomAccess;
import org.jspecify.annotations.Nullable;

/**
 * Unmodifiable copies of lists. They tolerate a misplaced {@code null}, which is refused with the
 * field's name when the value is written. A list that already is such a copy is shared.
 */
final class ImmutableLists {
  /** A class of its own, so that no other list is taken for a copy. */
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

    /** Faster than the inherited one, with which every copy of this list begins. */
    @Override
    public Object[] toArray() {
      return elements.toArray();
    }
  }

  private ImmutableLists() {}

  static <T> List<T> copyOf(@Nullable List<T> given) {
    if (given == null || given.isEmpty()) {
      return List.of();
    }
    return given instanceof Copied ? given : new Copied<>(given);
  }
}
