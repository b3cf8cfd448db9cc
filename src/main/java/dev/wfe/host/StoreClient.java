package dev.wfe.host;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.wfe.model.Event;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.LiveWorkflow;
import dev.wfe.model.PointerStatus;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.DuplicateException;
import dev.wfe.persistence.ItemResult;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.persistence.StaleRevisionException;
import dev.wfe.persistence.StoreException;
import dev.wfe.persistence.Subject;
import dev.wfe.persistence.WorkflowWrite;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The client on a provider. As thread-safe as the provider. */
final class StoreClient implements WorkflowClient {
  private static final long MAX_PAUSE_MILLIS = 1_000;

  private final PersistenceProvider provider;
  private final HostJson json;
  private final InstantSource clock;
  private final LongSupplier dueNow;
  private final Consumer<Instant> databaseTime;

  private StoreClient(
      PersistenceProvider provider,
      HostJson json,
      InstantSource clock,
      LongSupplier dueNow,
      Consumer<Instant> databaseTime) {
    this.provider = Objects.requireNonNull(provider, "provider");
    this.json = json;
    this.clock = clock;
    this.dueNow = dueNow;
    this.databaseTime = databaseTime;
  }

  /** A client that knows the database's time from what it starts. */
  static StoreClient alone(PersistenceProvider provider, HostJson json) {
    StoreClock clock = new StoreClock();
    return new StoreClient(provider, json, clock, clock::dueNow, clock::set);
  }

  /** A client in a host, which knows the database's time from its claims. */
  static StoreClient ofHost(PersistenceProvider provider, HostJson json, StoreClock clock) {
    return new StoreClient(provider, json, clock, clock::dueNow, time -> {});
  }

  /** A client with the clock of a test. */
  static StoreClient stepped(PersistenceProvider provider, HostJson json, InstantSource clock) {
    return new StoreClient(provider, json, clock, () -> 0, time -> {});
  }

  @Override
  public ScheduleClient schedules() {
    return new StoreSchedules(provider, json, clock);
  }

  @Override
  public <D> StartResult startWorkflow(Workflow<D> workflow, D data, StartOptions options) {
    try {
      return started(provider.create(instance(workflow, data, options)));
    } catch (DuplicateException taken) {
      return existing(workflow, options, taken);
    }
  }

  private StartResult started(WorkflowInstance created) {
    if (created.createTime() != null) {
      databaseTime.accept(created.createTime());
    }
    return new StartResult(created.id(), true);
  }

  @Override
  public <D> List<ItemResult<StartResult>> startWorkflows(
      Workflow<D> workflow, List<Start<D>> starts) {
    Objects.requireNonNull(starts, "starts");
    List<ItemResult<WorkflowInstance>> created =
        provider.createAll(
            starts.stream()
                .map(start -> instance(workflow, start.data(), start.options()))
                .toList());
    List<ItemResult<StartResult>> results = new ArrayList<>();
    for (int i = 0; i < created.size(); i++) {
      results.add(result(workflow, starts.get(i).options(), created.get(i)));
    }
    return results;
  }

  private <D> ItemResult<StartResult> result(
      Workflow<D> workflow, StartOptions options, ItemResult<WorkflowInstance> created) {
    try {
      return new ItemResult.Written<>(started(created.orThrow()));
    } catch (DuplicateException taken) {
      try {
        return new ItemResult.Written<>(existing(workflow, options, taken));
      } catch (DuplicateException refused) {
        return new ItemResult.Refused<>(refused);
      }
    } catch (StoreException refused) {
      return new ItemResult.Refused<>(refused);
    }
  }

  private <D> WorkflowInstance instance(Workflow<D> workflow, D data, StartOptions options) {
    Objects.requireNonNull(workflow, "workflow");
    Objects.requireNonNull(data, "data");
    Objects.requireNonNull(options, "options");
    JsonNode tree = json.write(data);
    WorkflowInstance.Builder instance =
        Engine.create(workflow.graph(), tree).reference(options.reference());
    if (options.id() != null) {
      instance.id(options.id());
    }
    if (options.name() != null) {
      instance.name(options.name());
    }
    instance.nextExecution(options.at() == null ? dueNow.getAsLong() : epochMilli(options.at()));
    return instance.build();
  }

