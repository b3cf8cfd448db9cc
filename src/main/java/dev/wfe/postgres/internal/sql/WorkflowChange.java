package dev.wfe.postgres.internal.sql;

import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionError;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.ScheduledCommand;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.Claim;
import dev.wfe.persistence.LeaseLostException;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.StaleRevisionException;
import dev.wfe.persistence.StoreException;
import dev.wfe.persistence.Subject;
import dev.wfe.persistence.WorkflowWrite.LeaseAction;
import dev.wfe.postgres.internal.mapping.PositionedPointer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What one atomic write sends to the tables. Creating and persisting a workflow are special cases.
 * Ids are assigned, and no key occurs twice. Immutable.
 *
 * @param update the update of an existing workflow's row; null if workflows are only created
 * @param changed pointers that are known to be stored, with their new values
 * @param added the other pointers to write, including those of created workflows
 * @param mayBeStored whether pointers of the updated workflow in {@code added} may be stored
 *     already, because not all of its pointers are known
 * @param removed the ids of the pointers to delete
 * @param created the workflows to create
 * @param subscriptions the subscriptions to add
 * @param ended the ids of the subscriptions to end, as far as they belong to the workflow
 * @param events the events to publish
 * @param errors the errors to store
 * @param commands the commands to schedule
 */
