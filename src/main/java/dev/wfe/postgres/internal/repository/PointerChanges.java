package dev.wfe.postgres.internal.repository;

import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.postgres.internal.mapping.PositionedPointer;
import dev.wfe.postgres.internal.mapping.Positions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Computes what has to be written so that the stored pointers become the given ones. A pointer is
 * written if it is new, differs from the stored one, or needs a new position. Positions increase
 * along the list; a stored position is kept wherever it is greater than the one before it. Not
 * thread-safe while it is computed, immutable afterwards.
 */
final class PointerChanges {
  private static final int NEW = -1;

  private final String workflowId;
  private final List<ExecutionPointer> stored;
  private final Positions storedPositions;
  private final List<PositionedPointer> changed = new ArrayList<>();
  private final List<PositionedPointer> added = new ArrayList<>();
  private final List<String> removed = new ArrayList<>();
  private final Positions positions;
  private int placed;
  private long last;

  private PointerChanges(
      String workflowId, List<ExecutionPointer> stored, Positions storedPositions, int size) {
    this.workflowId = workflowId;
    this.stored = stored;
    this.storedPositions = storedPositions;
    this.positions = new Positions(size);
  }

  /** Returns changes that write all pointers, whatever is stored. */
  static PointerChanges all(WorkflowInstance instance) {
    return between(instance.id(), List.of(), new Positions(0), instance.executionPointers());
  }

  /** Returns the changes that make the instance's pointers those that are stored. */
  static PointerChanges since(PostgresRevision revision, WorkflowInstance instance) {
    return between(
        instance.id(),
        revision.stored().executionPointers(),
        revision.positions(),
        instance.executionPointers());
  }

  /** Returns the changes between two lists, neither of which may contain an id twice. */
  static PointerChanges between(
      String workflowId,
      List<ExecutionPointer> stored,
      Positions storedPositions,
      List<ExecutionPointer> pointers) {
    PointerChanges changes =
        new PointerChanges(workflowId, stored, storedPositions, pointers.size());
    changes.compare(pointers);
    return changes;
  }

  /**
   * Compares the lists pairwise from both ends as far as the ids are equal. The pointers in between
   * are matched by id.
   */
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

  @SuppressWarnings("ReferenceEquality") // equals() would dominate the cost of a large instance
  private static boolean isSameId(ExecutionPointer one, ExecutionPointer other) {
    return one == other || one.id().equals(other.id());
  }

  /** Adds the next pointer of the list and assigns its position. */
  private void place(ExecutionPointer pointer, int storedIndex) {
    long kept = storedIndex == NEW ? 0 : storedPositions.get(storedIndex);
    boolean stays = kept > last;
    last = stays ? kept : last + 1;
    positions.set(placed++, last);
    if (storedIndex == NEW) {
      added.add(new PositionedPointer(workflowId, pointer, last));
    } else if (!stays || !Objects.equals(pointer, stored.get(storedIndex))) {
      changed.add(new PositionedPointer(workflowId, pointer, last));
    }
  }

  /** Returns the stored pointers to update. */
  List<PositionedPointer> changed() {
    return changed;
  }

  /** Returns the pointers to insert. */
  List<PositionedPointer> added() {
    return added;
  }

  /** Returns the ids of the pointers to delete. */
  List<String> removed() {
    return removed;
  }

  /** Returns the positions of all given pointers, in order. */
  Positions positions() {
    return positions;
  }
}
