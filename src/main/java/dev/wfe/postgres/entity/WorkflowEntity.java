package dev.wfe.postgres.entity;

import com.fasterxml.jackson.databind.JsonNode;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.OneToMany;
import jakarta.persistence.OrderBy;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.hibernate.annotations.ColumnDefault;
import org.hibernate.annotations.Formula;
import org.hibernate.annotations.JdbcType;
import org.hibernate.annotations.Type;
import org.jspecify.annotations.Nullable;

/** A workflow instance without its pointers: one row of {@code workflows}. */
@Entity
@Table(schema = StoreNamingStrategy.MAPPED_SCHEMA, name = "workflows")
public class WorkflowEntity {
  @Id
  @Column(name = "id", nullable = false, updatable = false, columnDefinition = "text")
  private String id;

  @Column(name = "name", nullable = false, unique = true, columnDefinition = "text")
  private String name;

  @Column(name = "root_workflow_id", columnDefinition = "text")
  private @Nullable String rootWorkflowId;

  @Column(name = "definition_id", nullable = false, columnDefinition = "text")
  private String definitionId;

  @Column(name = "version", nullable = false)
  private int version;

  @Column(name = "description", columnDefinition = "text")
  private @Nullable String description;

  @Column(name = "reference", columnDefinition = "text")
  private @Nullable String reference;

  @Column(name = "status", nullable = false, columnDefinition = "text")
  private String status;

  @Type(JsonColumn.class)
  @ColumnDefault("'{}'")
  @Column(name = "data", nullable = false, columnDefinition = "jsonb")
  private JsonNode data;

  @Column(name = "next_execution")
  private @Nullable Long nextExecution;

  @JdbcType(InstantJdbcType.class)
  @Column(name = "create_time", nullable = false)
  private Instant createTime;

  @JdbcType(InstantJdbcType.class)
  @Column(name = "complete_time")
  private @Nullable Instant completeTime;

  @JdbcType(InstantJdbcType.class)
  @Column(name = "last_heartbeat_at")
  private @Nullable Instant lastHeartbeatAt;

  @ColumnDefault("0")
  @Column(name = "priority", nullable = false)
  private int priority;

  @Column(name = "limit_key", columnDefinition = "text")
  private @Nullable String limitKey;

  @Formula("xmin")
  private @Nullable String xmin;

  @Formula("ctid")
  private @Nullable String ctid;

  @JdbcType(InstantJdbcType.class)
  @Formula("last_heartbeat_at")
  private @Nullable Instant heartbeatAtRead;

  @JdbcType(InstantJdbcType.class)
  @Formula("pg_catalog.statement_timestamp()")
  private @Nullable Instant readAt;

  @OneToMany(mappedBy = "workflow")
  @OrderBy("position asc nulls first")
  private List<ExecutionPointerEntity> executionPointers = new ArrayList<>();

  /** Called by Hibernate. */
  protected WorkflowEntity() {}

  /** A new row with the values of all columns that are not nullable. */
  public WorkflowEntity(
      String id,
      String name,
      String definitionId,
      int version,
      String status,
      JsonNode data,
      Instant createTime) {
    this.id = id;
    this.name = name;
    this.definitionId = definitionId;
    this.version = version;
    this.status = status;
    this.data = data;
    this.createTime = createTime;
  }

  /** The primary key. */
  public String getId() {
    return id;
  }

  /** The unique name. */
  public String getName() {
    return name;
  }

  public void setName(String name) {
    this.name = name;
  }

  /** The id of the top-level ancestor, or null. */
  public @Nullable String getRootWorkflowId() {
    return rootWorkflowId;
  }

  public void setRootWorkflowId(@Nullable String rootWorkflowId) {
    this.rootWorkflowId = rootWorkflowId;
  }

  /** The id of the definition that it runs. */
  public String getDefinitionId() {
    return definitionId;
  }

  public void setDefinitionId(String definitionId) {
    this.definitionId = definitionId;
  }

  /** The version of the definition. */
  public int getVersion() {
    return version;
  }

  public void setVersion(int version) {
    this.version = version;
  }

  /** Free text, or null. */
  public @Nullable String getDescription() {
    return description;
  }

  public void setDescription(@Nullable String description) {
    this.description = description;
  }

  /** Free text by which it can be found, or null. */
  public @Nullable String getReference() {
    return reference;
  }

  public void setReference(@Nullable String reference) {
    this.reference = reference;
  }

  /** The status as the stored word: Runnable, Suspended, Complete or Terminated. */
  public String getStatus() {
    return status;
  }

  public void setStatus(String status) {
    this.status = status;
  }

  /** The workflow's data. */
  public JsonNode getData() {
    return data;
  }

  public void setData(JsonNode data) {
    this.data = data;
  }

  /** When it is due, in epoch milliseconds, or null if it is not scheduled. */
  public @Nullable Long getNextExecution() {
    return nextExecution;
  }

  public void setNextExecution(@Nullable Long nextExecution) {
    this.nextExecution = nextExecution;
  }

  /** When it was created. */
  public Instant getCreateTime() {
    return createTime;
  }

  public void setCreateTime(Instant createTime) {
    this.createTime = createTime;
  }

  /** When it ended, or null. */
  public @Nullable Instant getCompleteTime() {
    return completeTime;
  }

  public void setCompleteTime(@Nullable Instant completeTime) {
    this.completeTime = completeTime;
  }

  /** When it was last persisted, or null. */
  public @Nullable Instant getLastHeartbeatAt() {
    return lastHeartbeatAt;
  }

  public void setLastHeartbeatAt(@Nullable Instant lastHeartbeatAt) {
    this.lastHeartbeatAt = lastHeartbeatAt;
  }

  /** Its priority as the stored number: 1 is high, 0 normal, -1 low. */
  public int getPriority() {
    return priority;
  }

  public void setPriority(int priority) {
    this.priority = priority;
  }

  /** The key by which a host may limit how many are executed at a time, or null. */
  public @Nullable String getLimitKey() {
    return limitKey;
  }

  public void setLimitKey(@Nullable String limitKey) {
    this.limitKey = limitKey;
  }

  /**
   * The version of the row from which this entity was read; null if it was not read from the
   * database. A flush of changes creates another version, which is visible here after the entity is
   * refreshed.
   */
  public @Nullable RowVersion getRowVersion() {
    return xmin == null || ctid == null || readAt == null
        ? null
        : new RowVersion(xmin, ctid, heartbeatAtRead, readAt);
  }

  /** The pointers in order. Loaded lazily and read-only. */
  public List<ExecutionPointerEntity> getExecutionPointers() {
    return Collections.unmodifiableList(executionPointers);
  }
}
