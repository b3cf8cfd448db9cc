package dev.wfe.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.node.NullNode;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Something that happened outside the workflows, published with a name and a key.
 *
 * @param id unique; if empty, a time-ordered UUID (version 7) is assigned on create.
 * @param eventName the kind of event.
 * @param eventKey what the event is about, such as an order number; may be empty.
 * @param eventData its payload; JSON null by default.
 * @param eventTime when it happened, truncated to microseconds; if null, the database's clock sets
 *     it on create. A stored event always has a time.
 * @param processed whether hosts have delivered it.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Event(
    String id,
    String eventName,
    String eventKey,
    @JsonDeserialize(using = ImmutableJson.Deserializer.class) JsonNode eventData,
    @Nullable Instant eventTime,
    boolean processed) {
  /** Copies and normalises the fields. Limits are checked when the value is written. */
  public Event {
    id = id == null ? "" : id;
    eventData = ImmutableJson.of(eventData);
    eventTime = Times.cutNullable(eventTime);
  }

  /** A builder of an unprocessed event whose time is set by the database's clock. */
  public static Builder builder(String eventName, String eventKey) {
    return new Builder(eventName, eventKey);
  }

  /** A builder with the fields of this value. */
  public Builder toBuilder() {
    Builder builder = new Builder(eventName, eventKey);
    builder.id = id;
    builder.eventData = eventData;
    builder.eventTime = eventTime;
    builder.processed = processed;
    return builder;
  }

  /** Builds {@link Event}; not thread-safe. */
  public static final class Builder {
    private String id = "";
    private String eventName;
    private String eventKey;
    private JsonNode eventData = NullNode.getInstance();
    private @Nullable Instant eventTime;
    private boolean processed = false;

    private Builder(String eventName, String eventKey) {
      this.eventName = eventName;
      this.eventKey = eventKey;
    }

    /** Sets {@code id}: unique; if empty, a time-ordered UUID (version 7) is assigned on create. */
    public Builder id(String id) {
      this.id = id;
      return this;
    }

    /** Sets {@code eventName}: the kind of event. */
    public Builder eventName(String eventName) {
      this.eventName = eventName;
      return this;
    }

    /** Sets {@code eventKey}: what the event is about, such as an order number; may be empty. */
    public Builder eventKey(String eventKey) {
      this.eventKey = eventKey;
      return this;
    }

    /** Sets {@code eventData}: its payload; JSON null by default. */
    public Builder eventData(JsonNode eventData) {
      this.eventData = eventData;
      return this;
    }

    /**
     * Sets {@code eventTime}: when it happened; if null, the default, the database's clock sets it
     * on create.
     */
    public Builder eventTime(@Nullable Instant eventTime) {
      this.eventTime = eventTime;
      return this;
    }

    /** Sets {@code processed}: whether hosts have delivered it. */
    public Builder processed(boolean processed) {
      this.processed = processed;
      return this;
    }

    /** Builds the value. The builder can be used again. */
    public Event build() {
      return new Event(id, eventName, eventKey, eventData, eventTime, processed);
    }
  }
}
