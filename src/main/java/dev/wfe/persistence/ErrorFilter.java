package dev.wfe.persistence;

import org.jspecify.annotations.Nullable;

/**
 * Which errors are wanted: those that meet all conditions. Null and {@link TimeRange#ANY} set no
 * condition. Immutable and thread-safe.
 *
 * @param workflowId the workflow in which it occurred
 * @param executionPointerId the pointer at which it occurred
 * @param errorTime when it occurred
 * @param message the message
 * @param definitionId the definition of the workflow. Errors of a workflow that was deleted have
 *     none
 */
public record ErrorFilter(
    @Nullable String workflowId,
    @Nullable String executionPointerId,
    TimeRange errorTime,
    @Nullable String message,
    @Nullable String definitionId) {
  /** Every error. */
  public static final ErrorFilter ALL = builder().build();

  /**
   * Checks the fields.
   *
   * @throws InvalidValueException if a text cannot be stored or a range is null; not retryable
   */
  public ErrorFilter {
    FieldChecks checks = new FieldChecks("ErrorFilter", "");
    checks.optionalText("workflowId", workflowId);
    checks.optionalText("executionPointerId", executionPointerId);
    checks.nonNull("errorTime", errorTime);
    checks.optionalText("message", message);
    checks.optionalText("definitionId", definitionId);
  }

  /** A builder without conditions. */
  public static Builder builder() {
    return new Builder();
  }

  /** Builds {@link ErrorFilter}; not thread-safe. */
  public static final class Builder {
    private @Nullable String workflowId;
    private @Nullable String executionPointerId;
    private TimeRange errorTime = TimeRange.ANY;
    private @Nullable String message;
    private @Nullable String definitionId;

    private Builder() {}

    /** Of the workflow. */
    public Builder workflow(String id) {
      workflowId = id;
      return this;
    }

    /** Of the pointer. */
    public Builder pointer(String id) {
      executionPointerId = id;
      return this;
    }

    /** That occurred within the range. */
    public Builder occurred(TimeRange within) {
      errorTime = within;
      return this;
    }

    /** With the message. */
    public Builder message(String exactly) {
      message = exactly;
      return this;
    }

    /** Of workflows of the definition. */
    public Builder definition(String id) {
      definitionId = id;
      return this;
    }

    /**
     * Builds the filter. The builder can be used again.
     *
     * @throws InvalidValueException if a condition is invalid; not retryable
     */
    public ErrorFilter build() {
      return new ErrorFilter(workflowId, executionPointerId, errorTime, message, definitionId);
    }
  }
}
