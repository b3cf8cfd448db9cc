package dev.wfe.persistence;

import org.jspecify.annotations.Nullable;

/**
 * Which subscriptions are wanted: those that meet all conditions. Null and {@link TimeRange#ANY}
 * set no condition. Immutable and thread-safe.
 *
 * @param workflowId the workflow that waits
 * @param eventName the name of the events that it covers
 * @param eventKey the key of the events that it covers
 * @param workerId the worker that holds it. A token that has expired counts as none
 * @param held whether somebody holds it
 * @param tokenExpiry when its token expires, whether or not that has passed; a token that never
 *     expires is in no range
 */
public record SubscriptionFilter(
    @Nullable String workflowId,
    @Nullable String eventName,
    @Nullable String eventKey,
    @Nullable String workerId,
    @Nullable Boolean held,
    TimeRange tokenExpiry) {
  /** Every subscription. */
  public static final SubscriptionFilter ALL = builder().build();

  /**
   * Checks the fields.
   *
   * @throws InvalidValueException if a text cannot be stored or a range is null, or an event key is
   *     given without a name; not retryable
   */
  public SubscriptionFilter {
    FieldChecks checks = new FieldChecks("SubscriptionFilter", "");
    checks.optionalText("workflowId", workflowId);
    checks.optionalText("eventName", eventName);
    checks.optionalText("eventKey", eventKey);
    checks.optionalText("workerId", workerId);
    checks.nonNull("tokenExpiry", tokenExpiry);
    checks.requireName(eventName, eventKey);
  }

  /** A builder without conditions. */
  public static Builder builder() {
    return new Builder();
  }

  /** Builds {@link SubscriptionFilter}; not thread-safe. */
  public static final class Builder {
    private @Nullable String workflowId;
    private @Nullable String eventName;
    private @Nullable String eventKey;
    private @Nullable String workerId;
    private @Nullable Boolean held;
    private TimeRange tokenExpiry = TimeRange.ANY;

    private Builder() {}

    /** Of the workflow. */
    public Builder workflow(String id) {
      workflowId = id;
      return this;
    }

    /** To events of the name. */
    public Builder topic(String name) {
      eventName = name;
      eventKey = null;
      return this;
    }

    /** To events of the name and key. */
    public Builder topic(String name, String key) {
      eventName = name;
      eventKey = key;
      return this;
    }

    /** That this worker holds. */
    public Builder heldBy(String worker) {
      workerId = worker;
      held = true;
      return this;
    }

    /** That somebody holds. */
    public Builder held() {
      held = true;
      return this;
    }

    /** That nobody holds. */
    public Builder open() {
      held = false;
      return this;
    }

    /** Whose token expires within the range. */
    public Builder expiring(TimeRange within) {
      tokenExpiry = within;
      return this;
    }

    /**
     * Builds the filter. The builder can be used again.
     *
     * @throws InvalidValueException if a condition is invalid; not retryable
     */
    public SubscriptionFilter build() {
      return new SubscriptionFilter(workflowId, eventName, eventKey, workerId, held, tokenExpiry);
    }
  }
}
