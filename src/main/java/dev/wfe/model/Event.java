package dev.wfe.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.node.NullNode;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Something that happened outside, published under a name and key.
 *
 * @param id unique; empty lets the store assign a time-ordered UUID (version 7).
 * @param eventName what kind of thing happened.
 * @param eventKey to which thing it happened; may be empty.
 * @param eventData what it carries; JSON null by default.
 * @param eventTime when it happened, cut to the microsecond; null lets the store stamp it by its
 *     clock when it is created. A stored event has a time.
 * @param processed whether hosts are done with it.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Event(
    String id,
    String eventName,
    String eventKey,
    @JsonDeserialize(using = ImmutableJson.Deserializer.class) JsonNode eventData,
    @Nullable Instant eventTime,
    boolean processed) {
  /** Copies lists and JSON. The limits are checked when the value is written. */
  public Event {
    id = id == null ? "" : id;
    eventData = ImmutableJson.of(eventData);
    eventTime = Times.cutNullable(eventTime);
  }

  /** A builder of an unprocessed event, whose time the store stamps. */
  public static Builder builder(String eventName, String eventKey) {
    return new Builder(eventName, eventKey);
  }

  /** A builder that starts from this value. */
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

    /** Sets {@code id}: unique; empty lets the store assign a time-ordered UUID (version 7). */
    public Builder id(String id) {
      this.id = id;
      return this;
    }

    /** Sets {@code eventName}: what kind of thing happened. */
    public Builder eventName(String eventName) {
      this.eventName = eventName;
      return this;
    }

    /** Sets {@code eventKey}: to which thing it happened; may be empty. */
    public Builder eventKey(String eventKey) {
      this.eventKey = eventKey;
      return this;
    }

    /** Sets {@code eventData}: what it carries; JSON null by default. */
    public Builder eventData(JsonNode eventData) {
      this.eventData = eventData;
      return this;
    }

    /** Sets {@code eventTime}: when it happened; null, the default, lets the store stamp it. */
    public Builder eventTime(@Nullable Instant eventTime) {
      this.eventTime = eventTime;
      return this;
    }

    /** Sets {@code processed}: whether hosts are done with it. */
    public Builder processed(boolean processed) {
      this.processed = processed;
      return this;
    }

    /** The value; the builder may be used further. */
    public Event build() {
      return new Event(id, eventName, eventKey, eventData, eventTime, processed);
    }
  }
}
