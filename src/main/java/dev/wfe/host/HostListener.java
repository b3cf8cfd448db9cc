package dev.wfe.host;

import dev.wfe.persistence.DefinitionVersion;
import dev.wfe.persistence.PurgeTarget;
import java.time.Duration;

/**
 * Is told what a {@link WorkflowHost} does, such as to count it. What a method reports about
 * workflows, steps and events was committed before, so each is reported once, by the host that
 * stored it. An exception: if the connection breaks during a commit, nobody is told what it stored.
 *
 * <p>No method gets ids or payloads. The host calls the methods from several threads and waits for
 * them, so they must be thread-safe and return quickly. What they throw is logged, and has no other
 * effect.
 */
public interface HostListener {
  /** A workflow has begun: the first progress of it is stored, wherever it was started. */
  default void workflowStarted(DefinitionVersion definition) {}

  /** A workflow is complete. */
  default void workflowCompleted(DefinitionVersion definition) {}

  /** A workflow was terminated because a step failed for the last time. */
  default void workflowFailed(DefinitionVersion definition) {}

  /**
   * A workflow was suspended because of an error. Not called for {@link WorkflowClient#suspend}.
   */
  default void workflowSuspended(DefinitionVersion definition) {}

  /**
   * A saga was compensated, completely.
   *
   * @param saga the name of the step
   */
  default void sagaCompensated(DefinitionVersion definition, String saga) {}

  /** A step was executed, and its outcome is stored. */
  default void stepAttempted(StepAttempt attempt) {}

  /**
   * A workflow has received an event for which it waited: from the application, from an outside
   * worker or from a child workflow.
   *
   * @param event the name of the event's type
   * @param delay the time since the event was published, or since the workflow began to wait if
   *     that was later
   */
  default void eventDelivered(DefinitionVersion definition, String event, Duration delay) {}

  /**
   * The host has claimed due workflows.
   *
   * @param workflows how many; often 0
   */
  default void claimed(int workflows) {}

  /**
   * A workflow was claimed. Called for each one, after {@link #claimed}.
   *
   * @param delay for how long it had been due
   * @param isTakenOver whether the lease of another host had expired
   */
  default void workflowClaimed(DefinitionVersion definition, Duration delay, boolean isTakenOver) {}

  /** The lease on a workflow is lost: another host has taken it over. */
  default void leaseLost(DefinitionVersion definition) {}

  /**
   * Outcomes of steps were written together.
   *
   * @param workflows of how many workflows; at least 1
   */
  default void written(int workflows) {}

  /**
   * A write was refused as stale, because somebody else had changed the workflow. The outcomes are
   * applied and written again.
   */
  default void writeStale(DefinitionVersion definition) {}

  /**
   * The host has looked for due work, as often as {@link WorkflowHost.Builder#watchInterval} says.
   */
  default void dueWork(DueWork work) {}

  /**
   * The host has deleted what {@link WorkflowHost.Builder#retention} does not keep.
   *
   * @param kind what it deleted
   * @param count how many; at least 1
   */
  default void purged(PurgeTarget.Kind kind, int count) {}
}
