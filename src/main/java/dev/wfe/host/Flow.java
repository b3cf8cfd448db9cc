package dev.wfe.host;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.PointerStatus;
import dev.wfe.model.WorkflowInstance;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The pointers of a whole instance, and what followed from what. A pointer follows from its
 * predecessor: the step before it, or the block in which it is the first one. Immutable.
 */
final class Flow {
  /** The attribute of a discarded pointer with the status that it had. */
  private static final String DISCARDED = "discarded";

  /** How many names a message has at most. */
  private static final int MAX_NAMES = 50;

  private final Map<String, ExecutionPointer> byId = new LinkedHashMap<>();
  private final Map<String, List<ExecutionPointer>> byPredecessor = new HashMap<>();

  Flow(WorkflowInstance instance) {
    this(instance.executionPointers());
  }

  private Flow(Collection<ExecutionPointer> pointers) {
    for (ExecutionPointer pointer : pointers) {
      byId.put(pointer.id(), pointer);
      if (pointer.predecessorId() != null) {
        byPredecessor
            .computeIfAbsent(pointer.predecessorId(), id -> new ArrayList<>())
            .add(pointer);
      }
    }
  }

  /** The pointers, in order. */
  Collection<ExecutionPointer> pointers() {
    return byId.values();
  }

  @Nullable ExecutionPointer pointer(String id) {
    return byId.get(id);
  }

  /** The flow with other states of some pointers. */
  Flow with(Map<String, ExecutionPointer> changed) {
    Map<String, ExecutionPointer> all = new LinkedHashMap<>(byId);
    all.putAll(changed);
    return new Flow(all.values());
  }

  /**
   * The last execution of a step that has not been discarded.
   *
   * @param step the step's name, or the id of one of its executions
   */
  Optional<ExecutionPointer> last(String step, Predicate<ExecutionPointer> condition) {
    ExecutionPointer found = null;
    for (ExecutionPointer pointer : byId.values()) {
      boolean isNamed = step.equals(pointer.stepName()) || step.equals(pointer.id());
      if (isNamed && !isDiscarded(pointer) && !isItems(pointer) && condition.test(pointer)) {
        found = pointer;
      }
    }
    return Optional.ofNullable(found);
  }

  /** Says that the step has not begun, and which ones have. */
  String hasNotBegun(String step) {
    List<String> names =
        byId.values().stream()
            .map(pointer -> String.valueOf(pointer.stepName()))
            .distinct()
            .limit(MAX_NAMES)
            .toList();
    return "Step '%s' has not begun, or its history was removed; steps that have begun: %s"
        .formatted(step, names);
  }

  /** Whether the pointer stores the items of a block, and is not a step. */
  boolean isItems(ExecutionPointer pointer) {
    ExecutionPointer block =
        pointer.predecessorId() == null ? null : byId.get(pointer.predecessorId());
    return block != null
        && String.valueOf(block.stepName()).equals(pointer.stepName())
        && pointer.scope().contains(block.id());
  }

  /** The pointers that follow directly, without the discarded ones. */
  List<ExecutionPointer> followers(ExecutionPointer pointer) {
    return byPredecessor.getOrDefault(pointer.id(), List.of()).stream()
        .filter(follower -> !isDiscarded(follower))
        .toList();
  }

  /** The first pointers of the branches, iterations or items of a block, in order. */
  List<ExecutionPointer> heads(ExecutionPointer block) {
    return followers(block).stream()
        .filter(follower -> isDirectlyIn(follower, block) && !isItems(follower))
        .toList();
  }

  /** The first pointer of the branch, iteration or item in which the pointer stands. */
  ExecutionPointer head(ExecutionPointer pointer) {
    ExecutionPointer head = pointer;
    while (true) {
      ExecutionPointer before =
          head.predecessorId() == null ? null : byId.get(head.predecessorId());
      if (before == null || !before.scope().equals(pointer.scope())) {
        return head;
      }
      head = before;
    }
  }

  /** Whether the branch, iteration or item that begins with the pointer has not ended. */
  boolean isOpenFrom(ExecutionPointer head) {
    ExecutionPointer tail = head;
    while (true) {
      ExecutionPointer current = tail;
      Optional<ExecutionPointer> next =
          followers(tail).stream()
              .filter(follower -> follower.scope().equals(current.scope()))
              .findFirst();
      if (next.isEmpty()) {
        return isOpen(tail);
      }
      tail = next.get();
    }
  }

  static boolean isDirectlyIn(ExecutionPointer pointer, ExecutionPointer block) {
    List<String> scope = pointer.scope();
    return !scope.isEmpty() && scope.get(scope.size() - 1).equals(block.id());
  }

  /** Whether the pointer has not ended, or waits for a retry. */
  static boolean isOpen(ExecutionPointer pointer) {
    return !pointer.status().isEnd() || isFailedForGood(pointer);
  }

  /** Whether the workflow did not go on after the failure. */
  static boolean isFailedForGood(ExecutionPointer pointer) {
    return pointer.status() == PointerStatus.FAILED
        && !TextNode.valueOf(Engine.CONTINUED).equals(pointer.outcome())
        && !TextNode.valueOf(Engine.COMPENSATED).equals(pointer.outcome());
  }

  /** Whether the workflow was run again from an earlier step, or from this one. */
  static boolean isDiscarded(ExecutionPointer pointer) {
    return pointer.extensionAttributes().containsKey(DISCARDED);
  }

  /** Whether the pointer had ended as expected before it was discarded. */
  static boolean wasComplete(ExecutionPointer pointer) {
    return TextNode.valueOf(PointerStatus.COMPLETE.word())
        .equals(pointer.extensionAttributes().get(DISCARDED));
  }

  /** The attributes of the pointer when it is discarded. */
  static Map<String, JsonNode> discarded(ExecutionPointer pointer) {
    Map<String, JsonNode> attributes = Consumed.NONE.putInto(pointer.extensionAttributes());
    attributes.put(DISCARDED, TextNode.valueOf(pointer.status().word()));
    return attributes;
  }
}