  private static long epochMilli(Instant time) {
    try {
      return time.toEpochMilli();
    } catch (ArithmeticException distant) {
      return time.isAfter(Instant.EPOCH) ? Long.MAX_VALUE : Long.MIN_VALUE;
    }
  }

  /** The instance that has the id already, if it is of the same definition and may exist. */
  private <D> StartResult existing(
      Workflow<D> workflow, StartOptions options, DuplicateException taken) {
    if (options.id() == null || options.isOnlyNew()) {
      throw taken;
    }
    LiveWorkflow live;
    try {
      live = provider.getLiveWorkflow(options.id());
    } catch (NotFoundException absent) {
      taken.addSuppressed(absent);
      throw taken;
    }
    if (!live.workflowDefinitionId().equals(workflow.id())) {
      throw taken;
    }
    return new StartResult(live.id(), false);
  }

  @Override
  public <E> String publish(EventType<E> type, String key, E payload) {
    return provider.createEvent(event(type, key, payload).build());
  }

  @Override
  public <E> boolean publishOnce(String id, EventType<E> type, String key, E payload) {
    Objects.requireNonNull(id, "id");
    try {
      provider.createEvent(event(type, key, payload).id(id).build());
      return true;
    } catch (DuplicateException published) {
      return false;
    }
  }

  private <E> Event.Builder event(EventType<E> type, String key, E payload) {
    Objects.requireNonNull(type, "type");
    return Event.builder(type.name(), Objects.requireNonNull(key, "key"))
        .eventData(json.write(payload));
  }

  @Override
  public <D> WorkflowState<D> state(Workflow<D> workflow, String id) {
    WorkflowInstance instance = provider.getWorkflowInstance(id);
    if (!instance.workflowDefinitionId().equals(workflow.id())) {
      throw new NotFoundException(Subject.WORKFLOW, id);
    }
    D data = json.read(instance.data(), workflow.graph().dataType());
    return WorkflowState.of(instance, data);
  }

  @Override
  public <D> WorkflowState<D> awaitEnd(Workflow<D> workflow, String id, Duration time)
      throws InterruptedException, TimeoutException {
    long end = System.nanoTime() + time.toNanos();
    for (long pause = 10; ; pause = Math.min(2 * pause, MAX_PAUSE_MILLIS)) {
      LiveWorkflow live = provider.getLiveWorkflow(id);
      if (live.status().isEnded()) {
        return state(workflow, id);
      }
      long left = (end - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        throw new TimeoutException(
            "Workflow %s has not ended after %s; it is %s; open steps: %s; failed steps: %s"
                .formatted(
                    id,
                    time,
                    live.status().word(),
                    live.pointers().stream()
                        .filter(pointer -> !pointer.status().isEnd())
                        .map(pointer -> pointer.stepName() + " (" + pointer.status().word() + ")")
                        .toList(),
                    failedSteps(state(workflow, id))));
      }
      Thread.sleep(Math.min(pause, left));
    }
  }

  private static List<String> failedSteps(WorkflowState<?> state) {
    return state.steps().stream()
        .filter(step -> step.status() == PointerStatus.FAILED)
        .map(step -> step.name() + " (" + step.error() + ")")
        .toList();
  }

  @Override
  public String idOf(String name) {
    return provider.getWorkflowInstanceByName(name).id();
  }

  @Override
  public boolean suspend(String id) {
    return change(
        id,
        live ->
            live.status() == WorkflowStatus.RUNNABLE
                ? WorkflowWrite.of(
                    live.toBuilder().status(WorkflowStatus.SUSPENDED).nextExecution(null).build())
                : null);
  }

