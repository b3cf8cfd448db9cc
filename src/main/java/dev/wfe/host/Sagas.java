package dev.wfe.host;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.LiveWorkflow;
import dev.wfe.model.PointerStatus;
import dev.wfe.model.WorkflowInstance;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * How a saga is compensated. If a step in it fails for the last time, the saga has failed: nothing
 * new begins in it, and steps that are being executed end. Then the host reads which steps it has
 * executed, and opens their pointers again. These take turns, the last one first: each becomes a
 * block that contains the steps of its compensation. Not thread-safe.
 */
final class Sagas {
  /** How many pointers are opened at a time. */
  private static final int MAX_OPENED = 100;

  /** The attribute with the phase of a saga, or with the turn of a step in its compensation. */
  private static final String COMPENSATION = "compensation";

  private enum Phase {
    /** The saga has failed. Which steps have to be compensated is not known yet. */
    FAILED,
    /** Some steps are being compensated, but not all. */
    SOME,
    /** The steps that are being compensated are the last ones. */
    LAST;

    static @Nullable Phase of(ExecutionPointer pointer) {
      JsonNode text = pointer.extensionAttributes().get(COMPENSATION);
      return text == null || !text.isTextual() ? null : valueOf(text.asText());
    }
  }

  private final Changes changes;

  Sagas(Changes changes) {
    this.changes = changes;
  }

  /** Whether the saga has failed, and it has to be read which steps have to be compensated. */
  static boolean isDue(Collection<ExecutionPointer> all, ExecutionPointer saga) {
    return !saga.status().isEnd()
        && Phase.of(saga) == Phase.FAILED
        && all.stream()
            .noneMatch(
                inner -> isIn(inner, saga) && !inner.status().isEnd() && Phase.of(inner) != null);
  }

  /** Returns the names of the sagas that were compensated by a write. */
  static List<String> compensated(Graph<?> graph, LiveWorkflow before, LiveWorkflow written) {
    return written.pointers().stream()
        .filter(saga -> saga.status() == PointerStatus.COMPENSATED)
        .filter(saga -> isSaga(graph.step(saga.stepName())))
        .filter(saga -> wasOpen(before, saga))
        .map(saga -> String.valueOf(saga.stepName()))
        .toList();
  }

  /** Logs the sagas that have failed by a write. */
  static void logFailures(Logger log, LiveWorkflow before, LiveWorkflow written) {
    for (ExecutionPointer saga : written.pointers()) {
      if (Phase.of(saga) == Phase.FAILED
          && before.pointers().stream()
              .noneMatch(known -> known.id().equals(saga.id()) && hasFailed(known))) {
        JsonNode error = saga.extensionAttributes().get(Engine.ERROR);
        log.warn(
            "Saga '{}' of workflow {} has failed, and is compensated: {}",
            saga.stepName(),
            written.id(),
            error == null ? "" : error.asText());
      }
    }
  }

  private static boolean wasOpen(LiveWorkflow before, ExecutionPointer pointer) {
    return before.pointers().stream()
        .noneMatch(known -> known.id().equals(pointer.id()) && known.status().isEnd());
  }

  static boolean isIn(ExecutionPointer pointer, ExecutionPointer saga) {
    return pointer.scope().contains(saga.id());
  }

  /** Whether the pointer was opened again: its step is being compensated, or will be. */
  static boolean isOpenedAgain(ExecutionPointer pointer) {
    return pointer.status() == PointerStatus.RUNNING && turn(pointer) != null;
  }

  /** Whether the pointer is that of a saga that has failed, or of a step that is compensated. */
  static boolean isCompensated(ExecutionPointer pointer) {
    return pointer.extensionAttributes().containsKey(COMPENSATION);
  }

  private static @Nullable Integer turn(ExecutionPointer pointer) {
    JsonNode turn = pointer.extensionAttributes().get(COMPENSATION);
    return turn == null || !turn.isInt() ? null : turn.asInt();
  }

  /** Whether nothing begins in the scope, because it lies in a saga that has failed. */
  static boolean isHalted(
      Function<String, @Nullable ExecutionPointer> pointers, List<String> scope) {
    for (int i = scope.size() - 1; i >= 0; i--) {
      ExecutionPointer block = pointers.apply(scope.get(i));
      if (block != null && isOpenedAgain(block)) {
        return false;
      }
      if (block != null && Phase.of(block) != null) {
        return true;
      }
    }
    return false;
  }

