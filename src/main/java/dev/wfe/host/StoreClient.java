package dev.wfe.host;

import com.fasterxml.jackson.databind.JsonNode;
import dev.wfe.model.Event;
import dev.wfe.model.LiveWorkflow;
import dev.wfe.model.PointerStatus;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.DuplicateException;
import dev.wfe.persistence.ItemResult;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.persistence.StoreException;
import dev.wfe.persistence.Subject;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;

/** The client on a provider. As thread-safe as the provider. */
final class StoreClient implements WorkflowClient {
  private static final long MAX_PAUSE_MILLIS = 1_000;

  private final PersistenceProvider provider;
  private final HostJson json;
  private final Control control;
  private final ScheduleClient schedules;
  private final GuardedWriter writer;
  private final Explainer explainer;
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
    this.control = new Control(provider, json, clock);
    this.schedules = new StoreSchedules(provider, json, clock);
    this.writer = new GuardedWriter(provider);
    this.explainer = new Explainer(provider, clock);
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
    return schedules;
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
  public Explanation explain(String id) {
    return explainer.explain(id);
  }

  @Override
  public boolean suspend(String id) {
    return writer.change(id, control.suspend());
  }

  @Override
  public boolean resume(String id) {
    return writer.change(id, control.resume());
  }

  @Override
  public int retry(String id) {
    return writer.change(id, control.retry());
  }

  @Override
  public boolean terminate(String id) {
    return writer.change(id, control.terminate());
  }

  @Override
  public List<StepState> rerun(String id, String step) {
    return writer.change(id, control.rerun(step));
  }

  @Override
  public <D> List<StepState> rerun(
      Workflow<D> workflow, String id, String step, UnaryOperator<D> change) {
    return writer.change(id, control.rerun(workflow, step, change));
  }

  @Override
  public List<StepState> cancel(String id, String step) {
    return writer.change(id, control.cancel(step));
  }

  @Override
  public boolean move(String id, Workflow<?> target, StepMapping mapping) {
    return writer.change(id, control.move(target, mapping));
  }

  @Override
  public BulkControl all(Collection<String> ids) {
    return new BulkControl(control, writer, ids);
  }
}
