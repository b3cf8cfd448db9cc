package dev.wfe.host;

/**
 * Some steps of a workflow, such as those of one side of a decision. Not thread-safe.
 *
 * @param <D> the class of the workflow's data
 */
public final class Branch<D> extends Steps<D, Branch<D>> {
  Branch(Graph.Builder<?> graph, Graph.Ends ends, boolean isInSaga) {
    super(graph, ends, isInSaga);
  }

  @Override
  Branch<D> self() {
    return this;
  }
}
