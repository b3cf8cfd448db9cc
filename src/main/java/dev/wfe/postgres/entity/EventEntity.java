package dev.wfe.postgres.entity;

import com.fasterxml.jackson.databind.JsonNode;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import org.hibernate.annotations.ColumnDefault;
import org.hibernate.annotations.DynamicInsert;
import org.hibernate.annotations.JdbcType;
import org.hibernate.annotations.Type;
import org.jspecify.annotations.Nullable;

/** A published event: one row of {@code events}. */
@Entity
@Table(schema = StoreNamingStrategy.MAPPED_SCHEMA, name = "events")
@DynamicInsert
public class EventEntity {
  @Id
  @Column(name = "id", nullable = false, updatable = false, columnDefinition = "text")
  private String id;

  @Column(name = "event_name", nullable = false, columnDefinition = "text")
  private String eventName;

  @Column(name = "event_key", nullable = false, columnDefinition = "text")
  private String eventKey;

  @Type(JsonColumn.class)
  @ColumnDefault("'null'")
  @Column(name = "event_data", nullable = false, columnDefinition = "jsonb")
  private JsonNode eventData;

  @JdbcType(InstantJdbcType.class)
  @Column(name = "event_time", nullable = false)
  private Instant eventTime;

  @ColumnDefault("false")
  @Column(name = "is_processed")
  private @Nullable Boolean processed;

  /** Called by Hibernate. */
  protected EventEntity() {}

  /** A new row with the values of all columns that are not nullable. */
  public EventEntity(
      String id, String eventName, String eventKey, JsonNode eventData, Instant eventTime) {
    this.id = id;
    this.eventName = eventName;
    this.eventKey = eventKey;
    this.eventData = eventData;
    this.eventTime = eventTime;
  }

  /** The primary key. */
  public String getId() {
    return id;
  }

  /** The kind of event. */
  public String getEventName() {
    return eventName;
  }

  public void setEventName(String eventName) {
    this.eventName = eventName;
  }

  /** What the event is about, such as an order number; may be empty. */
  public String getEventKey() {
    return eventKey;
  }

  public void setEventKey(String eventKey) {
    this.eventKey = eventKey;
  }

  /** The payload; JSON null if it has none. */
  public JsonNode getEventData() {
    return eventData;
  }

  public void setEventData(JsonNode eventData) {
    this.eventData = eventData;
  }

  /** When it happened. */
  public Instant getEventTime() {
    return eventTime;
  }

  public void setEventTime(Instant eventTime) {
    this.eventTime = eventTime;
  }

  /** Whether it was delivered; null means false. */
  public @Nullable Boolean getProcessed() {
    return processed;
  }

  public void setProcessed(@Nullable Boolean processed) {
    this.processed = processed;
  }
}
