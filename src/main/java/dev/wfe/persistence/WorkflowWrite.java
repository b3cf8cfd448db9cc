package dev.wfe.persistence;

import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionError;
import dev.wfe.model.LiveWorkflow;
import dev.wfe.model.ScheduledCommand;
import dev.wfe.model.WorkflowInstance;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One atomic write of a workflow and of what belongs to it. Immutable and thread-safe; built with
 * {@link #of(LiveWorkflow)} or {@link #of(WorkflowInstance)}.
 *
 * <ul>
 *   <li>The fields of the workflow are written as they are in the value.
 *   <li>Pointers of the value that differ from the stored ones are inserted or updated. New ones
 *       are appended in the order of the value; the others keep their places. A pointer that the
 *       value does not contain is left alone, unless its id is named for deletion.
 *   <li>Subscriptions, events, instances, errors and commands are added as the operations for them
 *       do it, under the same rules for ids and times. An id or name must be free before the write:
 *       what the write itself deletes or ends still counts.
 *   <li>If the value has a revision, the write is guarded (optimistic locking). If it has none, the
 *       write is unconditional.
 * </ul>
 */
public final class WorkflowWrite {
  /** What happens to the lease with which a write is made. */
  public enum LeaseAction {
    /** The host keeps the lease. Its expiry stays what it is. */
    KEEP,
    /** The lease ends with the write. */
    RELEASE
  }

  private final LiveWorkflow workflow;
  private final List<String> deletedPointerIds;
  private final List<EventSubscription> subscriptions;
  private final List<String> endedSubscriptionIds;
  private final boolean endsAllSubscriptions;
  private final List<Event> events;
  private final List<WorkflowInstance> instances;
  private final List<ExecutionError> errors;
  private final List<ScheduledCommand> commands;
  private final @Nullable Duration dueAfter;
  private final @Nullable Claim claim;
  private final @Nullable LeaseAction leaseAction;

  private WorkflowWrite(Builder builder) {
    workflow = builder.workflow;
    deletedPointerIds = ListCopies.of(builder.deletedPointerIds);
    subscriptions = ListCopies.of(builder.subscriptions);
    endedSubscriptionIds = ListCopies.of(builder.endedSubscriptionIds);
    endsAllSubscriptions = builder.endsAllSubscriptions;
    events = ListCopies.of(builder.events);
    instances = ListCopies.of(builder.instances);
    errors = ListCopies.of(builder.errors);
    commands = ListCopies.of(builder.commands);
    dueAfter = builder.dueAfter;
    claim = builder.claim;
    leaseAction = builder.leaseAction;
  }

  /** A builder of a write of this value. */
  public static Builder of(LiveWorkflow workflow) {
    return new Builder(Objects.requireNonNull(workflow, "workflow"));
  }

  /**
   * A builder of a write of this value. Unlike {@link WorkflowRepository#persistWorkflow}, the
   * write leaves stored pointers alone that the value does not contain.
   */
  public static Builder of(WorkflowInstance instance) {
    return of(LiveWorkflow.of(instance));
  }

  /** The workflow's fields, and the pointers to insert or update. */
  public LiveWorkflow workflow() {
    return workflow;
  }

  /** The ids of the pointers to delete. */
  public List<String> deletedPointerIds() {
    return deletedPointerIds;
  }

  /** The subscriptions to add. */
  public List<EventSubscription> subscriptions() {
    return subscriptions;
  }

  /** The ids of the subscriptions to end. */
  public List<String> endedSubscriptionIds() {
    return endedSubscriptionIds;
  }

  /** Whether all stored subscriptions of the workflow end. */
  public boolean endsAllSubscriptions() {
    return endsAllSubscriptions;
  }

  /** The events to publish. */
  public List<Event> events() {
    return events;
  }

  /** The instances to create. */
  public List<WorkflowInstance> instances() {
    return instances;
  }

  /** The errors to store. */
  public List<ExecutionError> errors() {
    return errors;
  }

  /** The commands to schedule. */
  public List<ScheduledCommand> commands() {
    return commands;
  }

  /** The delay on the database's clock after which the workflow is due; null if it has none. */
  public @Nullable Duration dueAfter() {
    return dueAfter;
  }

  /** The claim to which the write belongs, or null. */
  public @Nullable Claim claim() {
    return claim;
  }

  /** What happens to the lease; null without a claim. */
  public @Nullable LeaseAction leaseAction() {
    return leaseAction;
  }

  /** Contains ids and counts only. */
  @Override
  public String toString() {
    return "WorkflowWrite[%s, claim=%s, %s]".formatted(workflow, claim, leaseAction);
  }

  /**
   * Builds {@link WorkflowWrite}; not thread-safe. Each list replaces the one that was set before.
   */
  public static final class Builder {
    private final LiveWorkflow workflow;
    private List<String> deletedPointerIds = List.of();
    private List<EventSubscription> subscriptions = List.of();
    private List<String> endedSubscriptionIds = List.of();
    private boolean endsAllSubscriptions;
    private List<Event> events = List.of();
    private List<WorkflowInstance> instances = List.of();
    private List<ExecutionError> errors = List.of();
    private List<ScheduledCommand> commands = List.of();
    private @Nullable Duration dueAfter;
    private @Nullable Claim claim;
    private @Nullable LeaseAction leaseAction;

    private Builder(LiveWorkflow workflow) {
      this.workflow = workflow;
    }

    /**
     * Deletes the pointers of this workflow with the ids. Ids that it does not have are ignored.
     */
    public Builder deletePointers(List<String> ids) {
      deletedPointerIds = ids;
      return this;
    }

    /**
     * Adds subscriptions, as {@link WorkflowRepository#persistWorkflowWithSubscriptions} does: an
     * empty id is assigned, and events that they cover become unprocessed again.
     */
    public Builder subscribe(List<EventSubscription> added) {
      subscriptions = added;
      return this;
    }

    /**
     * Ends the subscriptions with the ids that belong to this workflow, whether or not a worker
     * holds them. Ids that it does not have are ignored.
     */
    public Builder endSubscriptions(List<String> ids) {
      endedSubscriptionIds = ids;
      return this;
    }

    /** Ends all subscriptions of this workflow that were stored before the write. */
    public Builder endAllSubscriptions() {
      endsAllSubscriptions = true;
      return this;
    }

    /** Publishes events, as {@link EventRepository#createEvent} does. */
    public Builder publish(List<Event> published) {
      events = published;
      return this;
    }

    /** Creates instances, as {@link WorkflowRepository#create} does. */
    public Builder create(List<WorkflowInstance> created) {
      instances = created;
      return this;
    }

    /** Stores errors, as {@link PersistenceProvider#persistErrors} does. */
    public Builder errors(List<ExecutionError> stored) {
      errors = stored;
      return this;
    }

    /** Schedules commands, as {@link ScheduledCommandRepository#scheduleCommand} does. */
    public Builder schedule(List<ScheduledCommand> scheduled) {
      commands = scheduled;
      return this;
    }

    /**
     * The workflow is due after the delay on the database's clock, instead of at the value's {@code
     * nextExecution}.
     *
     * @param delay not negative, up to 100,000 days; truncated to milliseconds
     */
    public Builder dueAfter(Duration delay) {
      dueAfter = delay;
      return this;
    }

    /**
     * The write belongs to the claim: it is refused if the lease was taken over or released.
     *
     * @param owned the claim on this workflow
     * @param action what happens to the lease if the write is made
     */
    public Builder under(Claim owned, LeaseAction action) {
      claim = owned;
      leaseAction = action;
      return this;
    }

    /** Builds the write. Limits are checked when it is used. The builder can be used again. */
    public WorkflowWrite build() {
      return new WorkflowWrite(this);
    }
  }
}
