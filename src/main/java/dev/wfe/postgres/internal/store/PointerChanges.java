package dev.wfe.postgres.internal.store;

import dev.wfe.model.ExecutionPointer;
import dev.wfe.postgres.internal.mapping.PointerRows;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What has to be written so that the stored pointers become the given ones: a pointer is sent when
 * it is new, differs, or has to move. Positions rise along the list; a stored one is kept wherever
 * it still does.
 */
final class PointerChanges {
  private final List<Map<String, @Nullable Object>> written = new ArrayList<>();
  private final List<String> added = new ArrayList<>();
  private final List<String> removed = new ArrayList<>();
  private final List<@Nullable Long> positions = new ArrayList<>();

  private PointerChanges() {}

  /** All of them, whatever is stored. */
  static PointerChanges all(List<ExecutionPointer> pointers) {
    return between(List.of(), List.of(), pointers);
  }

  /** Those that changed since the revision. */
  static PointerChanges since(PostgresRevision revision, List<ExecutionPointer> pointers) {
    return between(revision.pointers(), revision.positions(), pointers);
  }

  private static PointerChanges between(
      List<ExecutionPointer> stored,
      List<@Nullable Long> storedPositions,
      List<ExecutionPointer> pointers) {
    Map<String, Integer> indexes = new HashMap<>();
    for (int i = 0; i < stored.size(); i++) {
      indexes.put(stored.get(i).id(), i);
    }
    PointerChanges changes = new PointerChanges();
    long last = 0;
    for (ExecutionPointer pointer : pointers) {
      Integer index = indexes.remove(pointer.id());
      Long kept = index == null ? null : storedPositions.get(index);
      boolean stays = kept != null && kept > last;
      last = stays && kept != null ? kept : last + 1;
      changes.positions.add(last);
      if (index == null) {
        changes.added.add(pointer.id());
      }
      if (index == null || !stays || !Objects.equals(pointer, stored.get(index))) {
        changes.written.add(PointerRows.row(pointer, last));
      }
    }
    changes.removed.addAll(indexes.keySet());
    return changes;
  }

  /** The rows to write. */
  List<Map<String, @Nullable Object>> written() {
    return written;
  }

  /** The ids among them that were not stored. */
  List<String> added() {
    return added;
  }

  /** The ids to remove. */
  List<String> removed() {
    return removed;
  }

  /** The positions of all, in order. */
  List<@Nullable Long> positions() {
    return positions;
  }
}
