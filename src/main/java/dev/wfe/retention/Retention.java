package dev.wfe.retention;

import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.PurgeTarget;
import dev.wfe.persistence.PurgeTarget.EndedWorkflows;
import dev.wfe.persistence.PurgeTarget.OldErrors;
import dev.wfe.persistence.PurgeTarget.Orphans;
import dev.wfe.persistence.PurgeTarget.ProcessedEvents;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * The rules for what a purge deletes, and from which age on. Rows that no rule names are kept for
 * ever. Ages are at most 100,000 days. Immutable.
 *
 * @param targets what is deleted, in this order
 */
public record Retention(List<PurgeTarget> targets) {
  /** Copies the list. */
  public Retention {
    targets = List.copyOf(targets);
  }

  /** A builder of a retention that keeps everything. */
  public static Builder builder() {
    return new Builder();
  }

  /** Whether everything is kept. */
  public boolean isEmpty() {
    return targets.isEmpty();
  }

  /** Builds {@link Retention}; not thread-safe. */
  public static final class Builder {
    private static final Duration LONGEST = Duration.ofDays(100_000);

    private final List<PurgeTarget> targets = new ArrayList<>();

    private Builder() {}

    /**
     * Deletes workflows that have been Complete for longer, with everything that belongs to them.
     */
    public Builder complete(Duration age) {
      return target(new EndedWorkflows(WorkflowStatus.COMPLETE, age));
    }

    /**
     * Deletes workflows that have been Terminated for longer, with everything that belongs to them.
     */
    public Builder terminated(Duration age) {
      return target(new EndedWorkflows(WorkflowStatus.TERMINATED, age));
    }

    /** Deletes events that are processed and older. */
    public Builder events(Duration age) {
      return target(new ProcessedEvents(age));
    }

    /** Deletes errors that are older, also those of workflows that have not ended. */
    public Builder errors(Duration age) {
      return target(new OldErrors(age));
    }

    /** Deletes commands, subscriptions and leases of workflows and events that do not exist. */
    public Builder orphans(Duration age) {
      for (Orphans.Of kind : Orphans.Of.values()) {
        target(new Orphans(kind, age));
      }
      return this;
    }

    /**
     * Deletes what the target says.
     *
     * @throws IllegalArgumentException if its age is out of range
     */
    public Builder target(PurgeTarget target) {
      Duration age = Objects.requireNonNull(target, "target").age();
      if (age.isNegative() || age.compareTo(LONGEST) > 0) {
        throw new IllegalArgumentException(
            "the age is %s, not between 0 and %s days".formatted(age, LONGEST.toDays()));
      }
      targets.add(target);
      return this;
    }

    /** Builds the value. The builder can be used again. */
    public Retention build() {
      return new Retention(targets);
    }
  }
}
