package dev.wfe.host;

import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionError;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.LiveWorkflow;
import dev.wfe.model.PointerStatus;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Collects the changes of an instance, until they are written together. Not thread-safe. */
final class Changes {
  private final HostJson json;
  private final Graph<?> graph;
  private final LiveWorkflow live;
  private final Instant now;
  private final Map<String, ExecutionPointer> pointers = new LinkedHashMap<>();
  private final List<EventSubscription> subscriptions = new ArrayList<>();
  private final List<String> endedSubscriptions = new ArrayList<>();
  private final List<String> deletedPointers = new ArrayList<>();
  private final List<ExecutionError> errors = new ArrayList<>();
  private final List<WorkflowInstance> created = new ArrayList<>();
  private final List<Event> orders = new ArrayList<>();

  /** The data objects that were read, by the item's id; the workflow's by the empty one. */
  private final Map<String, Object> objects = new HashMap<>();

  private WorkflowStatus status;
  private JsonNode data;

  Changes(HostJson json, Graph<?> graph, LiveWorkflow live, Instant now) {
    this.json = json;
    this.graph = graph;
    this.live = live;
    this.now = now;
    this.status = live.status();
    this.data = live.data();
    live.pointers().forEach(pointer -> pointers.put(pointer.id(), pointer));
  }

  HostJson json() {
    return json;
  }

  Graph<?> graph() {
    return graph;
  }

  LiveWorkflow live() {
    return live;
  }

  Instant now() {
    return now;
  }

  Instant created() {
    return Objects.requireNonNullElse(live.createTime(), now);
  }

  WorkflowStatus status() {
    return status;
  }

  void status(WorkflowStatus changed) {
    status = changed;
  }

  boolean isRunnable() {
    return status == WorkflowStatus.RUNNABLE;
  }

  List<ExecutionPointer> pointers() {
    return List.copyOf(pointers.values());
  }

  @Nullable ExecutionPointer pointer(String id) {
    return pointers.get(id);
  }

  /** Adds or replaces the pointer. A new one in a saga that has failed does not begin. */
  void put(ExecutionPointer pointer) {
    boolean isHalted =
        pointer.status() == PointerStatus.PENDING
            && !pointers.containsKey(pointer.id())
            && Sagas.isHalted(pointers::get, pointer.scope());
    pointers.put(pointer.id(), isHalted ? pointer.toBuilder().active(false).build() : pointer);
  }

  void subscribe(List<EventSubscription> added) {
    subscriptions.addAll(added);
  }

  void create(WorkflowInstance instance) {
    created.add(instance);
  }

  void endSubscription(String id) {
    endedSubscriptions.add(id);
  }

  void deletePointers(List<String> ids) {
    ids.forEach(pointers::remove);
    deletedPointers.addAll(ids);
  }

  /** The data that the step of the pointer sees. */
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // the frame says what D is
  <D> D data(ExecutionPointer pointer) {
    Frame frame = frame(pointer);
    return (D)
        objects.computeIfAbsent(id(frame.item()), id -> json.read(frame.tree(), frame.type()));
  }

  /** The class of the data that the step of the pointer sees. */
  JavaType dataType(ExecutionPointer pointer) {
    return frame(pointer).type();
  }

  /** Takes over changed data, if Jackson can write it. */
  <D> void data(ExecutionPointer pointer, D changed) {
    Objects.requireNonNull(changed, "The function returned null instead of the data");
    put(frame(pointer).item(), json.write(changed));
    objects.put(id(frame(pointer).item()), changed);
  }

  private void put(@Nullable ExecutionPointer item, JsonNode tree) {
    if (item == null) {
      data = tree;
    } else {
      put(item.toBuilder().contextItem(tree).build());
    }
  }

  private Frame frame(ExecutionPointer pointer) {
    return Frame.of(graph, data, pointers::get, pointer);
  }

  private static String id(@Nullable ExecutionPointer item) {
    return item == null ? "" : item.id();
  }

  /**
   * Runs functions of the application for a pointer. If one throws, the workflow is suspended. The
   * data is read again then, because the function may have changed the object.
   */
  void guarded(ExecutionPointer pointer, Runnable work) {
    Frame before = frame(pointer);
    try {
      LogContext.within(live.id(), String.valueOf(pointer.stepName()), work);
    } catch (Throwable error) { // whatever a function throws is an error of the workflow
      put(before.item(), before.tree());
      objects.remove(id(before.item()));
      endedSubscriptions.removeAll(subscriptionsOf(pointer));
      fail(pointer, Failures.message(error));
    }
  }

  /**
   * Ends the pointer and goes on with the step that follows, or with the block that contains it.
   */
  void end(
      ExecutionPointer.Builder builder, PointerStatus ending, Graph.Step<?> step, String edge) {
    ExecutionPointer pointer = ended(builder, ending);
    Consumed consumed = Consumed.before(pointer).without(Activities.resultTopic(pointer));
    Graph.Step<?> next = step.follow(edge);
    boolean isLast =
        status == WorkflowStatus.TERMINATED || (next == null && pointer.scope().isEmpty());
    Consumed kept = isLast ? consumed : Consumed.NONE;
    put(
        pointer.toBuilder()
            .extensionAttributes(kept.putInto(pointer.extensionAttributes()))
            .build());
    if (status == WorkflowStatus.TERMINATED) {
      return;
    }
    if (next != null) {
      put(begin(next, pointer.id(), pointer.scope(), consumed).build());
    } else if (!pointer.scope().isEmpty()) {
      leave(pointer.scope().get(pointer.scope().size() - 1), consumed);
    }
  }