  /** Returns the steps that may have to be compensated, and the blocks in which they stand. */
  static Set<String> kept(Graph<?> graph, WorkflowInstance instance) {
    List<ExecutionPointer> all = instance.executionPointers();
    Set<String> sagas = new HashSet<>();
    all.stream()
        .filter(pointer -> !pointer.status().isEnd())
        .filter(pointer -> isSaga(graph.step(pointer.stepName())))
        .forEach(saga -> sagas.add(saga.id()));
    Set<String> kept = new HashSet<>();
    for (ExecutionPointer pointer : all) {
      if (pointer.scope().stream().anyMatch(sagas::contains) && mayHaveHadEffect(graph, pointer)) {
        kept.add(pointer.id());
        kept.addAll(pointer.scope());
      }
    }
    return kept;
  }

  private static boolean isSaga(Graph.@Nullable Step<?> step) {
    return step != null && step.node() instanceof Node.Saga<?>;
  }

  /**
   * Finds the steps that have to be compensated next: those that have ended, and those that may
   * have had an effect before they failed or were cancelled.
   */
  static Outcome.Compensated find(Graph<?> graph, WorkflowInstance instance, String sagaId) {
    List<ExecutionPointer> all = instance.executionPointers();
    List<ExecutionPointer> steps = new ArrayList<>();
    for (ExecutionPointer pointer : all) {
      if (pointer.scope().contains(sagaId) && mayHaveHadEffect(graph, pointer)) {
        steps.add(pointer);
      }
    }
    Collections.reverse(steps);
    boolean isLast = steps.size() <= MAX_OPENED;
    List<ExecutionPointer> opened =
        List.copyOf(steps.subList(0, Math.min(steps.size(), MAX_OPENED)));
    Set<String> scopes = new HashSet<>();
    opened.forEach(pointer -> scopes.addAll(pointer.scope()));
    List<ExecutionPointer> blocks =
        all.stream().filter(pointer -> scopes.contains(pointer.id())).toList();
    return new Outcome.Compensated(sagaId, opened, blocks, isLast);
  }

  private static boolean mayHaveHadEffect(Graph<?> graph, ExecutionPointer pointer) {
    Graph.Step<?> step = graph.step(pointer.stepName());
    if (step == null
        || step.follow(Graph.COMPENSATION) == null
        || pointer.status() == PointerStatus.COMPENSATED) {
      return false;
    }
    if (pointer.status() == PointerStatus.COMPLETE || Flow.wasComplete(pointer)) {
      return true;
    }
    return step.node() instanceof Node.Execute<?, ?> execute
        ? execute.inTransaction() == null
        : pointer.startTime() != null;
  }

  /** Ends the step as failed, and with it the saga in which it stands. */
  void fail(ExecutionPointer.Builder failed, String message) {
    ExecutionPointer step =
        changes.ended(failed.outcome(TextNode.valueOf(Engine.COMPENSATED)), PointerStatus.FAILED);
    changes.put(step);
    ExecutionPointer saga =
        containing(step, block -> isSaga(changes.graph().step(block.stepName())));
    boolean isFirst = Phase.of(saga) == null;
    if (isFirst) {
      changes.put(with(with(saga, Engine.ERROR, TextNode.valueOf(message)), Phase.FAILED));
    }
    adopt(saga.id(), step);
    if (isFirst) {
      open(saga).filter(this::isHaltable).forEach(pointer -> halt(saga.id(), pointer));
    }
  }

  private boolean isHaltable(ExecutionPointer pointer) {
    return isHalted(changes::pointer, pointer.scope())
        && BlockState.of(pointer) == null
        && pointer.status() != PointerStatus.PENDING_PREDECESSOR;
  }

  private void halt(String sagaId, ExecutionPointer pointer) {
    if (Engine.isExecutable(changes.graph(), pointer)) {
      changes.put(pointer.toBuilder().active(false).build());
    } else {
      cancel(sagaId, pointer);
    }
  }

  private void cancel(String sagaId, ExecutionPointer pointer) {
    adopt(sagaId, pointer);
    changes.cancel(pointer);
  }

  /** The events that were consumed in the saga are consumed for what follows it. */
  private void adopt(String sagaId, ExecutionPointer pointer) {
    ExecutionPointer saga = Objects.requireNonNull(changes.pointer(sagaId), "saga");
    changes.put(
        adopting(saga, Consumed.before(pointer).without(Activities.resultTopic(pointer))).build());
  }

