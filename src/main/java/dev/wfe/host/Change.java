package dev.wfe.host;

import dev.wfe.model.LiveWorkflow;
import dev.wfe.model.WorkflowInstance;

/**
 * A change of an instance, as a pure function of what is stored. If the write is stale, it is
 * applied again to what is stored then. What it throws is the result of the call.
 *
 * @param <T> the type of the call's result
 */
interface Change<T> {
  /** Decides from the live part, unless that is not enough. */
  default Decision<T> of(LiveWorkflow live) {
    return new Decision.NeedsWhole<>();
  }

  /** Decides from the whole instance. */
  Decision<T> of(WorkflowInstance instance);

  /** Whether the live part is never enough, so that it need not be read. */
  default boolean needsWhole() {
    return true;
  }
}
