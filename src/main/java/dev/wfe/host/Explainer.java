package dev.wfe.host;

import dev.wfe.host.Explanation.Ended;
import dev.wfe.host.Explanation.FailedStep;
import dev.wfe.host.Explanation.Leased;
import dev.wfe.host.Explanation.Reason;
import dev.wfe.host.Explanation.Scheduled;
import dev.wfe.host.Explanation.Sleeping;
import dev.wfe.host.Explanation.Suspended;
import dev.wfe.host.Explanation.Unclaimed;
import dev.wfe.host.Explanation.WaitingForEvent;
import dev.wfe.host.Explanation.WaitingForWorker;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.PointerStatus;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.ErrorFilter;
import dev.wfe.persistence.EventFilter;
import dev.wfe.persistence.EventSummary;
import dev.wfe.persistence.PageRequest;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.persistence.SortDirection;
import dev.wfe.persistence.StoredError;
import dev.wfe.persistence.SubscriptionFilter;
import dev.wfe.persistence.SubscriptionSummary;
import dev.wfe.persistence.TimeRange;
import dev.wfe.persistence.WorkflowFilter;
import dev.wfe.persistence.WorkflowSort;
import dev.wfe.persistence.WorkflowSummary.HeldLease;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Explains instances by what is stored. As thread-safe as the provider. */
final class Explainer {
  private static final int NEAR_MISSES = 5;
  private static final int STEPS = 20;

  /** How many events of a name are looked at for other keys. */
  private static final PageRequest RECENT = PageRequest.first(50);

  private final PersistenceProvider provider;
  private final InstantSource clock;
  private final HostReasons hosts;

  Explainer(PersistenceProvider provider, InstantSource clock) {
    this.provider = provider;
    this.clock = clock;
    this.hosts = new HostReasons(provider);
  }

  Explanation explain(String id) {
    WorkflowInstance instance = provider.getWorkflowInstance(id);
    return new Explanation(
        instance.id(),
        instance.name(),
        instance.workflowDefinitionId(),
        instance.version(),
        instance.status(),
        reasons(instance));
  }

  private List<Reason> reasons(WorkflowInstance instance) {
    List<Reason> reasons = new ArrayList<>();
    Optional<HeldLease> lease = lease(instance);
    if (instance.status().isEnded()) {
      reasons.add(new Ended(instance.status(), instance.completeTime()));
    } else if (instance.status() == WorkflowStatus.SUSPENDED) {
      reasons.add(suspended(instance.id()));
    }
    lease.ifPresent(
        held -> reasons.add(new Leased(held.owner(), held.expiresAt(), steps(instance))));
    if (instance.status().isEnded()) {
      return reasons;
    }
    if (instance.status() == WorkflowStatus.RUNNABLE && lease.isEmpty()) {
      Optional<Reason> due = due(instance);
      due.ifPresent(reasons::add);
      reasons.addAll(hosts.of(instance, due.orElse(null) instanceof Unclaimed));
    }
    for (ExecutionPointer pointer : instance.executionPointers()) {
      of(instance.id(), pointer).ifPresent(reasons::add);
    }
    return reasons;
  }

  /** The lease that has not expired by the database's clock. */
  private Optional<HeldLease> lease(WorkflowInstance instance) {
    return provider
        .findWorkflows(
            WorkflowFilter.builder().name(instance.name()).leased().build(),
            WorkflowSort.ascending(WorkflowSort.Column.ID),
            PageRequest.first(1))
        .rows()
        .stream()
        .findFirst()
        .map(found -> Objects.requireNonNull(found.lease()));
  }

  /** The steps that a host executes, or executes next. */
  private static List<String> steps(WorkflowInstance instance) {
    return instance.executionPointers().stream()
        .filter(Engine::isPending)
        .filter(pointer -> BlockState.of(pointer) == null)
        .map(pointer -> String.valueOf(pointer.stepName()))
        .limit(STEPS)
        .toList();
  }

  private Suspended suspended(String id) {
    return provider
        .findErrors(
            ErrorFilter.builder().workflow(id).build(),
            SortDirection.DESCENDING,
            PageRequest.first(1))
        .rows()
        .stream()
        .findFirst()
        .map(StoredError::error)
        .map(error -> new Suspended(error.message(), error.errorTime()))
        .orElseGet(() -> new Suspended(null, null));
  }

  private Optional<Reason> due(WorkflowInstance instance) {
    Long next = instance.nextExecution();
    if (next == null) {
      return Optional.empty();
    }
    Instant at = Instant.ofEpochMilli(next);
    return Optional.of(at.isAfter(clock.instant()) ? new Scheduled(at) : new Unclaimed(at));
  }

  private Optional<Reason> of(String id, ExecutionPointer pointer) {
    String step = String.valueOf(pointer.stepName());
    if (pointer.status() == PointerStatus.FAILED) {
      var error = pointer.extensionAttributes().get(Engine.ERROR);
      return Optional.of(new FailedStep(step, error == null ? null : error.asText()));
    }
    if (pointer.status() == PointerStatus.SLEEPING) {
      return Optional.of(new Sleeping(step, pointer.sleepUntil(), pointer.retryCount()));
    }
    if (pointer.status() == PointerStatus.WAITING_FOR_EVENT) {
      return Optional.of(
          Activities.RESULT.equals(pointer.eventName())
              ? activity(id, step, pointer)
              : event(step, pointer));
    }
    return Optional.empty();
  }

  private Reason activity(String id, String step, ExecutionPointer pointer) {
    Optional<SubscriptionSummary> offer =
        provider
            .findSubscriptions(
                SubscriptionFilter.builder().workflow(id).topic(Activities.OFFER).build(),
                SortDirection.ASCENDING,
                PageRequest.first(PageRequest.MAX_LIMIT))
            .rows()
            .stream()
            .filter(found -> found.executionPointerId().equals(pointer.id()))
            .findFirst();
    String type = offer.map(SubscriptionSummary::eventKey).orElse("of an unknown type");
    return offer
        .filter(SubscriptionSummary::held)
        .map(held -> new WaitingForWorker(step, type, held.workerId(), held.tokenExpiry()))
        .orElseGet(() -> new WaitingForWorker(step, type, null, null));
  }

  private Reason event(String step, ExecutionPointer pointer) {
    String name = String.valueOf(pointer.eventName());
    String key = String.valueOf(pointer.eventKey());
    Instant since = pointer.startTime();
    TimeRange range = since == null ? TimeRange.ANY : TimeRange.from(since);
    List<EventSummary> others =
        provider
            .findEvents(
                EventFilter.builder().topic(name).happened(range).build(),
                SortDirection.DESCENDING,
                RECENT)
            .rows()
            .stream()
            .filter(event -> !event.eventKey().equals(key))
            .limit(NEAR_MISSES)
            .toList();
    return new WaitingForEvent(step, name, key, since, others);
  }
}
