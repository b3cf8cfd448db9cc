package dev.wfe.persistence;

import dev.wfe.model.Event;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.ScheduledCommand;
import dev.wfe.model.WorkflowInstance;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Checks one write against the limits. Not thread-safe. */
final class WriteChecks {
  private final WorkflowWrite write;
  private final WorkflowInstance instance;
  private final OperationSize size;
  private final FieldChecks checks;

  private WriteChecks(WorkflowWrite write, OperationSize size) {
    this.write = write;
    this.instance = write.workflow().asInstance();
    this.size = size;
    this.checks = new FieldChecks("WorkflowWrite", instance.id(), size);
  }

  static void check(WorkflowWrite write, WorkflowInstance stored, OperationSize size) {
    WriteChecks checks = new WriteChecks(write, size);
    checks.lists();
    ValueLimits.check(checks.instance, stored, size);
    ValueLimits.check("write", write.subscriptions(), size);
    checks.ids("deletedPointerIds", write.deletedPointerIds(), ValueLimits.MAX_POINTERS);
    checks.ids("endedSubscriptionIds", write.endedSubscriptionIds(), ValueLimits.MAX_SUBSCRIPTIONS);
    checks.events();
    checks.instances();
    ValueLimits.checkErrors("write", write.errors(), size);
    for (ScheduledCommand command : write.commands()) {
      ValueLimits.check(command, size);
    }
    checks.dueTime();
    checks.claim();
  }

  private void lists() {
    checks.nonNull("deletedPointerIds", write.deletedPointerIds());
    checks.nonNull("subscriptions", write.subscriptions());
    checks.nonNull("endedSubscriptionIds", write.endedSubscriptionIds());
    checks.nonNull("events", write.events());
    checks.nonNull("instances", write.instances());
    checks.nonNull("errors", write.errors());
    checks.nonNull("commands", write.commands());
  }

  private void ids(String field, List<String> ids, int most) {
    if (ids.size() > most) {
      throw checks.refusal(field, "has %s elements, more than %s".formatted(ids.size(), most));
    }
    for (int i = 0; i < ids.size(); i++) {
      if (ids.get(i) == null) {
        throw checks.refusal(FieldChecks.element(field, i), FieldChecks.IS_NULL);
      }
    }
  }

  private void events() {
    Set<String> ids = new HashSet<>();
    for (Event event : write.events()) {
      ValueLimits.check(event, size);
      requireUnused("Event", "id", ids, event.id());
    }
  }

  /** The keys of created instances differ from each other and from those of the workflow. */
  private void instances() {
    if (write.instances().isEmpty()) {
      return;
    }
    Set<String> ids = new HashSet<>(Set.of(instance.id()));
    Set<String> names = new HashSet<>(Set.of(instance.name()));
    Set<String> pointers = new HashSet<>();
    instance.executionPointers().forEach(pointer -> pointers.add(pointer.id()));
    for (WorkflowInstance created : write.instances()) {
      ValueLimits.nonNull("write", "instances", created);
      ValueLimits.checkNew(created, size);
      requireUnused("WorkflowInstance", "id", ids, created.id());
      requireUnused(
          "WorkflowInstance",
          "name",
          names,
          created.name().isEmpty() ? created.id() : created.name());
      for (ExecutionPointer pointer : created.executionPointers()) {
        requireUnused("ExecutionPointer", "id", pointers, pointer.id());
      }
    }
  }

  private static void requireUnused(String type, String field, Set<String> used, String value) {
    if (!value.isEmpty() && !used.add(value)) {
      throw new FieldChecks(type, value).refusal(field, "is used twice");
    }
  }

  private void dueTime() {
    Duration delay = write.dueAfter();
    if (delay != null
        && (delay.isNegative()
            || delay.compareTo(Duration.ofDays(ValueLimits.MAX_DURATION_DAYS)) > 0)) {
      throw checks.refusal(
          "dueAfter",
          "is %s, not between 0 and %s days".formatted(delay, ValueLimits.MAX_DURATION_DAYS));
    }
  }

  private void claim() {
    Claim claim = write.claim();
    if (claim == null) {
      if (write.leaseAction() != null) {
        throw checks.refusal("claim", FieldChecks.IS_NULL);
      }
      return;
    }
    checks.nonNull("leaseAction", write.leaseAction());
    checks.filledKey("claim.owner", claim.owner());
    if (claim.subject() != Subject.WORKFLOW) {
      throw checks.refusal("claim.subject", "is %s, not WORKFLOW".formatted(claim.subject()));
    }
    if (!instance.id().equals(claim.id())) {
      throw checks.refusal("claim.id", "is " + Messages.quote(String.valueOf(claim.id())));
    }
  }
}
