package dev.wfe.memory;

import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Entries for the rows of a table, in groups, each in order. Guarded by the lock of {@link
 * MemoryTables}.
 *
 * @param <V> the rows
 * @param <G> what the rows of a group have in common
 * @param <E> the entries
 */
final class MemoryIndex<V, G, E> {
  private final Function<V, @Nullable G> group;
  private final Function<V, E> entry;
  private final Comparator<? super E> order;
  private final Map<G, NavigableSet<E>> groups = new HashMap<>();
  private final NavigableSet<E> none;

  /**
   * @param group the group of a row; null if the row does not belong to the index
   * @param entry the entry for a row that does; unique in its group
   */
  MemoryIndex(Function<V, @Nullable G> group, Function<V, E> entry, Comparator<? super E> order) {
    this.group = group;
    this.entry = entry;
    this.order = order;
    this.none = new TreeSet<>(order);
  }

  /** The entries of a group, in order. */
  NavigableSet<E> of(G wanted) {
    return Collections.unmodifiableNavigableSet(groups.getOrDefault(wanted, none));
  }

  /** The groups that have entries. */
  Set<G> groups() {
    return Collections.unmodifiableSet(groups.keySet());
  }

  void add(V row) {
    G key = group.apply(row);
    if (key != null) {
      groups.computeIfAbsent(key, unused -> new TreeSet<>(order)).add(entry.apply(row));
    }
  }

  void remove(V row) {
    G key = group.apply(row);
    if (key != null) {
      groups.computeIfPresent(
          key,
          (unused, entries) -> {
            entries.remove(entry.apply(row));
            return entries.isEmpty() ? null : entries;
          });
    }
  }
}
