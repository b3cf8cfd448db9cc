package dev.wfe.host;

import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionError;
import dev.wfe.model.LiveWorkflow;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.WorkflowWrite;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What follows from outcomes. Immutable.
 *
 * @param before the stored instance
 * @param next the instance to store
 * @param subscriptions the subscriptions to add
 * @param endedSubscriptions the ids of the subscriptions to end
 * @param deletedPointers the ids of the pointers to delete
 * @param created the instances to create
 * @param events the events to publish
 * @param errors the errors to store
 * @param hasWork whether a host has something to do next
 */
record Progress(
    LiveWorkflow before,
    LiveWorkflow next,
    List<EventSubscription> subscriptions,
    List<String> endedSubscriptions,
    List<String> deletedPointers,
    List<WorkflowInstance> created,
    List<Event> events,
    List<ExecutionError> errors,
    boolean hasWork) {
  /** Whether there is something to write. */
  boolean isChange() {
    return !errors.isEmpty()
        || !subscriptions.isEmpty()
        || !endedSubscriptions.isEmpty()
        || !next.equals(before);
  }

  /** The message of the error that the pointer has run into; null if there is none. */
  @Nullable String errorOf(String pointerId) {
    return errors.stream()
        .filter(error -> error.executionPointerId().equals(pointerId))
        .map(ExecutionError::message)
        .findFirst()
        .orElse(null);
  }

  /** The write that stores the progress. */
  WorkflowWrite.Builder write() {
    WorkflowWrite.Builder write =
        WorkflowWrite.of(next)
            .subscribe(subscriptions)
            .endSubscriptions(endedSubscriptions)
            .deletePointers(deletedPointers)
            .create(created)
            .publish(events)
            .errors(errors);
    return next.status().isEnded() && !before.status().isEnded()
        ? write.endAllSubscriptions()
        : write;
  }
}
