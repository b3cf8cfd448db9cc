package dev.wfe.persistence;

import dev.wfe.model.LiveWorkflow;
import java.util.List;

/**
 * The result of {@link WorkflowRepository#write}.
 *
 * @param workflow the written value with its new revision and its stored {@code nextExecution} and
 *     create time, without the pointers that were deleted and without those that have ended, unless
 *     another pointer that is shown stands in their scope. The next write can start from it without
 *     reading
 * @param subscriptionIds the ids of the added subscriptions, in the order given
 * @param eventIds the ids of the published events, in the order given
 * @param instanceIds the ids of the created instances, in the order given
 * @param errorIds the ids of the stored errors, in the order given
 * @param replayedEventIds ids of the events that were processed and are now unprocessed, because an
 *     added subscription covers them, or one of the workflow if the write revived it; oldest first,
 *     at most {@value PersistedWorkflow#MAX_EVENT_IDS}
 * @param moreReplayed whether there are more such events than {@code replayedEventIds} contains
 */
public record WriteResult(
    LiveWorkflow workflow,
    List<String> subscriptionIds,
    List<String> eventIds,
    List<String> instanceIds,
    List<Long> errorIds,
    List<String> replayedEventIds,
    boolean moreReplayed) {
  /** Copies the lists. */
  public WriteResult {
    subscriptionIds = List.copyOf(subscriptionIds);
    eventIds = List.copyOf(eventIds);
    instanceIds = List.copyOf(instanceIds);
    errorIds = List.copyOf(errorIds);
    replayedEventIds = List.copyOf(replayedEventIds);
  }
}
