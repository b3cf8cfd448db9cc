package dev.wfe.postgres.entity;

import com.fasterxml.jackson.databind.JsonNode;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import org.hibernate.annotations.JdbcType;
import org.hibernate.annotations.Type;
import org.jspecify.annotations.Nullable;

/** A subscription to events: one row of {@code event_subscriptions}. */
@Entity
@Table(schema = StoreNamingStrategy.MAPPED_SCHEMA, name = "event_subscriptions")
public class EventSubscriptionEntity {
  @Id
  @Column(name = "id", nullable = false, updatable = false, columnDefinition = "text")
  private String id;

  @Column(name = "workflow_id", nullable = false, columnDefinition = "text")
  private String workflowId;

  @Column(name = "step_id", nullable = false)
  private int stepId;

  @Column(name = "execution_pointer_id", nullable = false, columnDefinition = "text")
  private String executionPointerId;

  @Column(name = "event_name", nullable = false, columnDefinition = "text")
  private String eventName;

  @Column(name = "event_key", nullable = false, columnDefinition = "text")
  private String eventKey;

  @JdbcType(InstantJdbcType.class)
  @Column(name = "subscribe_as_of", nullable = false)
  private Instant subscribeAsOf;

  @Type(JsonColumn.class)
  @Column(name = "excluded_event_ids", columnDefinition = "jsonb")
  private @Nullable JsonNode excludedEventIds;

  @Type(JsonColumn.class)
  @Column(name = "subscription_data", columnDefinition = "jsonb")
  private @Nullable JsonNode subscriptionData;

  @Column(name = "external_token", columnDefinition = "text")
  private @Nullable String externalToken;

  @Column(name = "external_worker_id", columnDefinition = "text")
  private @Nullable String externalWorkerId;

  @JdbcType(InstantJdbcType.class)
  @Column(name = "external_token_expiry")
  private @Nullable Instant externalTokenExpiry;

  @JdbcType(InstantJdbcType.class)
  @Column(name = "replay_time", insertable = false, updatable = false)
  private @Nullable Instant replayTime;

  @Column(name = "replay_id", columnDefinition = "text", insertable = false, updatable = false)
  private @Nullable String replayId;

  /** Called by Hibernate. */
  protected EventSubscriptionEntity() {}

  /** A new row with the values of all columns that are not nullable. */
  public EventSubscriptionEntity(
      String id,
      String workflowId,
      int stepId,
      String executionPointerId,
      String eventName,
      String eventKey,
      Instant subscribeAsOf) {
    this.id = id;
    this.workflowId = workflowId;
    this.stepId = stepId;
    this.executionPointerId = executionPointerId;
    this.eventName = eventName;
    this.eventKey = eventKey;
    this.subscribeAsOf = subscribeAsOf;
  }

  /** The primary key. */
  public String getId() {
    return id;
  }

  /** The id of the workflow that waits. Its row may have been deleted. */
  public String getWorkflowId() {
    return workflowId;
  }

  public void setWorkflowId(String workflowId) {
    this.workflowId = workflowId;
  }

  /** The step that waits. */
  public int getStepId() {
    return stepId;
  }

  public void setStepId(int stepId) {
    this.stepId = stepId;
  }

  /** The id of the pointer that waits. */
  public String getExecutionPointerId() {
    return executionPointerId;
  }

  public void setExecutionPointerId(String executionPointerId) {
    this.executionPointerId = executionPointerId;
  }

  /** The name of the events that it covers. */
  public String getEventName() {
    return eventName;
  }

  public void setEventName(String eventName) {
    this.eventName = eventName;
  }

  /** The key of the events that it covers; may be empty. */
  public String getEventKey() {
    return eventKey;
  }

  public void setEventKey(String eventKey) {
    this.eventKey = eventKey;
  }

  /** The earliest time of the events that it covers. */
  public Instant getSubscribeAsOf() {
    return subscribeAsOf;
  }

  public void setSubscribeAsOf(Instant subscribeAsOf) {
    this.subscribeAsOf = subscribeAsOf;
  }

  /** A list of the ids of events that it does not cover; null for none. */
  public @Nullable JsonNode getExcludedEventIds() {
    return excludedEventIds;
  }

  public void setExcludedEventIds(@Nullable JsonNode excludedEventIds) {
    this.excludedEventIds = excludedEventIds;
  }

  /** The subscriber's data, or null. */
  public @Nullable JsonNode getSubscriptionData() {
    return subscriptionData;
  }

  public void setSubscriptionData(@Nullable JsonNode subscriptionData) {
    this.subscriptionData = subscriptionData;
  }

  /** The token of the worker that holds it, or null. A secret: keep it out of logs. */
  public @Nullable String getExternalToken() {
    return externalToken;
  }

  public void setExternalToken(@Nullable String externalToken) {
    this.externalToken = externalToken;
  }

  /** The worker that holds it, or null. */
  public @Nullable String getExternalWorkerId() {
    return externalWorkerId;
  }

  public void setExternalWorkerId(@Nullable String externalWorkerId) {
    this.externalWorkerId = externalWorkerId;
  }

  /** When the token expires, by the database's clock; null for never. */
  public @Nullable Instant getExternalTokenExpiry() {
    return externalTokenExpiry;
  }

  public void setExternalTokenExpiry(@Nullable Instant externalTokenExpiry) {
    this.externalTokenExpiry = externalTokenExpiry;
  }

  /**
   * The time of the last event that was made unprocessed again for this subscription. Together with
   * the event's id it is the position from which the next ones follow. Null if the subscription
   * covers no more processed events. Maintained by the provider.
   */
  public @Nullable Instant getReplayTime() {
    return replayTime;
  }

  /** The id of that event; see {@link #getReplayTime()}. */
  public @Nullable String getReplayId() {
    return replayId;
  }
}