  private static ExecutionPointer.Builder adopting(ExecutionPointer saga, Consumed consumed) {
    return saga.toBuilder()
        .extensionAttributes(
            Consumed.before(saga).and(consumed).putInto(saga.extensionAttributes()));
  }

  /** Opens the pointers of the steps to compensate, and ends everything else in the saga. */
  void accept(ExecutionPointer saga, Outcome.Compensated found) {
    if (Phase.of(saga) != Phase.FAILED) {
      return;
    }
    open(saga).forEach(pointer -> cancel(saga.id(), pointer));
    found.blocks().stream()
        .filter(block -> changes.pointer(block.id()) == null)
        .forEach(changes::put);
    int turn = 0;
    for (ExecutionPointer step : found.steps()) {
      ExecutionPointer current = Objects.requireNonNullElse(changes.pointer(step.id()), step);
      changes.put(
          BlockState.NEW
              .putInto(with(current, COMPENSATION, IntNode.valueOf(turn++)).toBuilder())
              .status(PointerStatus.RUNNING)
              .active(true)
              .build());
    }
    ExecutionPointer current = Objects.requireNonNull(changes.pointer(saga.id()), "saga");
    changes.put(
        with(current, found.isLast() ? Phase.LAST : Phase.SOME).toBuilder()
            .status(PointerStatus.PENDING)
            .build());
  }

  private Stream<ExecutionPointer> open(ExecutionPointer saga) {
    return changes.pointers().stream()
        .filter(pointer -> isIn(pointer, saga) && !pointer.status().isEnd());
  }

  static boolean hasFailed(ExecutionPointer saga) {
    return Phase.of(saga) != null;
  }

  /** Has the next step compensated; ends the saga behind the last one. */
  <D> void goOn(ExecutionPointer saga, Graph.Step<D> step) {
    ExecutionPointer next = next(saga);
    ExecutionPointer.Builder running = saga.toBuilder().status(PointerStatus.RUNNING);
    if (Phase.of(saga) == Phase.FAILED) {
      changes.put(running.build());
    } else if (next != null) {
      changes.put(running.build());
      ExecutionPointer block = BlockState.NEW.opened(1).putInto(next.toBuilder()).build();
      changes.put(block);
      changes.put(
          Changes.inside(block, step(block), Graph.COMPENSATION, Consumed.before(saga)).build());
    } else if (Phase.of(saga) == Phase.SOME) {
      changes.put(with(running.build(), Phase.FAILED));
    } else {
      changes.end(saga.toBuilder(), PointerStatus.COMPENSATED, step, Graph.COMPENSATED);
    }
  }

  /** Returns the step whose turn it is. */
  private @Nullable ExecutionPointer next(ExecutionPointer saga) {
    return open(saga)
        .filter(pointer -> BlockState.NEW.equals(BlockState.of(pointer)))
        .filter(pointer -> turn(pointer) != null)
        .min(Comparator.comparing(Sagas::turn))
        .orElse(null);
  }

  /** The steps that compensate a step have ended. */
  void compensated(ExecutionPointer step, Consumed consumed) {
    changes.put(changes.ended(step.toBuilder(), PointerStatus.COMPENSATED));
    ExecutionPointer saga = containing(step, block -> Phase.of(block) != null);
    changes.put(adopting(saga, consumed).status(PointerStatus.PENDING).build());
  }

  private ExecutionPointer containing(ExecutionPointer pointer, Predicate<ExecutionPointer> is) {
    for (int i = pointer.scope().size() - 1; i >= 0; i--) {
      ExecutionPointer block = changes.pointer(pointer.scope().get(i));
      if (block != null && !block.status().isEnd() && is.test(block)) {
        return block;
      }
    }
    throw new IllegalStateException("Step " + pointer.stepName() + " stands in no saga");
  }

  private Graph.Step<?> step(ExecutionPointer pointer) {
    return Objects.requireNonNull(changes.graph().step(pointer.stepName()), "step");
  }

  private static ExecutionPointer with(ExecutionPointer saga, Phase phase) {
    return with(saga, COMPENSATION, TextNode.valueOf(phase.name()));
  }

  private static ExecutionPointer with(ExecutionPointer pointer, String name, JsonNode value) {
    Map<String, JsonNode> attributes = new TreeMap<>(pointer.extensionAttributes());
    attributes.put(name, value);
    return pointer.toBuilder().extensionAttributes(attributes).build();
  }
}
