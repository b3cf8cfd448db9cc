package dev.wfe.host;

/**
 * Builds a {@link Workflow}. Not thread-safe.
 *
 * @param <D> the class of the workflow's data
 */
public final class WorkflowBuilder<D> extends Steps<D, WorkflowBuilder<D>> {
  private final Graph.Builder<D> graph;

  WorkflowBuilder(Graph.Builder<D> graph) {
    super(graph, Graph.Ends.START, false);
    this.graph = graph;
  }

  @Override
  WorkflowBuilder<D> self() {
    return this;
  }

  /**
   * Builds the definition.
   *
   * @throws WorkflowDefinitionException if it has no step
   */
  public Workflow<D> build() {
    return new Workflow<>(graph.build());
  }
}
