package dev.wfe.persistence;

import com.fasterxml.jackson.databind.JsonNode;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.DataCondition.Comparison;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which workflows are wanted: those that meet all conditions. Null, an empty collection, {@link
 * TimeRange#ANY} and false set no condition. Immutable and thread-safe.
 *
 * @param statuses one of these statuses
 * @param definitionId the id of the definition
 * @param version the version of the definition
 * @param name the name
 * @param namePrefix what the name begins with
 * @param reference the reference
 * @param rootWorkflowId the id of the top-level ancestor
 * @param createTime when it was created
 * @param completeTime when it ended; an instance without this time is in no range
 * @param nextExecution when it is due; an instance that is not scheduled is in no range
 * @param unscheduled it has no next execution
 * @param eventName it has a subscription to events of this name
 * @param eventKey it has a subscription to events of this key, and of the name
 * @param failedPointer it has a pointer with the status Failed
 * @param errors an error of it is stored
 * @param heartbeatBefore it was written last before this instant; one that was never written by a
 *     program that sets the time is left out
 * @param lease the lease on it
 * @param data its data
 */
public record WorkflowFilter(
    Set<WorkflowStatus> statuses,
    @Nullable String definitionId,
    @Nullable Integer version,
    @Nullable String name,
    @Nullable String namePrefix,
    @Nullable String reference,
    @Nullable String rootWorkflowId,
    TimeRange createTime,
    TimeRange completeTime,
    TimeRange nextExecution,
    boolean unscheduled,
    @Nullable String eventName,
    @Nullable String eventKey,
    boolean failedPointer,
    boolean errors,
    @Nullable Instant heartbeatBefore,
    LeaseCondition lease,
    List<DataCondition> data) {
  /** Every workflow. */
  public static final WorkflowFilter ALL = builder().build();

  /**
   * Copies the collections and checks the fields.
   *
   * @throws InvalidValueException if a field that must not be null is null, a text cannot be
   *     stored, or an event key is given without a name; not retryable
   */
  public WorkflowFilter {
    FieldChecks checks = new FieldChecks("WorkflowFilter", "");
    ValueLimits.nonNullElements("WorkflowFilter", "statuses", statuses);
    EnumSet<WorkflowStatus> sorted = EnumSet.noneOf(WorkflowStatus.class);
    sorted.addAll(statuses);
    statuses = Collections.unmodifiableSet(sorted);
    checks.optionalText("definitionId", definitionId);
    checks.optionalText("name", name);
    checks.optionalText("namePrefix", namePrefix);
    checks.optionalText("reference", reference);
    checks.optionalText("rootWorkflowId", rootWorkflowId);
    checks.nonNull("createTime", createTime);
    checks.nonNull("completeTime", completeTime);
    checks.nonNull("nextExecution", nextExecution);
    checks.optionalText("eventName", eventName);
    checks.optionalText("eventKey", eventKey);
    checks.requireName(eventName, eventKey);
    checks.nonNull("lease", lease);
    data = List.copyOf(ValueLimits.nonNullElements("WorkflowFilter", "data", data));
  }

  /** A builder without conditions. */
  public static Builder builder() {
    return new Builder();
  }

  /** A builder with the conditions of this filter. */
  public Builder toBuilder() {
    return new Builder(this);
  }

  /** Builds {@link WorkflowFilter}; not thread-safe. */
  public static final class Builder {
    private Set<WorkflowStatus> statuses = Set.of();
    private @Nullable String definitionId;
    private @Nullable Integer version;
    private @Nullable String name;
    private @Nullable String namePrefix;
    private @Nullable String reference;
    private @Nullable String rootWorkflowId;
    private TimeRange createTime = TimeRange.ANY;
    private TimeRange completeTime = TimeRange.ANY;
    private TimeRange nextExecution = TimeRange.ANY;
    private boolean unscheduled;
    private @Nullable String eventName;
    private @Nullable String eventKey;
    private boolean failedPointer;
    private boolean errors;
    private @Nullable Instant heartbeatBefore;
    private LeaseCondition lease = new LeaseCondition.Any();
    private List<DataCondition> data = List.of();

    private Builder() {}

    private Builder(WorkflowFilter filter) {
      statuses = filter.statuses;
      definitionId = filter.definitionId;
      version = filter.version;
      name = filter.name;
      namePrefix = filter.namePrefix;
      reference = filter.reference;
      rootWorkflowId = filter.rootWorkflowId;
      createTime = filter.createTime;
      completeTime = filter.completeTime;
      nextExecution = filter.nextExecution;
      unscheduled = filter.unscheduled;
      eventName = filter.eventName;
      eventKey = filter.eventKey;
      failedPointer = filter.failedPointer;
      errors = filter.errors;
      heartbeatBefore = filter.heartbeatBefore;
      lease = filter.lease;
      data = filter.data;
    }

    /** With one of the statuses. */
    public Builder status(WorkflowStatus... anyOf) {
      statuses = Set.of(anyOf);
      return this;
    }

    /** Of any version of the definition. */
    public Builder definition(String id) {
      definitionId = id;
      version = null;
      return this;
    }

    /** Of one version of the definition. */
    public Builder definition(String id, int ofVersion) {
      definitionId = id;
      version = ofVersion;
      return this;
    }

    /** With the name. */
    public Builder name(String exactly) {
      name = exactly;
      return this;
    }

    /** With a name that begins so. */
    public Builder namePrefix(String prefix) {
      namePrefix = prefix;
      return this;
    }

    /** With the reference. */
    public Builder reference(String exactly) {
      reference = exactly;
      return this;
    }

    /** With the top-level ancestor. */
    public Builder rootWorkflowId(String id) {
      rootWorkflowId = id;
      return this;
    }

    /** Created within the range. */
    public Builder created(TimeRange within) {
      createTime = within;
      return this;
    }

    /** Ended within the range. */
    public Builder completed(TimeRange within) {
      completeTime = within;
      return this;
    }

    /** Due within the range. */
    public Builder due(TimeRange within) {
      nextExecution = within;
      return this;
    }

    /** Without a next execution: not scheduled. */
    public Builder unscheduled() {
      unscheduled = true;
      return this;
    }

    /** With a subscription to events of the name. */
    public Builder waitingFor(String name) {
      eventName = name;
      eventKey = null;
      return this;
    }

    /** With a subscription to events of the name and key. */
    public Builder waitingFor(String name, String key) {
      eventName = name;
      eventKey = key;
      return this;
    }

    /** With a pointer that has the status Failed. */
    public Builder withFailedPointer() {
      failedPointer = true;
      return this;
    }

    /** With an error that is stored. */
    public Builder withErrors() {
      errors = true;
      return this;
    }

    /** Written last before the instant, which is compared with the database's clock. */
    public Builder heartbeatBefore(Instant instant) {
      heartbeatBefore = instant;
      return this;
    }

    /** On which somebody has a lease. */
    public Builder leased() {
      lease = new LeaseCondition.Leased();
      return this;
    }

    /** On which this host has a lease. */
    public Builder leasedBy(String owner) {
      lease = new LeaseCondition.LeasedBy(owner);
      return this;
    }

    /** On which nobody has a lease. */
    public Builder unleased() {
      lease = new LeaseCondition.Unleased();
      return this;
    }

    /** With data that contains the JSON; see {@link DataCondition.Contains}. Adds a condition. */
    public Builder dataContains(JsonNode part) {
      return data(new DataCondition.Contains(part));
    }

    /**
     * With a value at the path in the data that compares so; see {@link DataCondition.Compares}.
     * Adds a condition.
     */
    public Builder data(List<String> path, Comparison comparison, JsonNode value) {
      return data(new DataCondition.Compares(path, comparison, value));
    }

    private Builder data(DataCondition added) {
      List<DataCondition> more = new ArrayList<>(data);
      more.add(added);
      data = more;
      return this;
    }

    /**
     * Builds the filter. The builder can be used again.
     *
     * @throws InvalidValueException if a condition is invalid; not retryable
     */
    public WorkflowFilter build() {
      return new WorkflowFilter(
          statuses,
          definitionId,
          version,
          name,
          namePrefix,
          reference,
          rootWorkflowId,
          createTime,
          completeTime,
          nextExecution,
          unscheduled,
          eventName,
          eventKey,
          failedPointer,
          errors,
          heartbeatBefore,
          lease,
          data);
    }
  }
}
