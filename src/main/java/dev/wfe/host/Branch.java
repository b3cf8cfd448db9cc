package dev.wfe.host;

/**
 * Some steps of a workflow, such as those of one side of a decision. Not thread-safe.
 *
 * @param <D> the class of the workflow's data
 */
public final class Branch<D> extends Steps<D, Branch<D>> {
  Branch(Graph.Builder<?> graph, Graph.Ends ends) {
    super(graph, ends);
  }

  @Override
  Branch<D> self() {
    return this;
  }
}
