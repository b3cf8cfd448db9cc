package dev.wfe.host;

import com.fasterxml.jackson.databind.JsonNode;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.LiveWorkflow;
import dev.wfe.model.PointerStatus;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.DefinitionVersion;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.persistence.WorkflowStateException;
import dev.wfe.persistence.WorkflowWrite;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The changes with which a client controls instances. As thread-safe as the provider. */
final class Control {
  private final PersistenceProvider provider;
  private final HostJson json;
  private final InstantSource clock;

  Control(PersistenceProvider provider, HostJson json, InstantSource clock) {
    this.provider = provider;
    this.json = json;
    this.clock = clock;
  }

  /** A change for which the live part is always enough. */
  @FunctionalInterface
  private interface OfLive<T> extends Change<T> {
    @Override
    Decision<T> of(LiveWorkflow live);

    @Override
    default Decision<T> of(WorkflowInstance instance) {
      return of(LiveWorkflow.of(instance));
    }

    @Override
    default boolean needsWhole() {
      return false;
    }
  }

  Change<Boolean> suspend() {
    return (OfLive<Boolean>)
        live ->
            live.status() == WorkflowStatus.RUNNABLE
                ? new Decision.Changed<>(
                    WorkflowWrite.of(
                            live.toBuilder()
                                .status(WorkflowStatus.SUSPENDED)
                                .nextExecution(null)
                                .build())
                        .build(),
                    true)
                : new Decision.Unchanged<>(!live.status().isEnded());
  }

  Change<Boolean> terminate() {
    return (OfLive<Boolean>)
        live ->
            live.status().isEnded()
                ? new Decision.Unchanged<>(false)
                : new Decision.Changed<>(
                    WorkflowWrite.of(
                            live.toBuilder()
                                .status(WorkflowStatus.TERMINATED)
                                .nextExecution(null)
                                .completeTime(clock.instant())
                                .build())
                        .publish(
                            Children.ofEnded(
                                live,
                                WorkflowStatus.TERMINATED,
                                live.data(),
                                live.pointers().stream().filter(Flow::isOpen).toList()))
                        .endAllSubscriptions()
                        .build(),
                    true);
  }

  /** A step may fail for the last time at any moment, so each version is looked at anew. */
  Change<Boolean> resume() {
    return new Change<>() {
      @Override
      public Decision<Boolean> of(LiveWorkflow live) {
        return live.status() == WorkflowStatus.SUSPENDED && canGoOn(live)
            ? resumed(live)
            : live.status() == WorkflowStatus.SUSPENDED
                ? new Decision.NeedsWhole<>()
                : new Decision.Unchanged<>(!live.status().isEnded());
      }

      @Override
      public Decision<Boolean> of(WorkflowInstance instance) {
        LiveWorkflow live = LiveWorkflow.of(instance);
        if (instance.status() != WorkflowStatus.SUSPENDED) {
          return new Decision.Unchanged<>(!instance.status().isEnded());
        }
        return canGoOn(live)
                || instance.executionPointers().stream().noneMatch(Flow::isFailedForGood)
            ? resumed(live)
            : new Decision.Unchanged<>(false);
      }

      @Override
      public boolean needsWhole() {
        return false;
      }
    };
  }

  /** Whether the instance has a step that could go on, whatever has failed for good. */
  private static boolean canGoOn(LiveWorkflow live) {
    return live.pointers().stream()
        .anyMatch(pointer -> !pointer.status().isEnd() && !Engine.isHeld(pointer));
  }

  private static Decision<Boolean> resumed(LiveWorkflow live) {
    return new Decision.Changed<>(
        WorkflowWrite.of(live.toBuilder().status(WorkflowStatus.RUNNABLE).build())
            .dueAfter(Duration.ZERO)
            .build(),
        true);
  }

  Change<Integer> retry() {
    return instance -> {
      List<ExecutionPointer> failed =
          instance.executionPointers().stream().filter(Flow::isFailedForGood).toList();
      if (failed.isEmpty() || instance.status().isEnded()) {
        return new Decision.Unchanged<>(0);
      }
      LiveWorkflow changed =
          LiveWorkflow.of(instance).toBuilder()
              .status(WorkflowStatus.RUNNABLE)
              .pointers(failed.stream().map(Control::again).toList())
              .build();
      return new Decision.Changed<>(
          WorkflowWrite.of(changed).dueAfter(Duration.ZERO).build(), failed.size());
    };
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

  Change<List<StepState>> rerun(String step) {
    return rerun(step, data -> data);
  }

  <D> Change<List<StepState>> rerun(Workflow<D> workflow, String step, UnaryOperator<D> change) {
    Objects.requireNonNull(workflow, "workflow");
    Objects.requireNonNull(change, "change");
    Change<List<StepState>> rerun = rerun(step, data -> changed(workflow, change, data));
    return instance -> {
      requireDefinition(instance, workflow);
      return rerun.of(instance);
    };
  }

  private <D> JsonNode changed(Workflow<D> workflow, UnaryOperator<D> change, JsonNode data) {
    D before = json.read(data, workflow.graph().dataType());
    return json.write(
        Objects.requireNonNull(
            change.apply(before), "The function returned null instead of the data"));
  }

  private Change<List<StepState>> rerun(String step, UnaryOperator<JsonNode> data) {
    Objects.requireNonNull(step, "step");
    Shapes shapes = new Shapes();
    return instance ->
        Rerun.of(
            instance,
            step,
            shapes.of(instance),
            before -> converted(instance, data, before),
            clock.instant());
  }

  private static JsonNode converted(
      WorkflowInstance instance, UnaryOperator<JsonNode> data, JsonNode before) {
    try {
      return data.apply(before);
    } catch (RuntimeException error) { // whatever the application's function throws
      throw new WorkflowStateException(
          instance.id(), "The data cannot be changed: " + Failures.message(error), error);
    }
  }

  Change<List<StepState>> cancel(String step) {
    Objects.requireNonNull(step, "step");
    return instance -> Cancel.of(instance, step, clock.instant());
  }

  Change<Boolean> move(Workflow<?> target, StepMapping mapping) {
    Objects.requireNonNull(target, "target");
    Objects.requireNonNull(mapping, "mapping");
    Shapes shapes = new Shapes();
    return instance ->
        Move.of(json, instance, shapes.of(instance), target.graph(), mapping, clock.instant());
  }

  private static void requireDefinition(WorkflowInstance instance, Workflow<?> workflow) {
    if (!instance.workflowDefinitionId().equals(workflow.id())) {
      throw new WorkflowStateException(
          instance.id(),
          "It runs definition '%s', not '%s'"
              .formatted(instance.workflowDefinitionId(), workflow.id()));
    }
  }

  /** The stored graphs that were read. */
  private final class Shapes {
    private final Map<DefinitionVersion, Optional<Shape>> known = new ConcurrentHashMap<>();

    @Nullable Shape of(WorkflowInstance instance) {
      return known
          .computeIfAbsent(
              new DefinitionVersion(instance.workflowDefinitionId(), instance.version()),
              version -> provider.getDefinition(version).map(Shape::new))
          .orElse(null);
    }
  }
}
