package dev.wfe.postgres.internal.store;

import dev.wfe.model.Revision;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.InvalidValueException;
import dev.wfe.postgres.internal.mapping.Positions;
import dev.wfe.postgres.internal.mapping.StoredWorkflow;
import org.jspecify.annotations.Nullable;

/**
 * The version of a workflow's row, and what stood in the rows that may not need to be sent again.
 * {@code xmin} alone is shared by two updates of one transaction, {@code ctid} alone may be used
 * again: together they name one version. Immutable.
 */
final class PostgresRevision implements Revision {
  private final String xmin;
  private final String ctid;
  private final WorkflowInstance stored;
  private final Positions positions;

  private PostgresRevision(String xmin, String ctid, WorkflowInstance stored, Positions positions) {
    this.xmin = xmin;
    this.ctid = ctid;
    this.stored = stored;
    this.positions = positions;
  }

  static WorkflowInstance revised(StoredWorkflow stored) {
    return revised(stored.instance(), stored.xmin(), stored.ctid(), stored.positions());
  }

  /** What is stored now, with the revision that says so instead of the one that it had. */
  static WorkflowInstance revised(
      WorkflowInstance instance, String xmin, String ctid, Positions positions) {
    WorkflowInstance.Builder builder = instance.toBuilder();
    WorkflowInstance stored = builder.revision(null).build();
    return builder.revision(new PostgresRevision(xmin, ctid, stored, positions)).build();
  }

  /**
   * The instance's revision, or null for a value built by hand.
   *
   * @throws InvalidValueException if another kind of store gave it
   */
  static @Nullable PostgresRevision of(WorkflowInstance instance) {
    Revision revision = instance.revision();
    if (revision == null || revision instanceof PostgresRevision) {
      return (PostgresRevision) revision;
    }
    throw new InvalidValueException(
        "WorkflowInstance", instance.id(), "revision", "was given by another kind of store");
  }

  String xmin() {
    return xmin;
  }

  String ctid() {
    return ctid;
  }

  /** Whether the instance, which the store gave, is of the same version of the row. */
  boolean isVersionOf(WorkflowInstance instance) {
    PostgresRevision other = of(instance);
    return other != null && xmin.equals(other.xmin) && ctid.equals(other.ctid);
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
    return "PostgresRevision[xmin=" + xmin + ", ctid=" + ctid + "]";
  }
}