public record WorkflowChange(
    @Nullable Update update,
    List<PositionedPointer> changed,
    List<PositionedPointer> added,
    boolean mayBeStored,
    List<String> removed,
    List<WorkflowInstance> created,
    List<EventSubscription> subscriptions,
    List<String> ended,
    List<Event> events,
    List<ExecutionError> errors,
    List<ScheduledCommand> commands) {
  /**
   * The update of a workflow's row.
   *
   * @param instance the new values
   * @param revision the revision that the row must have; null if it may have any
   * @param replaces whether all stored pointers that are not sent are deleted; only without a
   *     revision
   * @param renames whether the name may change
   * @param sendsData whether the data may change
   * @param revives whether an ended workflow may become one that has not ended, so that its
   *     subscriptions count again
   * @param endsAllSubscriptions whether all subscriptions of the workflow end that were stored
   *     before
   * @param dueAfterMillis the delay after which it is due; null if the instance says when
   * @param lease the lease that has to be valid, or null
   */
  public record Update(
      WorkflowInstance instance,
      @Nullable String revision,
      boolean replaces,
      boolean renames,
      boolean sendsData,
      boolean revives,
      boolean endsAllSubscriptions,
      @Nullable Long dueAfterMillis,
      @Nullable Lease lease) {
    /** Whether a revision is compared. */
    public boolean isGuarded() {
      return revision != null;
    }

    /**
     * Returns why it was refused, if the reason is the workflow itself.
     *
     * @param storedRevision the revision of the stored workflow; null if there is none
     * @param leased whether the lease is valid
     */
    public Optional<StoreException> refusal(@Nullable String storedRevision, boolean leased) {
      if (storedRevision == null) {
        return Optional.of(new NotFoundException(Subject.WORKFLOW, instance.id()));
      }
      if (lease != null && !leased) {
        return Optional.of(new LeaseLostException(lease.claim()));
      }
      return isGuarded() && !storedRevision.equals(revision)
          ? Optional.of(new StaleRevisionException(instance.id()))
          : Optional.empty();
    }
  }

  /**
   * A claim, and what happens to its lease.
   *
   * @param claim the claim
   * @param action what happens to the lease
   */
  public record Lease(Claim claim, LeaseAction action) {}

  /**
   * What a statement returned about a change that was made. Immutable.
   *
   * @param revision the new revision of the workflow's row
   * @param createTime when the workflow was created
   * @param nextExecution when it is due, if the change says after which delay; else null
   * @param lastPosition the position of its last pointer before the write, if the write appended
   *     pointers without knowing it; else 0
   * @param errorIds the ids of the stored errors
   * @param replayedIds ids of the replayed events
   * @param moreReplayed whether there are more
   */
  public record Written(
      String revision,
      @Nullable Instant createTime,
      @Nullable Long nextExecution,
      long lastPosition,
      List<Long> errorIds,
      List<String> replayedIds,
      boolean moreReplayed) {}

  /**
   * Sorts the rows by their keys. PostgreSQL inserts and locks rows in the order in which they are
   * sent. All writers therefore lock them in the same order, and do not deadlock. Errors keep the
   * order in which they are numbered. Of commands with the same key, the last one is kept.
   */
  public WorkflowChange {
    changed = sorted(changed, PositionedPointer::id);
    added = sorted(added, PositionedPointer::id);
    created = sorted(created, WorkflowInstance::id);
    subscriptions = sorted(subscriptions, EventSubscription::id);
    events = sorted(events, Event::id);
    commands = sorted(lastOfEachKey(commands), WorkflowChange::key);
  }

  /** The creation of a workflow. */
  public static WorkflowChange creationOf(WorkflowInstance instance) {
    return new WorkflowChange(
        null,
        List.of(),
        pointersOf(instance),
        false,
        List.of(),
        List.of(instance),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of());
  }

  /** Returns the pointers of a workflow that is created. */
  public static List<PositionedPointer> pointersOf(WorkflowInstance created) {
    List<PositionedPointer> placed = new ArrayList<>(created.executionPointers().size());
    for (ExecutionPointer pointer : created.executionPointers()) {
      placed.add(new PositionedPointer(created.id(), pointer, placed.size() + 1L));
    }
    return placed;
  }

  private static <V> List<V> sorted(List<V> values, Function<V, String> key) {
    return values.size() < 2
        ? values
        : values.stream()
            .sorted((one, other) -> key.apply(one).compareTo(key.apply(other)))
            .toList();
  }

  private static List<ScheduledCommand> lastOfEachKey(List<ScheduledCommand> commands) {
    if (commands.size() < 2) {
      return commands;
    }
    Map<String, ScheduledCommand> last = new LinkedHashMap<>();
    commands.forEach(command -> last.put(key(command), command));
    return List.copyOf(last.values());
  }

  static <V> List<String> texts(List<V> values, Function<V, String> text) {
    return values.stream().map(text).toList();
  }

  static String key(ScheduledCommand command) {
    return command.commandName().word() + " " + command.data();
  }

  /**
   * Whether it may fail with an error that a savepoint has to undo: because a concurrent
   * transaction takes a unique key, or because a lease has ended.
   */
  public boolean needsSavepoint() {
    return update == null
        ? !added.isEmpty()
        : !update.isGuarded()
            || update.renames()
            || update.lease() != null
            || !added.isEmpty()
            || !subscriptions.isEmpty()
            || !created.isEmpty()
            || !events.isEmpty()
            || !commands.isEmpty();
  }

  /** Whether it may make processed events unprocessed again. */
  public boolean replays() {
    return !subscriptions.isEmpty()
        || (update != null && update.revives() && !update.endsAllSubscriptions());
  }

  /** Returns the keys that it writes and that must be unique, each with its kind. */
  public List<String> keys() {
    List<String> keys = new ArrayList<>();
    if (update != null) {
      keys.add("w" + update.instance().id());
      if (update.renames()) {
        keys.add("n" + update.instance().name());
      }
    }
    added.forEach(pointer -> keys.add("p" + pointer.id()));
    created.forEach(
        instance -> {
          keys.add("w" + instance.id());
          keys.add("n" + instance.name());
        });
    subscriptions.forEach(subscription -> keys.add("s" + subscription.id()));
    events.forEach(event -> keys.add("e" + event.id()));
    commands.forEach(command -> keys.add("c" + key(command)));
    return keys;
  }

  /** Returns the ids that it is about, for error messages. */
  public List<String> ids() {
    List<String> ids = new ArrayList<>();
    if (update != null) {
      ids.add(update.instance().id());
    }
    subscriptions.forEach(subscription -> ids.add(subscription.id()));
    created.forEach(instance -> ids.add(instance.id()));
    events.forEach(event -> ids.add(event.id()));
    return ids;
  }
}
