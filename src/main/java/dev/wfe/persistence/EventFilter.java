package dev.wfe.persistence;

import org.jspecify.annotations.Nullable;

/**
 * Which events are wanted: those that meet all conditions. Null and {@link TimeRange#ANY} set no
 * condition. Immutable and thread-safe.
 *
 * @param eventName the name
 * @param eventKey the key
 * @param eventTime when it happened
 * @param processed whether it was delivered
 */
public record EventFilter(
    @Nullable String eventName,
    @Nullable String eventKey,
    TimeRange eventTime,
    @Nullable Boolean processed) {
  /** Every event. */
  public static final EventFilter ALL = builder().build();

  /**
   * Checks the fields.
   *
   * @throws InvalidValueException if a text cannot be stored or a range is null, or an event key is
   *     given without a name; not retryable
   */
  public EventFilter {
    FieldChecks checks = new FieldChecks("EventFilter", "");
    checks.optionalText("eventName", eventName);
    checks.optionalText("eventKey", eventKey);
    checks.nonNull("eventTime", eventTime);
    checks.requireName(eventName, eventKey);
  }

  /** A builder without conditions. */
  public static Builder builder() {
    return new Builder();
  }

  /** Builds {@link EventFilter}; not thread-safe. */
  public static final class Builder {
    private @Nullable String eventName;
    private @Nullable String eventKey;
    private TimeRange eventTime = TimeRange.ANY;
    private @Nullable Boolean processed;

    private Builder() {}

    /** Of the name. */
    public Builder topic(String name) {
      eventName = name;
      eventKey = null;
      return this;
    }

    /** Of the name and key. */
    public Builder topic(String name, String key) {
      eventName = name;
      eventKey = key;
      return this;
    }

    /** That happened within the range. */
    public Builder happened(TimeRange within) {
      eventTime = within;
      return this;
    }

    /** That were delivered. */
    public Builder processed() {
      processed = true;
      return this;
    }

    /** That were not delivered. */
    public Builder unprocessed() {
      processed = false;
      return this;
    }

    /**
     * Builds the filter. The builder can be used again.
     *
     * @throws InvalidValueException if a condition is invalid; not retryable
     */
    public EventFilter build() {
      return new EventFilter(eventName, eventKey, eventTime, processed);
    }
  }
}
