package dev.wfe.model;

import java.time.Instant;

/**
 * An error that occurred while a pointer was executed.
 *
 * @param errorTime when it occurred, truncated to microseconds
 * @param workflowId the workflow in which it occurred
 * @param executionPointerId the pointer at which it occurred; may be empty
 * @param message what happened; may be empty
 */
public record ExecutionError(
    Instant errorTime, String workflowId, String executionPointerId, String message) {
  /** Truncates the time to microseconds. */
  public ExecutionError {
    errorTime = Times.cut(errorTime);
  }

  /** An error that occurred now, by this machine's clock. */
  public static ExecutionError now(String workflowId, String executionPointerId, String message) {
    return new ExecutionError(Times.now(), workflowId, executionPointerId, message);
  }

  /** A builder with the fields of this value. */
  public Builder toBuilder() {
    return new Builder(errorTime, workflowId, executionPointerId, message);
  }

  /** Builds {@link ExecutionError}; not thread-safe. */
  public static final class Builder {
    private Instant errorTime;
    private String workflowId;
    private String executionPointerId;
    private String message;

    private Builder(
        Instant errorTime, String workflowId, String executionPointerId, String message) {
      this.errorTime = errorTime;
      this.workflowId = workflowId;
      this.executionPointerId = executionPointerId;
      this.message = message;
    }

    /** Sets {@code errorTime}: when it occurred. */
    public Builder errorTime(Instant errorTime) {
      this.errorTime = errorTime;
      return this;
    }

    /** Sets {@code workflowId}: the workflow in which it occurred. */
    public Builder workflowId(String workflowId) {
      this.workflowId = workflowId;
      return this;
    }

    /** Sets {@code executionPointerId}: the pointer at which it occurred; may be empty. */
    public Builder executionPointerId(String executionPointerId) {
      this.executionPointerId = executionPointerId;
      return this;
    }

    /** Sets {@code message}: what happened; may be empty. */
    public Builder message(String message) {
      this.message = message;
      return this;
    }

    /** Builds the value. The builder can be used again. */
    public ExecutionError build() {
      return new ExecutionError(errorTime, workflowId, executionPointerId, message);
    }
  }
}
