package dev.wfe.host;

import com.fasterxml.jackson.databind.JsonNode;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.LiveWorkflow;
import dev.wfe.model.PointerStatus;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.DuplicateException;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.persistence.StaleRevisionException;
import dev.wfe.persistence.WorkflowWrite;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The schedules on a provider. As thread-safe as the provider. */
final class StoreSchedules implements ScheduleClient {
  private final PersistenceProvider provider;
  private final HostJson json;
  private final InstantSource clock;

  StoreSchedules(PersistenceProvider provider, HostJson json, InstantSource clock) {
    this.provider = provider;
    this.json = json;
    this.clock = clock;
  }

  @Override
  public <D> boolean schedule(Schedule<D> schedule) {
    StoredSchedule declared = StoredSchedule.of(Objects.requireNonNull(schedule, "schedule"), json);
    WorkflowInstance added =
        WorkflowInstance.builder(
                StoredSchedule.definition(schedule.workflow().id()).definitionId(),
                StoredSchedule.definition(schedule.workflow().id()).version())
            .id(StoredSchedule.id(schedule.name()))
            .executionPointers(List.of(Recurring.pending()))
            .nextExecution(0L)
            .data(declared.toJson())
            .build();
    while (true) {
      Optional<LiveWorkflow> stored = find(added.id());
      if (stored.isEmpty()) {
        try {
          provider.create(added);
          return true;
        } catch (DuplicateException taken) {
          if (find(added.id()).isEmpty()) {
            throw taken; // by the name of another workflow
          }
        }
      } else {
        WorkflowWrite write = change(stored.get(), added);
        if (write == null || isWritten(write)) {
          return write != null;
        }
      }
    }
  }

  private Optional<LiveWorkflow> find(String id) {
    return provider.getLiveWorkflows(List.of(id)).stream().findFirst();
  }

  /** The write that makes the schedule what was declared; null if it is that already. */
  private static @Nullable WorkflowWrite change(LiveWorkflow stored, WorkflowInstance added) {
    StoredSchedule before = StoredSchedule.of(stored.data());
    StoredSchedule declared = StoredSchedule.of(added.data());
    boolean isSame = stored.workflowDefinitionId().equals(added.workflowDefinitionId());
    if (isSame
        && !stored.status().isEnded()
        && before.declaration().equals(declared.declaration())) {
      return null;
    }
    boolean hasFailed = stored.pointers().isEmpty();
    WorkflowStatus status =
        stored.status() == WorkflowStatus.SUSPENDED && !hasFailed
            ? WorkflowStatus.SUSPENDED
            : WorkflowStatus.RUNNABLE;
    JsonNode data = new StoredSchedule(declared.declaration(), before.last()).toJson();
    WorkflowInstance.Builder changed =
        stored.asInstance().toBuilder()
            .workflowDefinitionId(added.workflowDefinitionId())
            .data(data)
            .status(status)
            .completeTime(null);
    if (isSame && stored.status() == status && !hasFailed && before.hasTimesOf(declared)) {
      return WorkflowWrite.of(changed.build()).build();
    }
    return fromNowOn(LiveWorkflow.of(changed.build())).build();
  }

  /** The schedule is counted from the time at which a host sees it. */
  private static WorkflowWrite.Builder fromNowOn(LiveWorkflow schedule) {
    ExecutionPointer pointer =
        schedule.pointers().stream()
            .findFirst()
            .map(
                asleep -> asleep.toBuilder().status(PointerStatus.PENDING).sleepUntil(null).build())
            .orElseGet(Recurring::pending);
    WorkflowWrite.Builder write =
        WorkflowWrite.of(
            schedule.toBuilder().pointers(List.of(pointer)).nextExecution(null).build());
    return schedule.status() == WorkflowStatus.RUNNABLE ? write.dueAfter(Duration.ZERO) : write;
  }

  @Override
  public boolean unschedule(String name) {
    return change(
        name,
        stored ->
            WorkflowWrite.of(
                stored.toBuilder()
                    .status(WorkflowStatus.TERMINATED)
                    .nextExecution(null)
                    .completeTime(clock.instant())
                    .build()));
  }

  @Override
  public boolean suspend(String name) {
    return change(
        name,
        stored ->
            stored.status() == WorkflowStatus.SUSPENDED
                ? null
                : WorkflowWrite.of(
                    stored.toBuilder()
                        .status(WorkflowStatus.SUSPENDED)
                        .nextExecution(null)
                        .build()));
  }

  @Override
  public boolean resume(String name) {
    return change(
        name,
        stored ->
            stored.status() == WorkflowStatus.SUSPENDED
                ? fromNowOn(stored.toBuilder().status(WorkflowStatus.RUNNABLE).build())
                : null);
  }

  /** Writes the change, again if the write is stale; false if there is no schedule. */
  private boolean change(
      String name, Function<LiveWorkflow, WorkflowWrite.@Nullable Builder> change) {
    Objects.requireNonNull(name, "name");
    while (true) {
      Optional<LiveWorkflow> stored = find(StoredSchedule.id(name));
      if (stored.isEmpty() || stored.get().status().isEnded()) {
        return false;
      }
      WorkflowWrite.Builder write = change.apply(stored.get());
      if (write == null || isWritten(write.build())) {
        return true;
      }
    }
  }

  /** False if another writer was faster; what it wrote decides. */
  private boolean isWritten(WorkflowWrite write) {
    try {
      provider.write(write);
      return true;
    } catch (StaleRevisionException stale) {
      return false;
    }
  }

  @Override
  public Optional<ScheduleState> state(String name) {
    return find(StoredSchedule.id(Objects.requireNonNull(name, "name")))
        .filter(stored -> !stored.status().isEnded())
        .map(this::state);
  }

  private ScheduleState state(LiveWorkflow stored) {
    StoredSchedule schedule = StoredSchedule.of(stored.data());
    boolean isSuspended = stored.status() == WorkflowStatus.SUSPENDED;
    return new ScheduleState(
        schedule.name(),
        StoredSchedule.workflowId(stored.workflowDefinitionId()),
        schedule.times(),
        isSuspended,
        isSuspended
            ? null
            : stored.pointers().stream()
                .map(ExecutionPointer::sleepUntil)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null),
        schedule.last(),
        schedule.last() == null ? null : schedule.runId(schedule.last()),
        stored.pointers().isEmpty() ? error(stored.id()) : null);
  }

  private @Nullable String error(String id) {
    return provider.getWorkflowInstance(id).executionPointers().stream()
        .map(pointer -> pointer.extensionAttributes().get(Engine.ERROR))
        .filter(Objects::nonNull)
        .map(JsonNode::asText)
        .reduce((earlier, later) -> later)
        .orElse(null);
  }
}
