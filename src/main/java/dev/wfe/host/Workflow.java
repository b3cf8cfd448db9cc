package dev.wfe.host;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.type.TypeFactory;
import dev.wfe.persistence.DefinitionVersion;
import java.util.Objects;

/**
 * The definition of a workflow: its steps, their order, and the class of its data. Immutable and
 * thread-safe.
 *
 * @param <D> the class of the workflow's data, which Jackson writes and reads; use immutable
 *     values, such as records
 */
public final class Workflow<D> {
  private final Graph<D> graph;

  Workflow(Graph<D> graph) {
    this.graph = graph;
  }

  /**
   * Begins the definition of a workflow.
   *
   * @param id identifies the definition in the store; not empty
   * @param version its version; not negative. Running workflows keep the version with which they
   *     were started, so a definition whose steps change needs a new one
   * @param options limits and priorities; each at most once
   * @throws WorkflowDefinitionException if id or version are invalid, or an option is given twice
   */
  @SafeVarargs
  public static <D> WorkflowBuilder<D> define(
      String id, int version, Class<D> data, WorkflowOption<D>... options) {
    Graph.Builder<D> graph =
        graph(
            id,
            version,
            TypeFactory.defaultInstance().constructType(Objects.requireNonNull(data, "data")));
    for (WorkflowOption<D> option : options) {
      graph.add(Objects.requireNonNull(option, "option"));
    }
    return new WorkflowBuilder<>(graph);
  }

  private static <D> Graph.Builder<D> graph(String id, int version, JavaType data) {
    return new Graph.Builder<>(
        new DefinitionVersion(Objects.requireNonNull(id, "id"), version), data);
  }

  /**
   * As {@link #define(String, int, Class, WorkflowOption[])}, for generic classes such as {@code
   * Map<String, Item>}.
   */
  @SafeVarargs
  public static <D> WorkflowBuilder<D> define(
      String id, int version, TypeReference<D> data, WorkflowOption<D>... options) {
    Graph.Builder<D> graph =
        graph(
            id,
            version,
            TypeFactory.defaultInstance().constructType(Objects.requireNonNull(data, "data")));
    for (WorkflowOption<D> option : options) {
      graph.add(Objects.requireNonNull(option, "option"));
    }
    return new WorkflowBuilder<>(graph);
  }

  /** The definition's id. */
  public String id() {
    return graph.definition().definitionId();
  }

  /** The definition's version. */
  public int version() {
    return graph.definition().version();
  }

  Graph<D> graph() {
    return graph;
  }

  @Override
  public String toString() {
    return "Workflow[%s v%s]".formatted(id(), version());
  }
}
