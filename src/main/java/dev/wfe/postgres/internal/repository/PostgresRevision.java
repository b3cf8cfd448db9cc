package dev.wfe.postgres.internal.repository;

import com.fasterxml.jackson.databind.node.TextNode;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.Revision;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.InvalidValueException;
import dev.wfe.persistence.ValueLimits;
import dev.wfe.postgres.internal.mapping.Positions;
import dev.wfe.postgres.internal.mapping.StoredWorkflow;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Which version of a workflow's row a value was read from, and what stood in the rows that may not
 * need to be sent again. Immutable.
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

  static WorkflowInstance revised(StoredWorkflow stored) {
    return revised(stored.instance(), stored.revision(), stored.positions());
  }

  /** What is stored now, with the revision that says so instead of the one that it had. */
  static WorkflowInstance revised(WorkflowInstance instance, String text, Positions positions) {
    WorkflowInstance.Builder builder = instance.toBuilder();
    WorkflowInstance stored = builder.revision(null).build();
    return builder.revision(new PostgresRevision(text, stored, positions)).build();
  }

  /**
   * The instance at a revision, where nobody knows whether the rows still hold what it shows: every
   * part of it is sent when it is persisted. Only the ids of the pointers are known.
   */
  static WorkflowInstance unknown(WorkflowInstance instance, String text, Positions positions) {
    WorkflowInstance.Builder builder = instance.toBuilder();
    WorkflowInstance nothingEqual =
        builder
            .revision(null)
            .name("")
            .data(new TextNode(UUID.randomUUID().toString()))
            .executionPointers(
                instance.executionPointers().stream()
                    .map(pointer -> ExecutionPointer.builder(pointer.id(), NO_STEP).build())
                    .toList())
            .build();
    return instance.toBuilder()
        .revision(new PostgresRevision(text, nothingEqual, positions))
        .build();
  }

  /**
   * The instance's revision, or null for a value built by hand.
   *
   * @throws InvalidValueException if another kind of store gave it
   */
  static @Nullable PostgresRevision of(WorkflowInstance instance) {
    ValueLimits.checkRevision(instance, PostgresRevision.class);
    return (PostgresRevision) instance.revision();
  }

  /** As statements compare it. */
  String text() {
    return text;
  }

  /** Whether the instance, which the store gave, is of the same version of the row. */
  boolean isVersionOf(WorkflowInstance instance) {
    PostgresRevision other = of(instance);
    return other != null && text.equals(other.text);
  }

  /** The instance as it was stored, without a revision. */
  WorkflowInstance stored() {
    return stored;
  }

  /** The positions of its pointers. */
  Positions positions() {
    return positions;
  }

  @Override
  public String toString() {
    return "PostgresRevision[" + text + "]";
  }
}
