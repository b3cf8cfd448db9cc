package dev.wfe.model;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One execution of a workflow definition, with all its pointers. A host reads it, executes steps
 * and persists it.
 *
 * <p>Equality compares all fields except {@code revision}. Jackson writes and reads it without the
 * revision.
 *
 * @param id unique; if empty, a time-ordered UUID (version 7) is assigned on create.
 * @param name unique; if empty, it is set to the id on create.
 * @param rootWorkflowId id of the top-level ancestor, or null.
 * @param workflowDefinitionId which definition it runs.
 * @param version which version of that definition; not negative.
 * @param description free text, or null.
 * @param reference free text by which it can be found, or null.
 * @param executionPointers its pointers, in order.
 * @param nextExecution when it is due, in epoch milliseconds. 0, the default: due now. Null: not
 *     scheduled.
 * @param status its status; Runnable by default.
 * @param data any JSON; an empty object by default.
 * @param createTime when it was created; if null, the database's clock sets it on create. A stored
 *     instance always has a create time.
 * @param completeTime when it ended, or null.
 * @param priority its place among the due instances of its definition; Normal by default.
 * @param limitKey counts together with the instances of its definition that have the same key where
 *     a host limits how many are executed at a time; null for none.
 * @param revision identifies the stored version from which this value was read; null for a new
 *     value.
 */
