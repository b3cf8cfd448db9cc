package dev.wfe.host;

import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonNode;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.LiveWorkflow;
import dev.wfe.model.PointerStatus;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.WorkflowStateException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Moves an instance to another version of its definition. Used once. */
final class Move {
  private final HostJson json;
  private final WorkflowInstance instance;
  private final Shape source;
  private final Graph<?> target;
  private final Shape targetShape;
  private final StepMapping mapping;
  private final Flow flow;
  private final List<String> problems = new ArrayList<>();

  private Move(
      HostJson json,
      WorkflowInstance instance,
      Shape source,
      Graph<?> target,
      StepMapping mapping) {
    this.json = json;
    this.instance = instance;
    this.source = source;
    this.target = target;
    this.targetShape = new Shape(target.toJson());
    this.mapping = mapping;
    this.flow = new Flow(instance);
  }

  /**
   * Decides what to write.
   *
   * @param source the steps of the instance's version; null if no host has executed that version
   * @return false if the instance has ended
   * @throws WorkflowStateException if this is not possible; the message names each problem
   */
  static Decision<Boolean> of(
      HostJson json,
      WorkflowInstance instance,
      @Nullable Shape source,
      Graph<?> target,
      StepMapping mapping,
      Instant now) {
    if (!instance.workflowDefinitionId().equals(target.definition().definitionId())) {
      throw new WorkflowStateException(
          instance.id(),
          "It runs definition '%s', not '%s'"
              .formatted(instance.workflowDefinitionId(), target.definition().definitionId()));
    }
    if (instance.status().isEnded()) {
      return new Decision.Unchanged<>(false);
    }
    if (instance.version() == target.definition().version()) {
      return new Decision.Unchanged<>(true);
    }
    if (source == null) {
      throw new WorkflowStateException(
          instance.id(),
          "The graph of version %s is not stored: no host was started with this version"
              .formatted(instance.version()));
    }
    return new Move(json, instance, source, target, mapping).decide(now);
  }

  private Decision<Boolean> decide(Instant now) {
    checkMapping();
    PointerChanges changes = new PointerChanges(instance, now);
    Map<String, Map<String, String>> branches = new HashMap<>();
    for (ExecutionPointer pointer : flow.pointers()) {
      if (Flow.isOpen(pointer) && !Flow.isDiscarded(pointer)) {
        Graph.Step<?> step = check(pointer, branches);
        if (step != null) {
          changes.put(pointer.toBuilder().stepName(step.name()).stepId(step.id()).build());
        }
      }
    }
    JsonNode data = data();
    if (!problems.isEmpty()) {
      throw new WorkflowStateException(
          instance.id(),
          "It cannot be moved from version %s to %s: %s"
              .formatted(
                  instance.version(), target.definition().version(), String.join("; ", problems)));
    }
    return new Decision.Changed<>(
        changes
            .write(
                LiveWorkflow.of(instance).toBuilder()
                    .version(target.definition().version())
                    .data(data))
            .build(),
        true);
  }

  private void checkMapping() {
    mapping
        .steps()
        .forEach(
            (from, to) -> {
              if (source.step(from) == null) {
                problems.add(
                    "version %s has no step '%s', which is mapped"
                        .formatted(instance.version(), from));
              }
              if (targetShape.step(to) == null) {
                problems.add(
                    "version %s has no step '%s', to which '%s' is mapped"
                        .formatted(target.definition().version(), to, from));
              }
            });
  }

  /** Returns the step that takes the place of the pointer's; null if there is a problem. */
  private Graph.@Nullable Step<?> check(
      ExecutionPointer pointer, Map<String, Map<String, String>> branches) {
    String from = String.valueOf(pointer.stepName());
    String to = mapping.of(from);
    Shape.Step before = source.step(from);
    Shape.Step after = targetShape.step(to);
    Graph.Step<?> step = target.step(to);
    if (before == null) {
      problems.add("version %s has no step '%s'".formatted(instance.version(), from));
      return null;
    }
    if (after == null || step == null) {
      if (!mapping.steps().containsValue(to)) { // else it has been said
        problems.add(
            "it stands at step '%s', and version %s has no step '%s': map the step"
                .formatted(from, target.definition().version(), to));
      }
      return null;
    }
    if (!before.isSameKind(after)) {
      problems.add(
          "step '%s' is of kind %s, and step '%s' is of kind %s"
              .formatted(from, before.kind(), to, after.kind()));
      return null;
    }
    checkTypes(from, before, to, after);
    if (flow.isItems(pointer)) {
      checkItems(pointer, step);
    } else {
      checkPlace(pointer, to, after, branches);
      checkLimit(pointer, step);
      if (step.node() instanceof Node.Item<?, ?> item && pointer.contextItem() != null) {
        checkReadable("an item of step '%s'".formatted(from), pointer.contextItem(), item.type());
      }
    }
    return step;
  }

