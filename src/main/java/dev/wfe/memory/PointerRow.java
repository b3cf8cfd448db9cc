package dev.wfe.memory;

import dev.wfe.model.ExecutionPointer;
import java.util.Comparator;

/** A stored pointer, and its place among the pointers of its workflow. Immutable. */
record PointerRow(String workflowId, long position, ExecutionPointer pointer) {
  static final Comparator<PointerRow> ORDER =
      Comparator.comparingLong(PointerRow::position).thenComparing(row -> row.pointer().id());
}