@JsonIgnoreProperties("revision")
@JsonInclude(JsonInclude.Include.NON_NULL)
public record WorkflowInstance(
    String id,
    String name,
    @Nullable String rootWorkflowId,
    String workflowDefinitionId,
    int version,
    @Nullable String description,
    @Nullable String reference,
    List<ExecutionPointer> executionPointers,
    @Nullable Long nextExecution,
    WorkflowStatus status,
    @JsonDeserialize(using = ImmutableJson.Deserializer.class) JsonNode data,
    @Nullable Instant createTime,
    @Nullable Instant completeTime,
    Priority priority,
    @Nullable String limitKey,
    @Nullable Revision revision) {
  /** Copies and normalises the fields. Limits are checked when the value is written. */
  public WorkflowInstance {
    id = id == null ? "" : id;
    name = name == null ? "" : name;
    executionPointers = ImmutableLists.copyOf(executionPointers);
    data = ImmutableJson.of(data);
    createTime = Times.cutNullable(createTime);
    completeTime = Times.cutNullable(completeTime);
    priority = priority == null ? Priority.NORMAL : priority;
  }

  /** A builder of a runnable instance that is due now. */
  public static Builder builder(String workflowDefinitionId, int version) {
    return new Builder(workflowDefinitionId, version);
  }

  /** A builder with the fields of this value. */
  public Builder toBuilder() {
    Builder builder = new Builder(workflowDefinitionId, version);
    builder.id = id;
    builder.name = name;
    builder.rootWorkflowId = rootWorkflowId;
    builder.description = description;
    builder.reference = reference;
    builder.executionPointers = executionPointers;
    builder.nextExecution = nextExecution;
    builder.status = status;
    builder.data = data;
    builder.createTime = createTime;
    builder.completeTime = completeTime;
    builder.priority = priority;
    builder.limitKey = limitKey;
    builder.revision = revision;
    return builder;
  }

  /**
   * True if every pointer with exactly the given scope has ended: Complete, Skipped, Compensated,
   * Cancelled or Failed. So it is true for a scope that no pointer has.
   *
   * @param scope pointer ids, outermost first
   */
  public boolean isBranchComplete(List<String> scope) {
    return executionPointers.stream()
        .filter(pointer -> pointer.scope().equals(scope))
        .allMatch(pointer -> pointer.status().isEnd());
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return this == other
        || (other instanceof WorkflowInstance that
            && Objects.equals(id, that.id)
            && Objects.equals(name, that.name)
            && Objects.equals(rootWorkflowId, that.rootWorkflowId)
            && Objects.equals(workflowDefinitionId, that.workflowDefinitionId)
            && version == that.version
            && Objects.equals(description, that.description)
            && Objects.equals(reference, that.reference)
            && Objects.equals(executionPointers, that.executionPointers)
            && Objects.equals(nextExecution, that.nextExecution)
            && status == that.status
            && Objects.equals(data, that.data)
            && Objects.equals(createTime, that.createTime)
            && Objects.equals(completeTime, that.completeTime)
            && priority == that.priority
            && Objects.equals(limitKey, that.limitKey));
  }

  @Override
  public int hashCode() {
    return Objects.hash(
        id,
        name,
        rootWorkflowId,
        workflowDefinitionId,
        version,
        description,
        reference,
        executionPointers,
        nextExecution,
        status,
        data,
        createTime,
        completeTime,
        priority,
        limitKey);
  }

  /** Contains neither data nor pointers, which may be large. */
  @Override
  public String toString() {
    return "WorkflowInstance[id=%s, name=%s, definition=%s v%s, status=%s, nextExecution=%s, pointers=%s]"
        .formatted(
            id,
            name,
            workflowDefinitionId,
            version,
            status,
            nextExecution,
            executionPointers.size());
  }

  /** Builds {@link WorkflowInstance}; not thread-safe. */
  public static final class Builder {
    private String id = "";
    private String name = "";
    private @Nullable String rootWorkflowId;
    private String workflowDefinitionId;
    private int version;
    private @Nullable String description;
    private @Nullable String reference;
    private List<ExecutionPointer> executionPointers = List.of();
    private @Nullable Long nextExecution = 0L;
    private WorkflowStatus status = WorkflowStatus.RUNNABLE;
    private JsonNode data = ImmutableJson.EMPTY_OBJECT;
    private @Nullable Instant createTime;
    private @Nullable Instant completeTime;
    private Priority priority = Priority.NORMAL;
    private @Nullable String limitKey;
    private @Nullable Revision revision;

    private Builder(String workflowDefinitionId, int version) {
      this.workflowDefinitionId = workflowDefinitionId;
      this.version = version;
    }

    /** Sets {@code id}: unique; if empty, a time-ordered UUID (version 7) is assigned on create. */
    public Builder id(String id) {
      this.id = id;
      return this;
    }

    /** Sets {@code name}: unique; if empty, it is set to the id on create. */
    public Builder name(String name) {
      this.name = name;
      return this;
    }

    /** Sets {@code rootWorkflowId}: id of the top-level ancestor, or null. */
    public Builder rootWorkflowId(@Nullable String rootWorkflowId) {
      this.rootWorkflowId = rootWorkflowId;
      return this;
    }

    /** Sets {@code workflowDefinitionId}: which definition it runs. */
    public Builder workflowDefinitionId(String workflowDefinitionId) {
      this.workflowDefinitionId = workflowDefinitionId;
      return this;
    }

    /** Sets {@code version}: which version of that definition; not negative. */
    public Builder version(int version) {
      this.version = version;
      return this;
    }

    /** Sets {@code description}: free text, or null. */
    public Builder description(@Nullable String description) {
      this.description = description;
      return this;
    }

    /** Sets {@code reference}: free text by which it can be found, or null. */
    public Builder reference(@Nullable String reference) {
      this.reference = reference;
      return this;
    }

    /** Sets {@code executionPointers}: its pointers, in order. */
    public Builder executionPointers(List<ExecutionPointer> executionPointers) {
      this.executionPointers = executionPointers;
      return this;
    }

    /**
     * Sets {@code nextExecution}: when it is due, in epoch milliseconds. 0, the default: due now.
     * Null: not scheduled.
     */
    public Builder nextExecution(@Nullable Long nextExecution) {
      this.nextExecution = nextExecution;
      return this;
    }

    /** Sets {@code status}: its status; Runnable by default. */
    public Builder status(WorkflowStatus status) {
      this.status = status;
      return this;
    }

    /** Sets {@code data}: any JSON; an empty object by default. */
    public Builder data(JsonNode data) {
      this.data = data;
      return this;
    }

    /**
     * Sets {@code createTime}: when it was created; if null, the default, the database's clock sets
     * it on create.
     */
    public Builder createTime(@Nullable Instant createTime) {
      this.createTime = createTime;
      return this;
    }

    /** Sets {@code completeTime}: when it ended, or null. */
    public Builder completeTime(@Nullable Instant completeTime) {
      this.completeTime = completeTime;
      return this;
    }

    /**
     * Sets {@code priority}: its place among the due instances of its definition; Normal by
     * default.
     */
    public Builder priority(Priority priority) {
      this.priority = priority;
      return this;
    }

    /**
     * Sets {@code limitKey}: counts together with the instances of its definition that have the
     * same key where a host limits how many are executed at a time; null for none.
     */
    public Builder limitKey(@Nullable String limitKey) {
      this.limitKey = limitKey;
      return this;
    }

    /**
     * Sets {@code revision}: identifies the stored version from which this value was read; null for
     * a new value.
     */
    public Builder revision(@Nullable Revision revision) {
      this.revision = revision;
      return this;
    }

    /** Builds the value. The builder can be used again. */
    public WorkflowInstance build() {
      return new WorkflowInstance(
          id,
          name,
          rootWorkflowId,
          workflowDefinitionId,
          version,
          description,
          reference,
          executionPointers,
          nextExecution,
          status,
          data,
          createTime,
          completeTime,
          priority,
          limitKey,
          revision);
    }
  }
}
