package dev.wfe.host;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.LiveWorkflow;
import dev.wfe.model.PointerStatus;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.WorkflowStateException;
import dev.wfe.persistence.WorkflowWrite;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Runs an instance again from a step: the step's last execution and everything that followed from
 * it are discarded, the blocks in which it stands are opened again, and the step has a new pointer.
 * Used once.
 */
final class Rerun {
  private final WorkflowInstance instance;
  private final @Nullable Shape shape;
  private final Flow flow;
  private final Set<String> discarded = new LinkedHashSet<>();
  private final PointerChanges changes;

  private Rerun(WorkflowInstance instance, @Nullable Shape shape, Instant now) {
    this.instance = instance;
    this.shape = shape;
    this.flow = new Flow(instance);
    this.changes = new PointerChanges(instance, now);
  }

  /**
   * Decides what to write.
   *
   * @param step the name of the step, or the id of an execution of it
   * @param shape the steps of the instance's version; null if no host has executed that version
   * @param data returns the workflow's data with which it goes on
   * @throws WorkflowStateException if this is not possible
   */
  static Decision<List<StepState>> of(
      WorkflowInstance instance,
      String step,
      @Nullable Shape shape,
      UnaryOperator<JsonNode> data,
      Instant now) {
    return new Rerun(instance, shape, now).from(step, data);
  }

  private Decision<List<StepState>> from(String step, UnaryOperator<JsonNode> data) {
    ExecutionPointer first =
        flow.last(step, pointer -> true).orElseThrow(() -> refused(flow.hasNotBegun(step)));
    List<ExecutionPointer> blocks = blocksOf(first);
    requireKnown(first);
    blocks.forEach(this::requireKnown);
    if (blocks.stream().anyMatch(Sagas::isCompensated)) {
      throw refused(
          "Step '%s' stands in a saga that has failed: run again from the saga"
              .formatted(first.stepName()));
    }
    discardFrom(first, blocks);
    if (instance.status() == WorkflowStatus.TERMINATED) {
      requireNothingLost();
      waitAgain();
    }
    List<StepState> states = discard();
    Consumed consumed = consumed(blocks);
    for (ExecutionPointer block : blocks) {
      open(block, consumed, first);
    }
    changes.put(
        ExecutionPointer.builder(Ids.next(), first.stepId())
            .stepName(first.stepName())
            .predecessorId(first.predecessorId())
            .scope(first.scope())
            .contextItem(first.contextItem())
            .extensionAttributes(consumed.putInto(Map.of()))
            .build());
    WorkflowWrite write =
        changes
            .write(
                LiveWorkflow.of(instance).toBuilder()
                    .status(WorkflowStatus.RUNNABLE)
                    .completeTime(null)
                    .data(data.apply(instance.data())))
            .dueAfter(Duration.ZERO)
            .build();
    return new Decision.Changed<>(write, states);
  }

  /** The blocks in which the pointer stands, the innermost one first. */
  private List<ExecutionPointer> blocksOf(ExecutionPointer pointer) {
    List<ExecutionPointer> blocks = new ArrayList<>();
    for (String id : pointer.scope()) {
      ExecutionPointer block = flow.pointer(id);
      if (block == null) {
        throw removed(pointer);
      }
      blocks.add(0, block);
    }
    return blocks;
  }

  private WorkflowStateException removed(ExecutionPointer pointer) {
    return refused(
        "The history of the block in which step '%s' stands was removed; run again from the block"
            .formatted(pointer.stepName()));
  }

  private void requireKnown(ExecutionPointer pointer) {
    if (shape != null && shape.step(pointer.stepName()) == null) {
      throw refused(
          "Version %s has no step '%s'".formatted(instance.version(), pointer.stepName()));
    }
  }

  /** Collects what followed from the pointer, also behind the blocks in which it stands. */
  private void discardFrom(ExecutionPointer first, List<ExecutionPointer> blocks) {
    Deque<ExecutionPointer> next = new ArrayDeque<>(List.of(first));
    ExecutionPointer inner = first;
    for (ExecutionPointer block : blocks) {
      ExecutionPointer head = flow.head(inner);
      List<ExecutionPointer> heads = flow.heads(block);
      if (!heads.contains(head)) {
        throw removed(first);
      }
      if (isItem(head)) {
        requireRoom(block, head, heads);
      } else {
        heads.subList(heads.indexOf(head) + 1, heads.size()).stream()
            .filter(later -> Objects.equals(later.stepName(), head.stepName()))
            .forEach(next::add);
      }
      flow.followers(block).stream()
          .filter(follower -> !follower.scope().contains(block.id()))
          .forEach(next::add);
      inner = block;
    }
    while (!next.isEmpty()) {
      ExecutionPointer pointer = next.remove();
      if (discarded.add(pointer.id())) {
        next.addAll(flow.followers(pointer));
      }
    }
  }

  private static boolean isItem(ExecutionPointer pointer) {
    return pointer.contextItem() != null;
  }

  /** How many items may be under way at a time is not stored. */
  private void requireRoom(
      ExecutionPointer block, ExecutionPointer item, List<ExecutionPointer> items) {
    if (!flow.isOpenFrom(item) && items.stream().anyMatch(flow::isOpenFrom)) {
      throw refused(
          "The item in which the step stands has ended, and other items of step '%s' have not. Wait for them, or run again from step '%s'"
              .formatted(block.stepName(), block.stepName()));
    }
  }

