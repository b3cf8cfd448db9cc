package dev.wfe.postgres.internal.repository;

import com.fasterxml.jackson.databind.node.TextNode;
import dev.wfe.model.ExecutionPointer;
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
 * persist sends only what changed. Immutable.
 */
final class PostgresRevision implements Revision {
  private static final int NO_STEP = -1;

  private final String text;
  private final WorkflowInstance stored;
  private final Positions positions;

  private PostgresRevision(String text, WorkflowInstance stored, Positions positions) {
    this.text = text;
    this.stored = stored;
    this.positions = positions;
  }

  static WorkflowInstance withRevision(StoredWorkflow stored) {
    return withRevision(stored.instance(), stored.revision(), stored.positions());
  }

  /** Returns the stored instance with a new revision in place of its old one. */
  static WorkflowInstance withRevision(
      WorkflowInstance instance, String text, Positions positions) {
    WorkflowInstance.Builder builder = instance.toBuilder();
    WorkflowInstance stored = builder.revision(null).build();
    return builder.revision(new PostgresRevision(text, stored, positions)).build();
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
    return instance.toBuilder()
        .revision(new PostgresRevision(text, differingEverywhere, positions))
        .build();
  }

  /**
   * Returns the instance's revision; null for an instance that was not read from a store.
   *
   * @throws InvalidValueException if the revision comes from another kind of provider
   */
  static @Nullable PostgresRevision of(WorkflowInstance instance) {
    ValueLimits.checkRevision(instance, PostgresRevision.class);
    return (PostgresRevision) instance.revision();
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

  /** Returns the instance as it was stored, without a revision. */
  WorkflowInstance stored() {
    return stored;
  }

  /** Returns the positions of the stored pointers. */
  Positions positions() {
    return positions;
  }

  @Override
  public String toString() {
    return "PostgresRevision[" + text + "]";
  }
}
