package dev.wfe.persistence;

import dev.wfe.model.WorkflowInstance;
import java.util.List;

/**
 * The result of {@link WorkflowRepository#persistWorkflowWithSubscriptions}.
 *
 * @param instance the instance with its new revision
 * @param subscriptionIds the subscriptions' ids, in the order given
 * @param eventIds ids of the events that were processed and are now unprocessed, because a new
 *     subscription covers them, or one of the workflow if this revived it; oldest first, at most
 *     {@value #MAX_EVENT_IDS}
 * @param moreEvents whether there are more such events than {@code eventIds} contains
 */
public record PersistedWorkflow(
    WorkflowInstance instance,
    List<String> subscriptionIds,
    List<String> eventIds,
    boolean moreEvents) {
  /** The largest number of ids in {@code eventIds}. */
  public static final int MAX_EVENT_IDS = 1_000;

  /** Copies the lists. */
  public PersistedWorkflow {
    subscriptionIds = List.copyOf(subscriptionIds);
    eventIds = List.copyOf(eventIds);
  }
}
