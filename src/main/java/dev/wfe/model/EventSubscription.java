package dev.wfe.model;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The subscription of an execution pointer to events of one name and key, from an instant on.
 * Jackson writes and reads it without the token, which is a secret.
 *
 * @param id unique; if empty, a time-ordered UUID (version 7) is assigned on create.
 * @param workflowId the workflow that waits.
 * @param stepId the step that waits; not negative.
 * @param executionPointerId the pointer that waits.
 * @param eventName name of the events it covers.
 * @param eventKey key of the events it covers; may be empty.
 * @param subscribeAsOf the earliest time of the events it covers, truncated to microseconds. An
 *     event with an earlier time never reaches it, even when it is published later.
 * @param excludedEventIds the ids of events that this subscription does not cover, although their
 *     time is not before {@code subscribeAsOf}; at most 100, in any order, and usually none.
 * @param subscriptionData data of the subscriber, or null.
 * @param externalToken the secret of the worker that holds it, or null.
 * @param externalWorkerId the worker that holds it, or null.
 * @param externalTokenExpiry when the token expires, by the database's clock; null for never.
 */
@JsonIgnoreProperties("externalToken")
@JsonInclude(JsonInclude.Include.NON_NULL)
public record EventSubscription(
    String id,
    String workflowId,
    int stepId,
    String executionPointerId,
    String eventName,
    String eventKey,
    Instant subscribeAsOf,
    List<String> excludedEventIds,
    @JsonDeserialize(using = ImmutableJson.Deserializer.class) @Nullable JsonNode subscriptionData,
    @Nullable String externalToken,
    @Nullable String externalWorkerId,
    @Nullable Instant externalTokenExpiry) {
  /** Copies and normalises the fields. Limits are checked when the value is written. */
  public EventSubscription {
    id = id == null ? "" : id;
    subscribeAsOf = Times.cut(subscribeAsOf);
    excludedEventIds = ImmutableLists.copyOf(excludedEventIds);
    subscriptionData = ImmutableJson.ofNullable(subscriptionData);
    externalTokenExpiry = Times.cutNullable(externalTokenExpiry);
  }

  /**
   * A builder of a subscription of the pointer, without a token. It covers events from the
   * instance's create time on, so that no event for this instance is missed. If the instance has no
   * create time yet, {@code subscribeAsOf} has to be set.
   *
   * @param instance the instance as it was read
   */
  public static Builder builder(
      WorkflowInstance instance, ExecutionPointer pointer, String eventName, String eventKey) {
    Builder builder = new Builder(instance.id(), pointer.id(), eventName, eventKey);
    builder.stepId = pointer.stepId();
    Instant createTime = instance.createTime();
    if (createTime != null) {
      builder.subscribeAsOf = createTime;
    }
    return builder;
  }

  /**
   * A builder of a subscription without a token. {@code subscribeAsOf} has to be set: the
   * subscription is invalid without it.
   */
  public static Builder builder(
      String workflowId, String executionPointerId, String eventName, String eventKey) {
    return new Builder(workflowId, executionPointerId, eventName, eventKey);
  }

  /** A builder with the fields of this value. */
  public Builder toBuilder() {
    Builder builder = new Builder(workflowId, executionPointerId, eventName, eventKey);
    builder.id = id;
    builder.stepId = stepId;
    builder.subscribeAsOf = subscribeAsOf;
    builder.excludedEventIds = excludedEventIds;
    builder.subscriptionData = subscriptionData;
    builder.externalToken = externalToken;
    builder.externalWorkerId = externalWorkerId;
    builder.externalTokenExpiry = externalTokenExpiry;
    return builder;
  }

  /** Contains neither the token, which is a secret, nor the data. */
  @Override
  public String toString() {
    return "EventSubscription[id=%s, workflowId=%s, executionPointerId=%s, eventName=%s, eventKey=%s, held=%s]"
        .formatted(id, workflowId, executionPointerId, eventName, eventKey, externalToken != null);
  }

  /** Builds {@link EventSubscription}; not thread-safe. */
  public static final class Builder {
    private String id = "";
    private String workflowId;
    private int stepId = 0;
    private String executionPointerId;
    private String eventName;
    private String eventKey;

    @SuppressWarnings(
        "NullAway.Init") // has no default; its absence is reported when the value is written
    private Instant subscribeAsOf;

    private List<String> excludedEventIds = List.of();
    private @Nullable JsonNode subscriptionData;
    private @Nullable String externalToken;
    private @Nullable String externalWorkerId;
    private @Nullable Instant externalTokenExpiry;

    private Builder(
        String workflowId, String executionPointerId, String eventName, String eventKey) {
      this.workflowId = workflowId;
      this.executionPointerId = executionPointerId;
      this.eventName = eventName;
      this.eventKey = eventKey;
    }

    /** Sets {@code id}: unique; if empty, a time-ordered UUID (version 7) is assigned on create. */
    public Builder id(String id) {
      this.id = id;
      return this;
    }

    /** Sets {@code workflowId}: the workflow that waits. */
    public Builder workflowId(String workflowId) {
      this.workflowId = workflowId;
      return this;
    }

    /** Sets {@code stepId}: the step that waits; not negative. */
    public Builder stepId(int stepId) {
      this.stepId = stepId;
      return this;
    }

    /** Sets {@code executionPointerId}: the pointer that waits. */
    public Builder executionPointerId(String executionPointerId) {
      this.executionPointerId = executionPointerId;
      return this;
    }

    /** Sets {@code eventName}: name of the events it covers. */
    public Builder eventName(String eventName) {
      this.eventName = eventName;
      return this;
    }

    /** Sets {@code eventKey}: key of the events it covers; may be empty. */
    public Builder eventKey(String eventKey) {
      this.eventKey = eventKey;
      return this;
    }

    /** Sets {@code subscribeAsOf}: the earliest time of the events it covers. */
    public Builder subscribeAsOf(Instant subscribeAsOf) {
      this.subscribeAsOf = subscribeAsOf;
      return this;
    }

    /**
     * Sets {@code excludedEventIds}: the ids of events that this subscription does not cover,
     * although their time is not before {@code subscribeAsOf}; at most 100.
     */
    public Builder excludedEventIds(List<String> excludedEventIds) {
      this.excludedEventIds = excludedEventIds;
      return this;
    }

    /** Sets {@code subscriptionData}: data of the subscriber, or null. */
    public Builder subscriptionData(@Nullable JsonNode subscriptionData) {
      this.subscriptionData = subscriptionData;
      return this;
    }

    /** Sets {@code externalToken}: the secret of the worker that holds it, or null. */
    public Builder externalToken(@Nullable String externalToken) {
      this.externalToken = externalToken;
      return this;
    }

    /** Sets {@code externalWorkerId}: the worker that holds it, or null. */
    public Builder externalWorkerId(@Nullable String externalWorkerId) {
      this.externalWorkerId = externalWorkerId;
      return this;
    }

    /**
     * Sets {@code externalTokenExpiry}: when the token expires, by the database's clock; null for
     * never.
     */
    public Builder externalTokenExpiry(@Nullable Instant externalTokenExpiry) {
      this.externalTokenExpiry = externalTokenExpiry;
      return this;
    }

    /** Builds the value. The builder can be used again. */
    public EventSubscription build() {
      return new EventSubscription(
          id,
          workflowId,
          stepId,
          executionPointerId,
          eventName,
          eventKey,
          subscribeAsOf,
          excludedEventIds,
          subscriptionData,
          externalToken,
          externalWorkerId,
          externalTokenExpiry);
    }
  }
}
