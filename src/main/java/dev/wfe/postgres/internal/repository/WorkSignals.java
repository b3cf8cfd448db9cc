package dev.wfe.postgres.internal.repository;

import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.LiveWorkflow;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.ItemResult;
import dev.wfe.persistence.PersistedWorkflow;
import dev.wfe.persistence.WorkflowWrite;
import dev.wfe.persistence.WorkflowWrite.LeaseAction;
import dev.wfe.persistence.WriteResult;
import dev.wfe.postgres.internal.transaction.TransactionScope;
import dev.wfe.postgres.internal.transaction.WorkListeners;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Tells listeners that an operation has made work due, as far as this machine knows. A wrong answer
 * causes a superfluous or a missing hint. Thread-safe.
 *
 * @param scope where the operations run
 * @param listeners the provider's listeners
 */
record WorkSignals(TransactionScope scope, WorkListeners listeners) {
  /** Tells listeners, after an operation in its thread. */
  void signalIf(boolean isWorkDue) {
    if (isWorkDue) {
      listeners.callAfterCommit(scope);
    }
  }

  /** Whether the condition holds for a value that a batch has written. */
  static <T> boolean anyWritten(List<ItemResult<T>> results, Predicate<T> condition) {
    return results.stream()
        .anyMatch(
            result ->
                result instanceof ItemResult.Written<T> written && condition.test(written.value()));
  }

  /** Whether it is due by the database's clock, which has stamped it, or by this machine's. */
  static boolean isDue(WorkflowInstance created) {
    Instant stamped = created.createTime();
    Instant now = Instant.now();
    return isDue(
        created.status(),
        created.nextExecution(),
        stamped != null && stamped.isAfter(now) ? stamped : now);
  }

  static boolean isDue(PersistedWorkflow persisted) {
    return isDue(persisted.instance()) || !persisted.eventIds().isEmpty();
  }

  /** A workflow whose host keeps its lease is not due for others. */
  static boolean isDue(WorkflowWrite write, WriteResult result) {
    LiveWorkflow workflow = result.workflow();
    boolean isAtOnce =
        Duration.ZERO.equals(write.dueAfter()) && workflow.status() == WorkflowStatus.RUNNABLE;
    return (write.leaseAction() != LeaseAction.KEEP
            && (isAtOnce || isDue(workflow.status(), workflow.nextExecution(), Instant.now())))
        || !result.replayedEventIds().isEmpty()
        || write.events().stream().anyMatch(WorkSignals::isDue)
        || write.instances().stream().anyMatch(WorkSignals::isDue)
        || anyOffer(write.subscriptions());
  }

  /** Whether a worker may take one of the new subscriptions. */
  static boolean anyOffer(List<EventSubscription> created) {
    return created.stream().anyMatch(subscription -> subscription.subscriptionData() != null);
  }

  /** Whether one of the writes that were made has made work due. */
  static boolean isAnyDue(List<WorkflowWrite> writes, List<ItemResult<WriteResult>> results) {
    return IntStream.range(0, writes.size())
        .anyMatch(
            i ->
                results.get(i) instanceof ItemResult.Written<WriteResult> written
                    && isDue(writes.get(i), written.value()));
  }

  static boolean isDue(Event published) {
    return !published.processed();
  }

  private static boolean isDue(WorkflowStatus status, @Nullable Long nextExecution, Instant now) {
    return status == WorkflowStatus.RUNNABLE
        && nextExecution != null
        && Instant.ofEpochMilli(nextExecution).compareTo(now) <= 0;
  }
}