  /**
   * When a step ends after the workflow was terminated, nothing follows. Its branch would be lost.
   */
  private void requireNothingLost() {
    for (ExecutionPointer pointer : flow.pointers()) {
      Shape.Step step = shape == null ? null : shape.step(pointer.stepName());
      boolean goesOn =
          pointer.status() == PointerStatus.COMPLETE
              || (pointer.status() == PointerStatus.FAILED && !Flow.isFailedForGood(pointer));
      if (step != null
          && goesOn
          && step.hasNext()
          && !Flow.isDiscarded(pointer)
          && !discarded.contains(pointer.id())
          && flow.followers(pointer).stream()
              .noneMatch(follower -> follower.scope().equals(pointer.scope()))) {
        throw refused(
            "Step '%s' of another branch has ended since the workflow was terminated, and nothing followed. Run again from a step before both"
                .formatted(pointer.stepName()));
      }
    }
  }

  /** The subscriptions and the children of what was waiting have ended with the workflow. */
  private void waitAgain() {
    for (ExecutionPointer pointer : flow.pointers()) {
      if (pointer.status() == PointerStatus.WAITING_FOR_EVENT
          && !discarded.contains(pointer.id())) {
        changes.put(
            pointer.toBuilder()
                .status(PointerStatus.PENDING)
                .sleepUntil(null)
                .eventName(null)
                .eventKey(null)
                .build());
      }
    }
  }

  private List<StepState> discard() {
    List<StepState> states = new ArrayList<>();
    for (ExecutionPointer pointer : flow.pointers()) {
      if (discarded.contains(pointer.id())) {
        if (flow.isItems(pointer)) {
          changes.delete(pointer);
        } else {
          ExecutionPointer ended =
              changes.cancel(
                  pointer.toBuilder().extensionAttributes(Flow.discarded(pointer)).build());
          states.add(StepState.of(ended));
        }
      }
    }
    return states;
  }

  /** The events that were consumed before, or by what is discarded. */
  private Consumed consumed(List<ExecutionPointer> blocks) {
    Consumed consumed = Consumed.NONE;
    for (String id : discarded) {
      consumed = consumed.and(Consumed.before(Objects.requireNonNull(flow.pointer(id))));
    }
    for (ExecutionPointer block : blocks) {
      consumed = consumed.and(Consumed.before(block));
    }
    return consumed;
  }

  /** Opens the branch, iteration or item of the block in which the pointer stands. */
  private void open(ExecutionPointer block, Consumed consumed, ExecutionPointer first) {
    List<ExecutionPointer> heads = flow.heads(block);
    ExecutionPointer own = ownHead(block, first);
    List<ExecutionPointer> others =
        heads.stream()
            .filter(head -> !head.id().equals(own.id()) && !discarded.contains(head.id()))
            .toList();
    int gone =
        (int)
            heads.stream()
                .filter(head -> discarded.contains(head.id()) && !head.id().equals(own.id()))
                .count();
    int open = 1 + (int) others.stream().filter(flow::isOpenFrom).count();
    BlockState before = Objects.requireNonNull(BlockState.of(block), "state");
    BlockState state = new BlockState(open, before.begun() - gone, before.trimmed());
    Map<String, JsonNode> attributes = new TreeMap<>(block.extensionAttributes());
    ExecutionPointer.Builder changed = state.putInto(block.toBuilder());
    if (block.status().isEnd()) {
      attributes.remove(Engine.ERROR);
      changed.status(PointerStatus.RUNNING).active(true).endTime(null).outcome(null);
      if (isItem(own)) {
        changed.children(List.of(items(block, state)));
      }
    }
    changes.put(
        changed
            .extensionAttributes(Consumed.before(block).and(consumed).putInto(attributes))
            .build());
  }

  /** The first pointer of the branch, iteration or item of the block that the pointer is in. */
  private ExecutionPointer ownHead(ExecutionPointer block, ExecutionPointer pointer) {
    int depth = pointer.scope().indexOf(block.id()) + 1;
    ExecutionPointer inner =
        depth == pointer.scope().size()
            ? pointer
            : Objects.requireNonNull(flow.pointer(pointer.scope().get(depth)));
    return flow.head(inner);
  }

  /** The id of the pointer with the items of a block that had ended. All items have begun then. */
  private String items(ExecutionPointer block, BlockState state) {
    Optional<ExecutionPointer> kept = block.children().stream().findFirst().map(flow::pointer);
    ExecutionPointer.Builder items =
        kept.map(ExecutionPointer::toBuilder).orElseGet(() -> allBegun(block, state));
    ExecutionPointer stored =
        items.status(PointerStatus.PENDING_PREDECESSOR).active(false).endTime(null).build();
    changes.put(stored);
    return stored.id();
  }

  private static ExecutionPointer.Builder allBegun(ExecutionPointer block, BlockState state) {
    ArrayNode list = JsonNodeFactory.instance.arrayNode();
    for (int i = 0; i < state.begun(); i++) {
      list.addNull();
    }
    List<String> scope = new ArrayList<>(block.scope());
    scope.add(block.id());
    return ExecutionPointer.builder(Ids.next(), block.stepId())
        .stepName(block.stepName())
        .predecessorId(block.id())
        .scope(scope)
        .contextItem(list);
  }

  private WorkflowStateException refused(String problem) {
    return new WorkflowStateException(instance.id(), problem);
  }
}