  private void checkTypes(String from, Shape.Step before, String to, Shape.Step after) {
    before
        .types()
        .forEach(
            (type, name) -> {
              String other = after.types().get(type);
              if (!name.equals(other)) {
                problems.add(
                    "the %s of step '%s' is %s, and that of step '%s' is %s"
                        .formatted(type, from, name, to, other));
              }
            });
  }

  /** Checks that the blocks around the step take the places of each other, too. */
  private void checkPlace(
      ExecutionPointer pointer,
      String to,
      Shape.Step after,
      Map<String, Map<String, String>> branches) {
    List<String> scope = pointer.scope();
    ExecutionPointer block = scope.isEmpty() ? null : flow.pointer(scope.get(scope.size() - 1));
    String blockName = block == null ? null : mapping.of(String.valueOf(block.stepName()));
    if (!Objects.equals(blockName, after.block())) {
      problems.add(
          "step '%s' has to stand %s, and stands %s"
              .formatted(to, place(blockName), place(after.block())));
    } else if (block != null && after.branch() != null) {
      String own = flow.head(pointer).id();
      Map<String, String> taken = branches.computeIfAbsent(block.id(), id -> new HashMap<>());
      String other = taken.putIfAbsent(after.branch(), own);
      if (other != null && !other.equals(own) && !after.branch().equals(Graph.BODY)) {
        problems.add(
            "two branches of step '%s' would both stand in its %s"
                .formatted(blockName, after.branch()));
      }
    }
  }

  private static String place(@Nullable String block) {
    return block == null ? "in no block" : "in block '%s'".formatted(block);
  }

  private void checkLimit(ExecutionPointer pointer, Graph.Step<?> step) {
    if (pointer.status() == PointerStatus.WAITING_FOR_EVENT
        && pointer.sleepUntil() != null
        && step.node() instanceof Node.Await<?, ?> await
        && await.timeout() == null) {
      problems.add(
          "the time limit of step '%s' has begun, and step '%s' has none"
              .formatted(pointer.stepName(), step.name()));
    }
  }

  /** Checks the items that have not begun. */
  private void checkItems(ExecutionPointer items, Graph.Step<?> step) {
    Graph.Step<?> item = step.follow(Graph.BODY);
    JsonNode all = items.contextItem();
    if (all != null && item != null && item.node() instanceof Node.Item<?, ?> type) {
      ExecutionPointer block = flow.pointer(String.valueOf(items.predecessorId()));
      BlockState state = block == null ? null : BlockState.of(block);
      for (int i = state == null ? 0 : state.begun(); i < all.size(); i++) {
        checkReadable("an item of step '%s'".formatted(items.stepName()), all.get(i), type.type());
      }
    }
  }

  private JsonNode data() {
    JsonNode data = instance.data();
    if (mapping.conversion() != null) {
      try {
        data =
            json.write(
                Objects.requireNonNull(
                    mapping.conversion().apply(data.deepCopy()),
                    "The function returned null instead of the data"));
      } catch (RuntimeException error) { // whatever the function throws is a problem of the move
        throw new WorkflowStateException(
            instance.id(), "The data cannot be converted: " + Failures.message(error), error);
      }
    }
    checkReadable("the data", data, target.dataType());
    return data;
  }

  private void checkReadable(String what, JsonNode stored, JavaType type) {
    try {
      Object unused = json.read(stored, type);
    } catch (UnreadableDataException unreadable) {
      problems.add("%s cannot be read: %s".formatted(what, unreadable.getMessage()));
    }
  }
}
