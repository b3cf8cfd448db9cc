package dev.wfe.host;

import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.PointerStatus;
import dev.wfe.model.WorkflowInstance;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Decides which pointers of old iterations and items are deleted. */
final class Trimming {
  /** So many iterations more than asked for are kept at least, before some are deleted. */
  private static final int SLACK = 20;

  private Trimming() {}

  /** Whether the pointer is that of a block with too many old iterations. */
  static boolean isDue(Graph<?> graph, ExecutionPointer pointer) {
    BlockState state = pointer.status() == PointerStatus.RUNNING ? BlockState.of(pointer) : null;
    if (state == null) {
      return false;
    }
    int kept = kept(graph, pointer);
    return state.begun() - state.trimmed() > kept + Math.max(kept, SLACK);
  }

  private static int kept(Graph<?> graph, ExecutionPointer pointer) {
    Graph.Step<?> step = graph.step(pointer.stepName());
    if (step != null && step.node() instanceof Node.While<?> loop) {
      return loop.kept();
    }
    return step != null && step.node() instanceof Node.ForEach<?> loop
        ? loop.kept()
        : Integer.MAX_VALUE / 2;
  }

  /**
   * Returns what is deleted: pointers that have ended, in iterations or items that have ended,
   * other than the last ones.
   */
  static Outcome.Trimmed of(Graph<?> graph, WorkflowInstance instance, ExecutionPointer block) {
    List<ExecutionPointer> all = instance.executionPointers();
    Graph.Step<?> step = graph.step(block.stepName());
    Graph.Step<?> first = step == null ? null : step.follow(Graph.BODY);
    List<ExecutionPointer> heads =
        all.stream()
            .filter(pointer -> first != null && first.name().equals(pointer.stepName()))
            .filter(pointer -> isDirectlyIn(pointer, block))
            .toList();
    int kept = kept(graph, block);
    Set<String> deleted = new LinkedHashSet<>();
    if (heads.size() > kept) {
      ExecutionPointer firstKept = heads.get(heads.size() - kept);
      Set<String> open = new HashSet<>();
      all.stream()
          .filter(pointer -> !pointer.status().isEnd())
          .map(ExecutionPointer::id)
          .forEach(open::add);
      open.remove(block.id());
      for (ExecutionPointer pointer : all.subList(0, all.indexOf(firstKept))) {
        if (pointer.status().isEnd() && isIn(pointer, block, open)) {
          deleted.add(pointer.id());
        }
      }
      deleted.removeAll(Sagas.kept(graph, instance));
    }
    BlockState state = BlockState.of(block);
    int begun = state == null ? 0 : state.begun();
    return new Outcome.Trimmed(block.id(), Math.max(0, begun - kept), deleted);
  }

  private static boolean isDirectlyIn(ExecutionPointer pointer, ExecutionPointer block) {
    return !pointer.scope().isEmpty()
        && pointer.scope().get(pointer.scope().size() - 1).equals(block.id());
  }

  /** Whether the pointer stands in the block, and in no other block that is still under way. */
  private static boolean isIn(ExecutionPointer pointer, ExecutionPointer block, Set<String> open) {
    int place = pointer.scope().indexOf(block.id());
    return place >= 0
        && pointer.scope().subList(place + 1, pointer.scope().size()).stream()
            .noneMatch(open::contains);
  }
}
