package dev.wfe.postgres.entity;

import com.fasterxml.jackson.databind.JsonNode;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.FetchType;
import jakarta.persistence.Id;
import jakarta.persistence.JoinColumn;
import jakarta.persistence.ManyToOne;
import jakarta.persistence.Table;
import java.time.Instant;
import org.hibernate.annotations.ColumnDefault;
import org.hibernate.annotations.DynamicInsert;
import org.hibernate.annotations.Formula;
import org.hibernate.annotations.JdbcType;
import org.hibernate.annotations.Type;
import org.jspecify.annotations.Nullable;

/** The state of one step of a workflow: one row of {@code execution_pointers}. */
@Entity
@Table(schema = StoreNamingStrategy.MAPPED_SCHEMA, name = "execution_pointers")
@DynamicInsert
public class ExecutionPointerEntity {
  @Id
  @Column(name = "id", nullable = false, updatable = false, columnDefinition = "text")
  private String id;

  @Column(name = "workflow_id", nullable = false, columnDefinition = "text")
  private String workflowId;

  @Column(name = "step_id", nullable = false)
  private int stepId;

  @ColumnDefault("true")
  @Column(name = "active", nullable = false)
  private boolean active;

  @Column(name = "status", nullable = false, columnDefinition = "text")
  private String status;

  @JdbcType(InstantJdbcType.class)
  @Column(name = "sleep_until")
  private @Nullable Instant sleepUntil;

  @Type(JsonColumn.class)
  @Column(name = "persistence_data", columnDefinition = "jsonb")
  private @Nullable JsonNode persistenceData;

  @JdbcType(InstantJdbcType.class)
  @Column(name = "start_time")
  private @Nullable Instant startTime;

  @JdbcType(InstantJdbcType.class)
  @Column(name = "end_time")
  private @Nullable Instant endTime;

  @Column(name = "event_name", columnDefinition = "text")
  private @Nullable String eventName;

  @Column(name = "event_key", columnDefinition = "text")
  private @Nullable String eventKey;

  @ColumnDefault("false")
  @Column(name = "event_published")
  private @Nullable Boolean eventPublished;

  @Type(JsonColumn.class)
  @Column(name = "event_data", columnDefinition = "jsonb")
  private @Nullable JsonNode eventData;

  @Column(name = "step_name", columnDefinition = "text")
  private @Nullable String stepName;

  @ColumnDefault("0")
  @Column(name = "retry_count")
  private @Nullable Integer retryCount;

  @Type(JsonColumn.class)
  @ColumnDefault("'[]'")
  @Column(name = "children", columnDefinition = "jsonb")
  private @Nullable JsonNode children;

  @Type(JsonColumn.class)
  @Column(name = "context_item", columnDefinition = "jsonb")
  private @Nullable JsonNode contextItem;

  @Column(name = "predecessor_id", columnDefinition = "text")
  private @Nullable String predecessorId;

  @Type(JsonColumn.class)
  @Column(name = "outcome", columnDefinition = "jsonb")
  private @Nullable JsonNode outcome;

  @Type(JsonColumn.class)
  @ColumnDefault("'[]'")
  @Column(name = "scope", columnDefinition = "jsonb")
  private @Nullable JsonNode scope;

  @Type(JsonColumn.class)
  @ColumnDefault("'{}'")
  @Column(name = "extension_attributes", columnDefinition = "jsonb")
  private @Nullable JsonNode extensionAttributes;

  @ColumnDefault("nextval('execution_pointers_position_seq')")
  @Column(name = "position")
  private @Nullable Long position;

  @JdbcType(InstantJdbcType.class)
  @Formula("pg_catalog.statement_timestamp()")
  private @Nullable Instant readAt;

  @ManyToOne(fetch = FetchType.LAZY, optional = false)
  @JoinColumn(
      name = "workflow_id",
      nullable = false,
      insertable = false,
      updatable = false,
      columnDefinition = "text")
  private @Nullable WorkflowEntity workflow;

  /** Called by Hibernate. */
  protected ExecutionPointerEntity() {}

  /** A new row with the values of all columns that are not nullable. */
  public ExecutionPointerEntity(
      String id, String workflowId, int stepId, boolean active, String status) {
    this.id = id;
    this.workflowId = workflowId;
    this.stepId = stepId;
    this.active = active;
    this.status = status;
  }

  /** The primary key. */
  public String getId() {
    return id;
  }

  /** The id of the workflow that it belongs to. */
  public String getWorkflowId() {
    return workflowId;
  }

  public void setWorkflowId(String workflowId) {
    this.workflowId = workflowId;
  }

  /** The step of the definition. */
  public int getStepId() {
    return stepId;
  }

