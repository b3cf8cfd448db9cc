package dev.wfe.postgres.internal.repository;

import com.fasterxml.jackson.databind.node.TextNode;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.LiveWorkflow;
import dev.wfe.model.Revision;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.InvalidValueException;
import dev.wfe.persistence.ValueLimits;
import dev.wfe.postgres.internal.mapping.Positions;
import dev.wfe.postgres.internal.mapping.StoredWorkflow;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The version of a workflow's row that a value was read from, with the stored value, so that a
 * persist sends only what changed. The revision of a live part knows the pointers that the part
 * shows; the instance may have others. Immutable.
 */
final class PostgresRevision implements Revision {
  private static final int NO_STEP = -1;

  private final String text;
  private final WorkflowInstance stored;
  private final Positions positions;
  private final boolean partial;
  private final long lastPosition;

  private PostgresRevision(
      String text,
      WorkflowInstance stored,
      Positions positions,
      boolean partial,
      long lastPosition) {
    this.text = text;
    this.stored = stored;
    this.positions = positions;
    this.partial = partial;
    this.lastPosition = lastPosition;
  }

  /** Returns the revision of a whole instance. */
  private static PostgresRevision ofWhole(
      String text, WorkflowInstance stored, Positions positions) {
    return new PostgresRevision(text, stored, positions, false, positions.last());
  }

  static WorkflowInstance withRevision(StoredWorkflow stored) {
    return withRevision(stored.instance(), stored.revision(), stored.positions());
  }

  /** Returns the stored instance with a new revision in place of its old one. */
  static WorkflowInstance withRevision(
      WorkflowInstance instance, String text, Positions positions) {
    WorkflowInstance.Builder builder = instance.toBuilder();
    WorkflowInstance stored = builder.revision(null).build();
    return builder.revision(ofWhole(text, stored, positions)).build();
  }

  /** Returns the live part as it was read. */
  static LiveWorkflow livePart(StoredWorkflow shown, long lastPosition) {
    return livePart(shown.instance(), shown.revision(), shown.positions(), lastPosition);
  }

  /**
   * Returns the live part of an instance with a new revision in place of its old one.
   *
   * @param shown the instance's fields and the pointers of the live part
   * @param positions the positions of these pointers
   * @param lastPosition the greatest position of all stored pointers of the instance; 0 if there
   *     are none
   */
  static LiveWorkflow livePart(
      WorkflowInstance shown, String text, Positions positions, long lastPosition) {
    WorkflowInstance.Builder builder = shown.toBuilder();
    WorkflowInstance stored = builder.revision(null).build();
    return LiveWorkflow.of(
        builder
            .revision(new PostgresRevision(text, stored, positions, true, lastPosition))
            .build());
  }

  /**
   * Returns the instance with a revision that makes a persist send every part of it. The instance
   * comes from entities that the application may have changed, so the stored values are unknown,
   * except for the ids of the pointers. The workflow counts as ended, so that a persist which
   * revives it replays events; the statement checks the stored status.
   */
  static WorkflowInstance forFullWrite(
      WorkflowInstance instance, String text, Positions positions) {
    WorkflowInstance.Builder builder = instance.toBuilder();
    WorkflowInstance differingEverywhere =
        builder
            .revision(null)
            .name("")
            .status(WorkflowStatus.COMPLETE)
            .data(new TextNode(UUID.randomUUID().toString()))
            .executionPointers(
                instance.executionPointers().stream()
                    .map(pointer -> ExecutionPointer.builder(pointer.id(), NO_STEP).build())
                    .toList())
            .build();
    return instance.toBuilder().revision(ofWhole(text, differingEverywhere, positions)).build();
  }

  /**
   * Returns the instance's revision; null for an instance that was not read from a store.
   *
   * @throws InvalidValueException if the revision comes from another kind of provider, or is that
   *     of a live part, so that the value may lack stored pointers
   */
  static @Nullable PostgresRevision of(WorkflowInstance instance) {
    ValueLimits.checkRevision(instance, PostgresRevision.class);
    PostgresRevision revision = (PostgresRevision) instance.revision();
    if (revision != null && revision.partial) {
      throw new InvalidValueException(
          "WorkflowInstance",
          instance.id(),
          "revision",
          "belongs to the live part of the instance, which may lack pointers; use write");
    }
    return revision;
  }

  /**
   * Returns the revision of a whole instance or of a live part; null for a value that was not read
   * from a store.
   *
   * @throws InvalidValueException if the revision comes from another kind of provider
   */
  static @Nullable PostgresRevision of(LiveWorkflow workflow) {
    ValueLimits.checkRevision(workflow, PostgresRevision.class);
    return (PostgresRevision) workflow.revision();
  }

  /** Returns the text that statements compare. */
  String text() {
    return text;
  }

  /** Whether the instance was read from the same version of the row. */
  boolean isVersionOf(WorkflowInstance instance) {
    PostgresRevision other = of(instance);
    return other != null && text.equals(other.text);
  }

  /** Returns the instance as it was stored, without a revision; of a live part, what it shows. */
  WorkflowInstance stored() {
    return stored;
  }

  /** Returns the positions of the pointers of {@link #stored}, in order. */
  Positions positions() {
    return positions;
  }

  /** Whether the instance may have pointers that {@link #stored} does not contain. */
  boolean isPartial() {
    return partial;
  }

  /** Returns the greatest position of all pointers of the instance; 0 if there are none. */
  long lastPosition() {
    return lastPosition;
  }

  @Override
  public String toString() {
    return "PostgresRevision[" + text + "]";
  }
}
