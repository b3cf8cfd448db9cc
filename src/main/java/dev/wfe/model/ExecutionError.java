package dev.wfe.model;

import java.time.Instant;

/**
 * Something that went wrong while a pointer was executed.
 *
 * @param errorTime when
 * @param workflowId in which workflow
 * @param executionPointerId at which pointer; may be empty
 * @param message what; may be empty
 */
public record ExecutionError(
    Instant errorTime, String workflowId, String executionPointerId, String message) {
  /** Brings the time to the kept form. */
  public ExecutionError {
    errorTime = Times.cut(errorTime);
  }

  /** An error of now. */
  public static ExecutionError now(String workflowId, String executionPointerId, String message) {
    return new ExecutionError(Times.now(), workflowId, executionPointerId, message);
  }

  /** A builder that starts from this value. */
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

    /** Sets when it happened. */
    public Builder errorTime(Instant errorTime) {
      this.errorTime = errorTime;
      return this;
    }

    /** Sets in which workflow it happened. */
    public Builder workflowId(String workflowId) {
      this.workflowId = workflowId;
      return this;
    }

    /** Sets at which pointer it happened. */
    public Builder executionPointerId(String executionPointerId) {
      this.executionPointerId = executionPointerId;
      return this;
    }

    /** Sets what happened. */
    public Builder message(String message) {
      this.message = message;
      return this;
    }

    /** The value; the builder may be used further. */
    public ExecutionError build() {
      return new ExecutionError(errorTime, workflowId, executionPointerId, message);
    }
  }
}
