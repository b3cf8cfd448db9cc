package dev.wfe.persistence;

import dev.wfe.model.WorkflowStatus;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A workflow as a list shows it: without data, description and pointers.
 *
 * @param id the id
 * @param name the unique name
 * @param rootWorkflowId the id of the top-level ancestor, or null
 * @param workflowDefinitionId the id of the definition
 * @param version the version of the definition
 * @param reference free text by which it can be found, or null
 * @param status the status
 * @param nextExecution when it is due, in epoch milliseconds; null if it is not scheduled
 * @param createTime when it was created
 * @param completeTime when it ended, or null
 * @param lastHeartbeatAt when it was written last, by the database's clock; null if no program that
 *     sets the time has written it
 * @param lease the lease on it that had not expired when it was read, or null
 */
public record WorkflowSummary(
    String id,
    String name,
    @Nullable String rootWorkflowId,
    String workflowDefinitionId,
    int version,
    @Nullable String reference,
    WorkflowStatus status,
    @Nullable Long nextExecution,
    Instant createTime,
    @Nullable Instant completeTime,
    @Nullable Instant lastHeartbeatAt,
    @Nullable HeldLease lease) {
  /**
   * A lease that a host has.
   *
   * @param owner the host
   * @param expiresAt when it expires unless it is renewed, by the database's clock
   */
  public record HeldLease(String owner, Instant expiresAt) {}
}
