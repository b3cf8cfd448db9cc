package dev.wfe.postgres.entity;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import org.hibernate.annotations.JdbcType;
import org.jspecify.annotations.Nullable;

/** A host's lease on a workflow: one row of {@code workflow_leases}. */
@Entity
@Table(schema = StoreNamingStrategy.MAPPED_SCHEMA, name = "workflow_leases")
public class WorkflowLeaseEntity {
  @Id
  @Column(name = "workflow_id", nullable = false, updatable = false, columnDefinition = "text")
  private String workflowId;

  @Column(name = "owner", nullable = false, columnDefinition = "text")
  private String owner;

  @Column(name = "epoch", nullable = false)
  private long epoch;

  @Column(name = "attempt", nullable = false)
  private int attempt;

  @JdbcType(InstantJdbcType.class)
  @Column(name = "expires_at", nullable = false)
  private Instant expiresAt;

  @Column(name = "limit_definition", columnDefinition = "text")
  private @Nullable String limitDefinition;

  @Column(name = "limit_key", columnDefinition = "text")
  private @Nullable String limitKey;

  /** Called by Hibernate. */
  protected WorkflowLeaseEntity() {}

  /** A new row with the values of all columns that are not nullable. */
  public WorkflowLeaseEntity(
      String workflowId, String owner, long epoch, int attempt, Instant expiresAt) {
    this.workflowId = workflowId;
    this.owner = owner;
    this.epoch = epoch;
    this.attempt = attempt;
    this.expiresAt = expiresAt;
  }

  /** The primary key: the id of the leased workflow. */
  public String getWorkflowId() {
    return workflowId;
  }

  /** The host that has the lease. */
  public String getOwner() {
    return owner;
  }

  public void setOwner(String owner) {
    this.owner = owner;
  }

  /** The random number of the call that took the lease. */
  public long getEpoch() {
    return epoch;
  }

  public void setEpoch(long epoch) {
    this.epoch = epoch;
  }

  /** How many leases were taken since the last write that kept the lease. */
  public int getAttempt() {
    return attempt;
  }

  public void setAttempt(int attempt) {
    this.attempt = attempt;
  }

  /** When the lease expires unless it is renewed, by the database's clock. */
  public Instant getExpiresAt() {
    return expiresAt;
  }

  public void setExpiresAt(Instant expiresAt) {
    this.expiresAt = expiresAt;
  }

  /** The definition whose limits the lease counts against, or null. */
  public @Nullable String getLimitDefinition() {
    return limitDefinition;
  }

  public void setLimitDefinition(@Nullable String limitDefinition) {
    this.limitDefinition = limitDefinition;
  }

  /** The limit key of the workflow, if the lease counts against a limit; otherwise null. */
  public @Nullable String getLimitKey() {
    return limitKey;
  }

  public void setLimitKey(@Nullable String limitKey) {
    this.limitKey = limitKey;
  }
}