  /** A new pointer to the step. */
  static ExecutionPointer.Builder begin(
      Graph.Step<?> step, String predecessor, List<String> scope, Consumed consumed) {
    return ExecutionPointer.builder(Ids.next(), step.id())
        .stepName(step.name())
        .predecessorId(predecessor)
        .scope(scope)
        .extensionAttributes(consumed.putInto(Map.of()));
  }

  /** A new pointer to the first of the steps that the block contains behind the edge. */
  static ExecutionPointer.Builder inside(
      ExecutionPointer block, Graph.Step<?> step, String edge, Consumed consumed) {
    return begin(
        Objects.requireNonNull(step.follow(edge)), block.id(), scopeInside(block), consumed);
  }

  static List<String> scopeInside(ExecutionPointer block) {
    List<String> scope = new ArrayList<>(block.scope());
    scope.add(block.id());
    return scope;
  }

  /** The last step of a branch, an iteration or an item has ended: the block is looked at. */
  private void leave(String blockId, Consumed consumed) {
    ExecutionPointer block = Objects.requireNonNull(pointers.get(blockId), "block");
    if (Sagas.isOpenedAgain(block)) {
      new Sagas(this).compensated(block, consumed);
      return;
    }
    BlockState state = Objects.requireNonNull(BlockState.of(block), "state").closed();
    ExecutionPointer.Builder changed =
        state
            .putInto(block.toBuilder())
            .extensionAttributes(
                Consumed.before(block).and(consumed).putInto(block.extensionAttributes()));
    if (block.status() == PointerStatus.RUNNING) {
      changed.status(PointerStatus.PENDING);
    }
    put(changed.build());
  }

  ExecutionPointer ended(ExecutionPointer.Builder builder, PointerStatus ending) {
    return builder.status(ending).active(false).sleepUntil(null).endTime(now).build();
  }

  /** Ends the subscriptions of the pointer. */
  void endWait(ExecutionPointer pointer) {
    endedSubscriptions.addAll(subscriptionsOf(pointer));
  }

  /** Ends the pointer and everything that it waits for; nothing follows. */
  void cancel(ExecutionPointer pointer) {
    put(ended(pointer.toBuilder(), PointerStatus.CANCELLED));
    List<String> ended = subscriptionsOf(pointer);
    subscriptions.removeIf(added -> ended.contains(added.id()));
    if (pointer.status() == PointerStatus.WAITING_FOR_EVENT) {
      endWait(pointer);
      boolean isStored = !created.removeIf(child -> child.id().equals(pointer.eventKey()));
      if (isStored && Children.isChild(pointer)) {
        orders.add(Children.stop(pointer));
      }
    }
    if (pointer.status() == PointerStatus.PENDING_PREDECESSOR) {
      deletePointers(List.of(pointer.id()));
    }
  }

  static List<String> subscriptionsOf(ExecutionPointer pointer) {
    return Children.isChild(pointer)
        ? List.of(Children.subscriptionId(pointer))
        : List.of(pointer.id(), Activities.offerId(pointer));
  }

  /** Ends the pointer with an error, and suspends the workflow. */
  void fail(ExecutionPointer pointer, String message) {
    put(ended(withError(pointer, message), PointerStatus.FAILED));
    if (pointer.status() == PointerStatus.WAITING_FOR_EVENT) {
      endWait(pointer);
    }
    suspend();
  }

  void suspend() {
    if (status == WorkflowStatus.RUNNABLE) {
      status = WorkflowStatus.SUSPENDED;
    }
  }

  ExecutionPointer.Builder withError(ExecutionPointer pointer, String message) {
    errors.add(new ExecutionError(now, live.id(), pointer.id(), message));
    Map<String, JsonNode> attributes = new TreeMap<>(pointer.extensionAttributes());
    attributes.put(Engine.ERROR, JsonNodeFactory.instance.textNode(message));
    return pointer.toBuilder().extensionAttributes(attributes);
  }

  String unknownStep(ExecutionPointer pointer) {
    return "Definition '%s' version %s has no step '%s'"
        .formatted(live.workflowDefinitionId(), live.version(), pointer.stepName());
  }

  Progress result() {
    LiveWorkflow.Builder next =
        live.toBuilder()
            .pointers(pointers())
            .status(status)
            .nextExecution(nextExecution())
            .data(data);
    boolean ends = status.isEnded() && !live.status().isEnded();
    if (status.isEnded() && live.completeTime() == null) {
      next.completeTime(now);
    }
    return new Progress(
        live,
        next.build(),
        status.isEnded() ? List.of() : subscriptions,
        endedSubscriptions,
        deletedPointers,
        status.isEnded() ? List.of() : created,
        ends ? Children.ofEnded(live, status, data, pointers.values()) : orders,
        errors,
        hasWork());
  }

  boolean hasWork() {
    return isRunnable()
        && pointers.values().stream()
            .anyMatch(pointer -> Engine.hasWork(graph, pointers.values(), pointer));
  }

  private @Nullable Long nextExecution() {
    if (!isRunnable()) {
      return null;
    }
    if (hasWork()) {
      Long due = live.nextExecution();
      return due != null && due <= now.toEpochMilli() ? due : Long.valueOf(now.toEpochMilli());
    }
    return pointers.values().stream()
        .filter(pointer -> !pointer.status().isEnd() && pointer.sleepUntil() != null)
        .map(pointer -> Objects.requireNonNull(pointer.sleepUntil()).plusNanos(999_999))
        .map(Instant::toEpochMilli)
        .min(Long::compare)
        .orElse(null);
  }
}
