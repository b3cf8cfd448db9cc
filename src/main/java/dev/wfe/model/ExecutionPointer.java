package dev.wfe.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The state of one step of a workflow instance.
 *
 * @param id unique in the whole store; a new UUID by default.
 * @param stepId which step of the definition; not negative.
 * @param active whether hosts execute the step; true by default.
 * @param status its status; Pending by default.
 * @param sleepUntil when a sleeping step wakes up, or null.
 * @param persistenceData data that the step keeps between executions, or null.
 * @param startTime when the step started, or null.
 * @param endTime when the step ended, or null.
 * @param eventName the event it waits for, or null.
 * @param eventKey the key of that event, or null.
 * @param eventPublished whether that event was delivered to it.
 * @param eventData the payload of that event, or null.
 * @param stepName a name to display, or null.
 * @param retryCount how often it was retried; not negative.
 * @param children ids of the pointers it started, in order.
 * @param contextItem the item of a loop it works on, or null.
 * @param predecessorId id of the pointer before it, or null.
 * @param outcome what it returned, or null.
 * @param scope ids of the pointers it runs within, outermost first.
 * @param extensionAttributes further attributes, by name.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ExecutionPointer(
    String id,
    int stepId,
    boolean active,
    PointerStatus status,
    @Nullable Instant sleepUntil,
    @JsonDeserialize(using = ImmutableJson.Deserializer.class) @Nullable JsonNode persistenceData,
    @Nullable Instant startTime,
    @Nullable Instant endTime,
    @Nullable String eventName,
    @Nullable String eventKey,
    boolean eventPublished,
    @JsonDeserialize(using = ImmutableJson.Deserializer.class) @Nullable JsonNode eventData,
    @Nullable String stepName,
    int retryCount,
    List<String> children,
    @JsonDeserialize(using = ImmutableJson.Deserializer.class) @Nullable JsonNode contextItem,
    @Nullable String predecessorId,
    @JsonDeserialize(using = ImmutableJson.Deserializer.class) @Nullable JsonNode outcome,
    List<String> scope,
    @JsonDeserialize(contentUsing = ImmutableJson.Deserializer.class)
        Map<String, JsonNode> extensionAttributes) {
  /** Copies and normalises the fields. Limits are checked when the value is written. */
  public ExecutionPointer {
    sleepUntil = Times.cutNullable(sleepUntil);
    persistenceData = ImmutableJson.ofNullable(persistenceData);
    startTime = Times.cutNullable(startTime);
    endTime = Times.cutNullable(endTime);
    eventData = ImmutableJson.ofNullable(eventData);
    children = ImmutableLists.copyOf(children);
    contextItem = ImmutableJson.ofNullable(contextItem);
    outcome = ImmutableJson.ofNullable(outcome);
    scope = ImmutableLists.copyOf(scope);
    extensionAttributes = ImmutableJson.map(extensionAttributes);
  }

  /** A builder of a pending, active pointer to the step, with a new UUID as its id. */
  public static Builder builder(int stepId) {
    return new Builder(UUID.randomUUID().toString(), stepId);
  }

  /** A builder of a pending, active pointer to the step, with the given id. */
  public static Builder builder(String id, int stepId) {
    return new Builder(id, stepId);
  }

  /** A builder with the fields of this value. */
  public Builder toBuilder() {
    Builder builder = new Builder(id, stepId);
    builder.active = active;
    builder.status = status;
    builder.sleepUntil = sleepUntil;
    builder.persistenceData = persistenceData;
    builder.startTime = startTime;
    builder.endTime = endTime;
    builder.eventName = eventName;
    builder.eventKey = eventKey;
    builder.eventPublished = eventPublished;
    builder.eventData = eventData;
    builder.stepName = stepName;
    builder.retryCount = retryCount;
    builder.children = children;
    builder.contextItem = contextItem;
    builder.predecessorId = predecessorId;
    builder.outcome = outcome;
    builder.scope = scope;
    builder.extensionAttributes = extensionAttributes;
    return builder;
  }

  /** Builds {@link ExecutionPointer}; not thread-safe. */
  public static final class Builder {
    private String id;
    private int stepId;
    private boolean active = true;
    private PointerStatus status = PointerStatus.PENDING;
    private @Nullable Instant sleepUntil;
    private @Nullable JsonNode persistenceData;
    private @Nullable Instant startTime;
    private @Nullable Instant endTime;
    private @Nullable String eventName;
    private @Nullable String eventKey;
    private boolean eventPublished = false;
    private @Nullable JsonNode eventData;
    private @Nullable String stepName;
    private int retryCount = 0;
    private List<String> children = List.of();
    private @Nullable JsonNode contextItem;
    private @Nullable String predecessorId;
    private @Nullable JsonNode outcome;
    private List<String> scope = List.of();
    private Map<String, JsonNode> extensionAttributes = Map.of();

    private Builder(String id, int stepId) {
      this.id = id;
      this.stepId = stepId;
    }

    /** Sets {@code id}: unique in the whole store; a new UUID by default. */
    public Builder id(String id) {
      this.id = id;
      return this;
    }

    /** Sets {@code stepId}: which step of the definition; not negative. */
    public Builder stepId(int stepId) {
      this.stepId = stepId;
      return this;
    }

    /** Sets {@code active}: whether hosts execute the step; true by default. */
    public Builder active(boolean active) {
      this.active = active;
      return this;
    }

    /** Sets {@code status}: its status; Pending by default. */
    public Builder status(PointerStatus status) {
      this.status = status;
      return this;
    }

    /** Sets {@code sleepUntil}: when a sleeping step wakes up, or null. */
    public Builder sleepUntil(@Nullable Instant sleepUntil) {
      this.sleepUntil = sleepUntil;
      return this;
    }

    /** Sets {@code persistenceData}: data that the step keeps between executions, or null. */
    public Builder persistenceData(@Nullable JsonNode persistenceData) {
      this.persistenceData = persistenceData;
      return this;
    }

    /** Sets {@code startTime}: when the step started, or null. */
    public Builder startTime(@Nullable Instant startTime) {
      this.startTime = startTime;
      return this;
    }

    /** Sets {@code endTime}: when the step ended, or null. */
    public Builder endTime(@Nullable Instant endTime) {
      this.endTime = endTime;
      return this;
    }

    /** Sets {@code eventName}: the event it waits for, or null. */
    public Builder eventName(@Nullable String eventName) {
      this.eventName = eventName;
      return this;
    }

    /** Sets {@code eventKey}: the key of that event, or null. */
    public Builder eventKey(@Nullable String eventKey) {
      this.eventKey = eventKey;
      return this;
    }

    /** Sets {@code eventPublished}: whether that event was delivered to it. */
    public Builder eventPublished(boolean eventPublished) {
      this.eventPublished = eventPublished;
      return this;
    }

    /** Sets {@code eventData}: the payload of that event, or null. */
    public Builder eventData(@Nullable JsonNode eventData) {
      this.eventData = eventData;
      return this;
    }

    /** Sets {@code stepName}: a name to display, or null. */
    public Builder stepName(@Nullable String stepName) {
      this.stepName = stepName;
      return this;
    }

    /** Sets {@code retryCount}: how often it was retried; not negative. */
    public Builder retryCount(int retryCount) {
      this.retryCount = retryCount;
      return this;
    }

    /** Sets {@code children}: ids of the pointers it started, in order. */
    public Builder children(List<String> children) {
      this.children = children;
      return this;
    }

    /** Sets {@code contextItem}: the item of a loop it works on, or null. */
    public Builder contextItem(@Nullable JsonNode contextItem) {
      this.contextItem = contextItem;
      return this;
    }

    /** Sets {@code predecessorId}: id of the pointer before it, or null. */
    public Builder predecessorId(@Nullable String predecessorId) {
      this.predecessorId = predecessorId;
      return this;
    }

    /** Sets {@code outcome}: what it returned, or null. */
    public Builder outcome(@Nullable JsonNode outcome) {
      this.outcome = outcome;
      return this;
    }

    /** Sets {@code scope}: ids of the pointers it runs within, outermost first. */
    public Builder scope(List<String> scope) {
      this.scope = scope;
      return this;
    }

    /** Sets {@code extensionAttributes}: further attributes, by name. */
    public Builder extensionAttributes(Map<String, JsonNode> extensionAttributes) {
      this.extensionAttributes = extensionAttributes;
      return this;
    }

    /** Builds the value. The builder can be used again. */
    public ExecutionPointer build() {
      return new ExecutionPointer(
          id,
          stepId,
          active,
          status,
          sleepUntil,
          persistenceData,
          startTime,
          endTime,
          eventName,
          eventKey,
          eventPublished,
          eventData,
          stepName,
          retryCount,
          children,
          contextItem,
          predecessorId,
          outcome,
          scope,
          extensionAttributes);
    }
  }
}
