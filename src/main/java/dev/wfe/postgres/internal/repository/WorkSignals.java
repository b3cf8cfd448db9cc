package dev.wfe.postgres.internal.repository;

import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.ItemResult;
import dev.wfe.postgres.internal.transaction.TransactionScope;
import dev.wfe.postgres.internal.transaction.WorkListeners;
import java.util.List;
import java.util.function.Predicate;

/**
 * Tells listeners that an operation has made work due. Each method is called after the operation,
 * in its thread. Thread-safe.
 *
 * @param scope where the operations run
 * @param listeners the provider's listeners
 */
record WorkSignals(TransactionScope scope, WorkListeners listeners) {
  /** Work is due. */
  void signal() {
    listeners.callAfterCommit(scope);
  }

  /** Work is due if the condition holds. */
  void signalIf(boolean isDue) {
    if (isDue) {
      signal();
    }
  }

  /** Work is due if the condition holds for one of the elements that were written. */
  <T> List<ItemResult<T>> signalIfAny(List<ItemResult<T>> results, Predicate<T> isDue) {
    signalIf(
        results.stream()
            .anyMatch(
                result ->
                    result instanceof ItemResult.Written<T> written
                        && isDue.test(written.value())));
    return results;
  }

  /**
   * Whether a workflow is due, by this machine's clock. A wrong answer causes a superfluous or a
   * missing hint.
   */
  static boolean isDue(WorkflowInstance workflow) {
    Long next = workflow.nextExecution();
    return workflow.status() == WorkflowStatus.RUNNABLE
        && next != null
        && next <= System.currentTimeMillis();
  }
}
