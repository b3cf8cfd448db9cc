package dev.wfe.postgres.internal.repository;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.model.ExecutionPointer;
import dev.wfe.postgres.internal.mapping.PositionedPointer;
import dev.wfe.postgres.internal.mapping.Positions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PointerChangesTest {
  private static final int EDITS = 20_000;

  private static ExecutionPointer pointer(int id) {
    return ExecutionPointer.builder(0).id("p" + id).build();
  }

  private record Stored(List<ExecutionPointer> pointers, List<Long> positions) {}

  private static Stored stored(Random random) {
    List<ExecutionPointer> pointers = new ArrayList<>();
    List<Long> positions = new ArrayList<>();
    long position = 0;
    for (int i = random.nextInt(8); i > 0; i--) {
      pointers.add(pointer(i));
      position += random.nextInt(3);
      positions.add(random.nextInt(6) == 0 ? 0 : position);
    }
    return new Stored(pointers, positions);
  }

  private static Positions positions(List<Long> given) {
    Positions positions = new Positions(given.size());
    for (int i = 0; i < given.size(); i++) {
      positions.set(i, given.get(i));
    }
    return positions;
  }

  private static List<ExecutionPointer> edited(List<ExecutionPointer> pointers, Random random) {
    List<ExecutionPointer> edited = new ArrayList<>(pointers);
    for (int edits = random.nextInt(4); edits > 0; edits--) {
      int at = random.nextInt(edited.size() + 1);
      switch (random.nextInt(5)) {
        case 0 -> edited.add(at, pointer(100 + edits));
        case 1 -> edited.subList(at, Math.min(edited.size(), at + 2)).clear();
        case 2 -> Collections.rotate(edited.subList(0, at), 1);
        case 3 -> edited.replaceAll(pointer -> pointer.toBuilder().build());
        default ->
            edited.replaceAll(pointer -> random.nextInt(4) == 0 ? changed(pointer) : pointer);
      }
    }
    return edited;
  }

  private static ExecutionPointer changed(ExecutionPointer pointer) {
    return pointer.toBuilder().retryCount(pointer.retryCount() + 1).build();
  }

  @Test
  void walkingInStepFindsTheSameChangesAsLookingUpEveryId() {
    Random random = new Random(17);
    for (int i = 0; i < EDITS; i++) {
      Stored stored = stored(random);
      List<ExecutionPointer> given = edited(stored.pointers(), random);

      PointerChanges changes =
          PointerChanges.between("w", stored.pointers(), positions(stored.positions()), given);

      assertThat(describe(changes)).isEqualTo(expected(stored, given));
    }
  }

  private static List<Object> describe(PointerChanges changes) {
    return List.of(
        changes.changed().stream().map(PointerChangesTest::describe).toList(),
        changes.added().stream().map(PointerChangesTest::describe).toList(),
        changes.removed().stream().sorted().toList(),
        changes.positions().toString());
  }

  private static String describe(PositionedPointer placed) {
    return placed.id() + "/" + placed.pointer().retryCount() + "@" + placed.position();
  }

  /** The same, looking up every pointer by its id. */
  private static List<Object> expected(Stored stored, List<ExecutionPointer> given) {
    Map<String, Integer> indexes = new HashMap<>();
    for (int i = 0; i < stored.pointers().size(); i++) {
      indexes.put(stored.pointers().get(i).id(), i);
    }
    List<String> changed = new ArrayList<>();
    List<String> added = new ArrayList<>();
    List<Long> positions = new ArrayList<>();
    long last = 0;
    for (ExecutionPointer pointer : given) {
      Integer index = indexes.remove(pointer.id());
      long kept = index == null ? 0 : stored.positions().get(index);
      boolean stays = kept > last;
      last = stays ? kept : last + 1;
      positions.add(last);
      String row = pointer.id() + "/" + pointer.retryCount() + "@" + last;
      if (index == null) {
        added.add(row);
      } else if (!stays || !pointer.equals(stored.pointers().get(index))) {
        changed.add(row);
      }
    }
    return List.of(
        changed, added, indexes.keySet().stream().sorted().toList(), positions.toString());
  }

  @Test
  void nothingIsWrittenOfEqualPointers() {
    List<ExecutionPointer> pointers = List.of(pointer(1), pointer(2), pointer(3));
    List<ExecutionPointer> equal =
        pointers.stream().map(pointer -> pointer.toBuilder().build()).toList();

    PointerChanges changes =
        PointerChanges.between("w", pointers, positions(List.of(1L, 2L, 3L)), equal);

    assertThat(changes.changed()).isEmpty();
    assertThat(changes.added()).isEmpty();
    assertThat(changes.removed()).isEmpty();
  }
}