  /** A step may fail for the last time at any moment, so each version is looked at anew. */
  @Override
  public boolean resume(String id) {
    while (true) {
      LiveWorkflow live = provider.getLiveWorkflow(id);
      boolean isSuspended = live.status() == WorkflowStatus.SUSPENDED;
      if (live.status().isEnded() || (isSuspended && isStuck(live))) {
        return false;
      }
      if (!isSuspended) {
        return true;
      }
      try {
        provider.write(
            WorkflowWrite.of(live.toBuilder().status(WorkflowStatus.RUNNABLE).build())
                .dueAfter(Duration.ZERO)
                .build());
        return true;
      } catch (StaleRevisionException stale) {
        // Another writer was faster; what it wrote decides.
      }
    }
  }

  /** Whether the instance has no step that could go on, because some have failed for good. */
  private boolean isStuck(LiveWorkflow live) {
    if (live.pointers().stream()
        .anyMatch(pointer -> !pointer.status().isEnd() && !Engine.isHeld(pointer))) {
      return false;
    }
    WorkflowInstance instance = provider.getWorkflowInstance(live.id());
    return instance.executionPointers().stream().anyMatch(pointer -> isFailedForGood(pointer));
  }

  @Override
  public boolean terminate(String id) {
    return change(
        id,
        live ->
            WorkflowWrite.of(
                    live.toBuilder()
                        .status(WorkflowStatus.TERMINATED)
                        .nextExecution(null)
                        .completeTime(clock.instant())
                        .build())
                .publish(
                    Children.ofEnded(live, WorkflowStatus.TERMINATED, live.data(), live.pointers()))
                .endAllSubscriptions());
  }

  /** Writes the change, again if the write is stale; false if the instance has ended. */
  private boolean change(
      String id, Function<LiveWorkflow, WorkflowWrite.@Nullable Builder> change) {
    while (true) {
      LiveWorkflow live = provider.getLiveWorkflow(id);
      if (live.status().isEnded()) {
        return false;
      }
      WorkflowWrite.Builder write = change.apply(live);
      if (write == null) {
        return true;
      }
      try {
        provider.write(write.build());
        return true;
      } catch (StaleRevisionException stale) {
        // Another writer was faster; the change is applied to what it wrote.
      }
    }
  }

  @Override
  public int retry(String id) {
    while (true) {
      WorkflowInstance instance = provider.getWorkflowInstance(id);
      Map<String, ExecutionPointer> failed = new LinkedHashMap<>();
      instance.executionPointers().stream()
          .filter(pointer -> isFailedForGood(pointer))
          .forEach(pointer -> failed.put(pointer.id(), again(pointer)));
      if (failed.isEmpty() || instance.status().isEnded()) {
        return 0;
      }
      List<ExecutionPointer> pointers =
          instance.executionPointers().stream()
              .map(pointer -> failed.getOrDefault(pointer.id(), pointer))
              .toList();
      try {
        provider.write(
            WorkflowWrite.of(
                    instance.toBuilder()
                        .status(WorkflowStatus.RUNNABLE)
                        .executionPointers(pointers)
                        .build())
                .dueAfter(Duration.ZERO)
                .build());
        return failed.size();
      } catch (StaleRevisionException stale) {
        // Another writer was faster; the change is applied to what it wrote.
      }
    }
  }

  /** Whether the workflow did not go on after the failure. */
  private static boolean isFailedForGood(ExecutionPointer pointer) {
    return pointer.status() == PointerStatus.FAILED
        && !TextNode.valueOf(Engine.CONTINUED).equals(pointer.outcome())
        && !TextNode.valueOf(Engine.COMPENSATED).equals(pointer.outcome());
  }

  private static ExecutionPointer again(ExecutionPointer pointer) {
    return pointer.toBuilder()
        .status(PointerStatus.PENDING)
        .active(true)
        .retryCount(0)
        .endTime(null)
        .eventName(null)
        .eventKey(null)
        .build();
  }
}