  public void setStepId(int stepId) {
    this.stepId = stepId;
  }

  /** Whether hosts execute the step. */
  public boolean isActive() {
    return active;
  }

  public void setActive(boolean active) {
    this.active = active;
  }

  /** The status as the stored word, such as Pending or WaitingForEvent. */
  public String getStatus() {
    return status;
  }

  public void setStatus(String status) {
    this.status = status;
  }

  /** When a sleeping step wakes up, or null. */
  public @Nullable Instant getSleepUntil() {
    return sleepUntil;
  }

  public void setSleepUntil(@Nullable Instant sleepUntil) {
    this.sleepUntil = sleepUntil;
  }

  /** Data that the step keeps between executions, or null. */
  public @Nullable JsonNode getPersistenceData() {
    return persistenceData;
  }

  public void setPersistenceData(@Nullable JsonNode persistenceData) {
    this.persistenceData = persistenceData;
  }

  /** When it started, or null. */
  public @Nullable Instant getStartTime() {
    return startTime;
  }

  public void setStartTime(@Nullable Instant startTime) {
    this.startTime = startTime;
  }

  /** When it ended, or null. */
  public @Nullable Instant getEndTime() {
    return endTime;
  }

  public void setEndTime(@Nullable Instant endTime) {
    this.endTime = endTime;
  }

  /** The name of the event that it waits for, or null. */
  public @Nullable String getEventName() {
    return eventName;
  }

  public void setEventName(@Nullable String eventName) {
    this.eventName = eventName;
  }

  /** The key of the event that it waits for, or null. */
  public @Nullable String getEventKey() {
    return eventKey;
  }

  public void setEventKey(@Nullable String eventKey) {
    this.eventKey = eventKey;
  }

  /** Whether its event was delivered to it; null means false. */
  public @Nullable Boolean getEventPublished() {
    return eventPublished;
  }

  public void setEventPublished(@Nullable Boolean eventPublished) {
    this.eventPublished = eventPublished;
  }

  /** The payload of its event, or null. */
  public @Nullable JsonNode getEventData() {
    return eventData;
  }

  public void setEventData(@Nullable JsonNode eventData) {
    this.eventData = eventData;
  }

  /** The name of the step, or null. */
  public @Nullable String getStepName() {
    return stepName;
  }

  public void setStepName(@Nullable String stepName) {
    this.stepName = stepName;
  }

  /** How often it was retried; null means 0. */
  public @Nullable Integer getRetryCount() {
    return retryCount;
  }

  public void setRetryCount(@Nullable Integer retryCount) {
    this.retryCount = retryCount;
  }

  /** A JSON array with the ids of its children; null means none. */
  public @Nullable JsonNode getChildren() {
    return children;
  }

  public void setChildren(@Nullable JsonNode children) {
    this.children = children;
  }

  /** The item of a loop that it works on, or null. */
  public @Nullable JsonNode getContextItem() {
    return contextItem;
  }

  public void setContextItem(@Nullable JsonNode contextItem) {
    this.contextItem = contextItem;
  }

  /** The id of the pointer before it, or null. */
  public @Nullable String getPredecessorId() {
    return predecessorId;
  }

  public void setPredecessorId(@Nullable String predecessorId) {
    this.predecessorId = predecessorId;
  }

  /** What the step returned, or null. */
  public @Nullable JsonNode getOutcome() {
    return outcome;
  }

  public void setOutcome(@Nullable JsonNode outcome) {
    this.outcome = outcome;
  }

  /**
   * A JSON array with the ids of the pointers that enclose it, outermost first; null means none.
   */
  public @Nullable JsonNode getScope() {
    return scope;
  }

  public void setScope(@Nullable JsonNode scope) {
    this.scope = scope;
  }

  /** A JSON object with further attributes; null means none. */
  public @Nullable JsonNode getExtensionAttributes() {
    return extensionAttributes;
  }

  public void setExtensionAttributes(@Nullable JsonNode extensionAttributes) {
    this.extensionAttributes = extensionAttributes;
  }

  /**
   * Its position among the pointers of its workflow, ascending; null sorts first. The database
   * assigns a position to a new row without one.
   */
  public @Nullable Long getPosition() {
    return position;
  }

  public void setPosition(@Nullable Long position) {
    this.position = position;
  }

  /**
   * When the statement that read this entity began, by the database's clock; null if it was not
   * read from the database.
   */
  public @Nullable Instant getReadAt() {
    return readAt;
  }

  /**
   * The workflow that it belongs to. Loaded lazily and read-only; null if this entity was not read
   * from the database.
   */
  public @Nullable WorkflowEntity getWorkflow() {
    return workflow;
  }
}
