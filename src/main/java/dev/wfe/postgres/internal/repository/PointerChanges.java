package dev.wfe.postgres.internal.repository;

import dev.wfe.model.ExecutionPointer;
import dev.wfe.postgres.internal.mapping.PlacedPointer;
import dev.wfe.postgres.internal.mapping.Positions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What has to be written so that the stored pointers become the given ones: a pointer is sent when
 * it is new, differs, or has to move. Positions rise along the list; a stored one is kept wherever
 * it still does.
 */
final class PointerChanges {
  private static final int NEW = -1;

  private final List<ExecutionPointer> stored;
  private final Positions storedPositions;
  private final List<PlacedPointer> changed = new ArrayList<>();
  private final List<PlacedPointer> added = new ArrayList<>();
  private final List<String> removed = new ArrayList<>();
  private final Positions positions;
  private int placed;
  private long last;

  private PointerChanges(List<ExecutionPointer> stored, Positions storedPositions, int size) {
    this.stored = stored;
    this.storedPositions = storedPositions;
    this.positions = new Positions(size);
  }

  /** All of them, whatever is stored. */
  static PointerChanges all(List<ExecutionPointer> pointers) {
    return between(List.of(), new Positions(0), pointers);
  }

  /** Those that changed since the revision. */
  static PointerChanges since(PostgresRevision revision, List<ExecutionPointer> pointers) {
    return between(revision.stored().executionPointers(), revision.positions(), pointers);
  }

  /** In neither list may an id repeat. */
  static PointerChanges between(
      List<ExecutionPointer> stored, Positions storedPositions, List<ExecutionPointer> pointers) {
    PointerChanges changes = new PointerChanges(stored, storedPositions, pointers.size());
    changes.compare(pointers);
    return changes;
  }

  /** In step from both ends as far as the ids agree there; what is between is found by its id. */
  private void compare(List<ExecutionPointer> pointers) {
    int most = Math.min(stored.size(), pointers.size());
    int head = 0;
    while (head < most && isSameId(stored.get(head), pointers.get(head))) {
      head++;
    }
    int end = pointers.size();
    int storedEnd = stored.size();
    while (end > head
        && storedEnd > head
        && isSameId(stored.get(storedEnd - 1), pointers.get(end - 1))) {
      end--;
      storedEnd--;
    }
    Map<String, Integer> between = new HashMap<>();
    for (int i = head; i < storedEnd; i++) {
      between.put(stored.get(i).id(), i);
    }
    for (int i = 0; i < pointers.size(); i++) {
      ExecutionPointer pointer = pointers.get(i);
      if (i < head) {
        place(pointer, i);
      } else if (i < end) {
        Integer index = between.remove(pointer.id());
        place(pointer, index == null ? NEW : index);
      } else {
        place(pointer, i - end + storedEnd);
      }
    }
    removed.addAll(between.keySet());
  }

  @SuppressWarnings("ReferenceEquality") // looking into an object takes longer than all the rest
  private static boolean isSameId(ExecutionPointer one, ExecutionPointer other) {
    return one == other || one.id().equals(other.id());
  }

  /** After those placed before. */
  private void place(ExecutionPointer pointer, int storedIndex) {
    long kept = storedIndex == NEW ? 0 : storedPositions.get(storedIndex);
    boolean stays = kept > last;
    last = stays ? kept : last + 1;
    positions.set(placed++, last);
    if (storedIndex == NEW) {
      added.add(new PlacedPointer(pointer, last));
    } else if (!stays || !Objects.equals(pointer, stored.get(storedIndex))) {
      changed.add(new PlacedPointer(pointer, last));
    }
  }

  /** The stored pointers to write. */
  List<PlacedPointer> changed() {
    return changed;
  }

  /** The pointers that were not stored. */
  List<PlacedPointer> added() {
    return added;
  }

  /** The ids to remove. */
  List<String> removed() {
    return removed;
  }

  /** The positions of all, in order. */
  Positions positions() {
    return positions;
  }
}
