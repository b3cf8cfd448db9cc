package dev.wfe.model;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The live part of a workflow instance: its own fields, and the pointers that have not ended with
 * the pointers in whose scopes they stand. Its size does not grow with the history of the instance.
 * It is a type of its own, because what it does not contain still exists: no operation deletes a
 * pointer because this value does not contain it.
 *
 * <p>Equality compares all fields except the revision. Immutable and thread-safe.
 */
public final class LiveWorkflow {
  private final WorkflowInstance shown;

  private LiveWorkflow(WorkflowInstance shown) {
    this.shown = shown;
  }

  /** Returns the value with the fields, the pointers and the revision of the instance. */
  public static LiveWorkflow of(WorkflowInstance instance) {
    return new LiveWorkflow(Objects.requireNonNull(instance, "instance"));
  }

  /**
   * Returns an instance with the fields, the pointers and the revision of this value, for providers
   * and for applications that want the record. If the revision is that of a live part, a provider
   * refuses to persist the instance as the whole one.
   */
  public WorkflowInstance asInstance() {
    return shown;
  }

  /** A builder with the fields of this value. */
  public Builder toBuilder() {
    return new Builder(shown.toBuilder());
  }

  /** The instance's id. */
  public String id() {
    return shown.id();
  }

  /** The instance's unique name. */
  public String name() {
    return shown.name();
  }

  /** The id of the top-level ancestor, or null. */
  public @Nullable String rootWorkflowId() {
    return shown.rootWorkflowId();
  }

  /** Which definition it runs. */
  public String workflowDefinitionId() {
    return shown.workflowDefinitionId();
  }

  /** Which version of that definition. */
  public int version() {
    return shown.version();
  }

  /** Free text, or null. */
  public @Nullable String description() {
    return shown.description();
  }

  /** Free text by which it can be found, or null. */
  public @Nullable String reference() {
    return shown.reference();
  }

  /**
   * The pointers that this value contains, in order. Other pointers of the instance, which have
   * ended, may be stored.
   */
  public List<ExecutionPointer> pointers() {
    return shown.executionPointers();
  }

  /** When it is due, in epoch milliseconds. 0: due now. Null: not scheduled. */
  public @Nullable Long nextExecution() {
    return shown.nextExecution();
  }

  /** Its status. */
  public WorkflowStatus status() {
    return shown.status();
  }

  /** Any JSON. */
  public JsonNode data() {
    return shown.data();
  }

  /** When it was created; null only in a value that was not read from a store. */
  public @Nullable Instant createTime() {
    return shown.createTime();
  }

  /** When it ended, or null. */
  public @Nullable Instant completeTime() {
    return shown.completeTime();
  }

  /** Its place among the due instances of its definition. */
  public Priority priority() {
    return shown.priority();
  }

  /** The key by which a host may limit how many are executed at a time, or null. */
  public @Nullable String limitKey() {
    return shown.limitKey();
  }

  /** Identifies the stored version from which this value was read; null if there is none. */
  public @Nullable Revision revision() {
    return shown.revision();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof LiveWorkflow that && shown.equals(that.shown);
  }

  @Override
  public int hashCode() {
    return shown.hashCode();
  }

  /** Contains neither data nor pointers, which may be large. */
  @Override
  public String toString() {
    return shown.toString().replaceFirst("^WorkflowInstance", "LiveWorkflow");
  }

  /** Builds {@link LiveWorkflow}; not thread-safe. */
  public static final class Builder {
    private final WorkflowInstance.Builder shown;

    private Builder(WorkflowInstance.Builder shown) {
      this.shown = shown;
    }

    /** Sets {@code name}: unique. */
    public Builder name(String name) {
      shown.name(name);
      return this;
    }

    /** Sets {@code description}: free text, or null. */
    public Builder description(@Nullable String description) {
      shown.description(description);
      return this;
    }

    /** Sets {@code reference}: free text by which it can be found, or null. */
    public Builder reference(@Nullable String reference) {
      shown.reference(reference);
      return this;
    }

    /** Sets {@code version}: which version of the definition it runs from now on. */
    public Builder version(int version) {
      shown.version(version);
      return this;
    }

    /** Sets {@code pointers}: the pointers to show, in order. */
    public Builder pointers(List<ExecutionPointer> pointers) {
      shown.executionPointers(pointers);
      return this;
    }

    /**
     * Sets {@code nextExecution}: when it is due, in epoch milliseconds. 0: due now. Null: not
     * scheduled.
     */
    public Builder nextExecution(@Nullable Long nextExecution) {
      shown.nextExecution(nextExecution);
      return this;
    }

    /** Sets {@code status}. */
    public Builder status(WorkflowStatus status) {
      shown.status(status);
      return this;
    }

    /** Sets {@code data}: any JSON. */
    public Builder data(JsonNode data) {
      shown.data(data);
      return this;
    }

    /** Sets {@code completeTime}: when it ended, or null. */
    public Builder completeTime(@Nullable Instant completeTime) {
      shown.completeTime(completeTime);
      return this;
    }

    /** Sets {@code revision}: the stored version from which the value was read, or null. */
    public Builder revision(@Nullable Revision revision) {
      shown.revision(revision);
      return this;
    }

    /** Builds the value. The builder can be used again. */
    public LiveWorkflow build() {
      return new LiveWorkflow(shown.build());
    }
  }
}
