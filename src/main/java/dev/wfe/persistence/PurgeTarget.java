package dev.wfe.persistence;

import dev.wfe.model.WorkflowStatus;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What a purge deletes. The database's clock decides what is old enough. Immutable. */
public sealed interface PurgeTarget {
  /** For how long it is kept: 0 to 100,000 days. Parameters are checked when the target is used. */
  Duration age();

  /** The kind of rows that the target deletes, for listeners and meters. */
  Kind kind();

  /** What a target deletes. */
  enum Kind {
    /** Workflows that have ended. */
    WORKFLOW,
    /** Processed events. */
    EVENT,
    /** Execution errors. */
    ERROR,
    /** What belongs to a workflow or event that does not exist. */
    ORPHAN
  }

  /**
   * Workflows that have ended, with everything that belongs to them.
   *
   * @param status Complete or Terminated
   * @param age the time since the workflow ended. If it has no {@code completeTime}, because an
   *     operator or another program ended it: the time since it was last written
   * @param definitionId only workflows of this definition; null for all
   */
  record EndedWorkflows(WorkflowStatus status, Duration age, @Nullable String definitionId)
      implements PurgeTarget {
    /** Workflows of all definitions. */
    public EndedWorkflows(WorkflowStatus status, Duration age) {
      this(status, age, null);
    }

    @Override
    public Kind kind() {
      return Kind.WORKFLOW;
    }
  }

  /**
   * Processed events. An event that a subscription covers is kept, if the workflow of the
   * subscription has not ended.
   *
   * @param age the time since {@code eventTime}
   */
  record ProcessedEvents(Duration age) implements PurgeTarget {
    @Override
    public Kind kind() {
      return Kind.EVENT;
    }
  }

  /**
   * Execution errors, also those of workflows that have not ended.
   *
   * @param age the time since {@code errorTime}
   */
  record OldErrors(Duration age) implements PurgeTarget {
    @Override
    public Kind kind() {
      return Kind.ERROR;
    }
  }

  /**
   * What belongs to a workflow or event that does not exist. Other programs leave it behind, and
   * operations that run at the same time as a delete may.
   *
   * @param of which of them
   * @param age a command: the time since it was due; a subscription: the time since {@code
   *     subscribeAsOf}; a lease: the time since it expired
   */
  record Orphans(Of of, Duration age) implements PurgeTarget {
    /** The kinds of orphans. */
    public enum Of {
      /** Commands whose workflow or event does not exist. */
      COMMANDS,
      /** Subscriptions whose workflow does not exist. */
      SUBSCRIPTIONS,
      /** Leases on workflows that do not exist. */
      WORKFLOW_LEASES,
      /** Leases on events that do not exist or are processed. */
      EVENT_LEASES
    }

    @Override
    public Kind kind() {
      return Kind.ORPHAN;
    }
  }
}
