package dev.wfe.persistence;

import dev.wfe.model.WorkflowInstance;
import java.util.List;

/**
 * What {@link WorkflowRepository#persistWorkflowWithSubscriptions} did.
 *
 * @param instance the instance with its new revision
 * @param subscriptionIds the subscriptions' ids, in the order given
 * @param eventIds ids of the events that were processed and now are not, because a new subscription
 *     covers them; oldest first, {@value #MAX_EVENT_IDS} at most
 * @param moreEvents whether there are more such events than are named
 */
public record PersistedWorkflow(
    WorkflowInstance instance,
    List<String> subscriptionIds,
    List<String> eventIds,
    boolean moreEvents) {
  /** How many events are named at most. */
  public static final int MAX_EVENT_IDS = 1_000;

  /** Copies the lists. */
  public PersistedWorkflow {
    subscriptionIds = List.copyOf(subscriptionIds);
    eventIds = List.copyOf(eventIds);
  }
}
