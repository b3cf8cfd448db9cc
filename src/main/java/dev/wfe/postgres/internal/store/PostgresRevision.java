package dev.wfe.postgres.internal.store;

import com.fasterxml.jackson.databind.JsonNode;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.Revision;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.InvalidValueException;
import dev.wfe.postgres.internal.mapping.StoredWorkflow;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The version of a workflow's row, and what stood in the rows that may not need to be sent again.
 * {@code xmin} alone is shared by two updates of one transaction, {@code ctid} alone may be used
 * again: together they name one version. Immutable.
 */
final class PostgresRevision implements Revision {
  private final String xmin;
  private final String ctid;
  private final JsonNode data;
  private final List<ExecutionPointer> pointers;
  private final List<@Nullable Long> positions;

  PostgresRevision(
      String xmin, String ctid, WorkflowInstance stored, List<@Nullable Long> positions) {
    this.xmin = xmin;
    this.ctid = ctid;
    this.data = stored.data();
    this.pointers = stored.executionPointers();
    this.positions = positions;
  }

  static WorkflowInstance revised(StoredWorkflow stored) {
    return stored.instance().toBuilder()
        .revision(
            new PostgresRevision(
                stored.xmin(), stored.ctid(), stored.instance(), stored.positions()))
        .build();
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

  boolean holds(JsonNode otherData) {
    return Objects.equals(data, otherData);
  }

  List<ExecutionPointer> pointers() {
    return pointers;
  }

  List<@Nullable Long> positions() {
    return positions;
  }

  @Override
  public String toString() {
    return "PostgresRevision[xmin=" + xmin + ", ctid=" + ctid + "]";
  }
}
