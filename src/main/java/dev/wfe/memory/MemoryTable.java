package dev.wfe.memory;

import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Rows by key, which are immutable, with indexes. Each change can be undone. Guarded by the lock of
 * {@link MemoryTables}.
 */
final class MemoryTable<K, V> {
  private final Map<K, V> rows;
  private final List<Runnable> journal;
  private final List<MemoryIndex<V, ?, ?>> indexes;

  /**
   * @param rows empty
   * @param journal where the table puts what undoes each change
   */
  MemoryTable(Map<K, V> rows, List<Runnable> journal, List<MemoryIndex<V, ?, ?>> indexes) {
    this.rows = rows;
    this.journal = journal;
    this.indexes = indexes;
  }

  @Nullable V get(K key) {
    return rows.get(key);
  }

  Map<K, V> byKey() {
    return Collections.unmodifiableMap(rows);
  }

  Collection<V> all() {
    return Collections.unmodifiableCollection(rows.values());
  }

  /** Stores the row, in place of the one with the same key. */
  void put(K key, V row) {
    change(key, row);
  }

  /** Does nothing if there is no such row. */
  void remove(K key) {
    change(key, null);
  }

  void clear() {
    List.copyOf(rows.keySet()).forEach(this::remove);
  }

  private void change(K key, @Nullable V row) {
    V before = replace(key, row);
    journal.add(() -> replace(key, before));
  }

  private @Nullable V replace(K key, @Nullable V row) {
    V before = row == null ? rows.remove(key) : rows.put(key, row);
    if (before != null) {
      indexes.forEach(index -> index.remove(before));
    }
    if (row != null) {
      indexes.forEach(index -> index.add(row));
    }
    return before;
  }
}
