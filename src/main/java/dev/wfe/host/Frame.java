package dev.wfe.host;

import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonNode;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.LiveWorkflow;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The data that a step sees and changes: the workflow's, or that of the item in whose scope it
 * stands. Immutable.
 *
 * @param item the pointer of the item; null if it is the workflow's data
 * @param tree the data as it is stored
 * @param type the class of the data
 */
record Frame(@Nullable ExecutionPointer item, JsonNode tree, JavaType type) {
  /** The frame of a step of a stored instance. */
  static Frame of(Graph<?> graph, LiveWorkflow live, ExecutionPointer pointer) {
    if (pointer.scope().isEmpty()) {
      return new Frame(null, live.data(), graph.dataType());
    }
    Map<String, ExecutionPointer> pointers =
        live.pointers().stream().collect(Collectors.toMap(ExecutionPointer::id, each -> each));
    return of(graph, live.data(), pointers::get, pointer);
  }

  static Frame of(
      Graph<?> graph,
      JsonNode data,
      Function<String, @Nullable ExecutionPointer> pointers,
      ExecutionPointer pointer) {
    List<String> scope = pointer.scope();
    for (int i = scope.size() - 1; i >= 0; i--) {
      ExecutionPointer block = pointers.apply(scope.get(i));
      Graph.Step<?> step = block == null ? null : graph.step(block.stepName());
      if (step != null && step.node() instanceof Node.Item<?, ?> item) {
        return new Frame(
            block, Objects.requireNonNull(block.contextItem(), "contextItem"), item.type());
      }
    }
    return new Frame(null, data, graph.dataType());
  }
}
