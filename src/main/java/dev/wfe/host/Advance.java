package dev.wfe.host;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.LiveWorkflow;
import dev.wfe.model.PointerStatus;
import dev.wfe.model.Topic;
import dev.wfe.model.WorkflowStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Goes on with an instance as far as possible without executing a step. */
final class Advance {
  /** How many steps are evaluated before the instance is written: loops may have no end. */
  private static final int MAX_EVALUATIONS = 1_000;

  private final HostJson json;
  private final Changes changes;
  private final Sagas sagas;

  Advance(HostJson json, Changes changes) {
    this.json = json;
    this.changes = changes;
    this.sagas = new Sagas(changes);
  }

  /** Wakes what has slept long enough, and evaluates steps that need no execution. */
  void run() {
    for (ExecutionPointer pointer : changes.pointers()) {
      if (changes.isRunnable()
          && pointer.status() == PointerStatus.SLEEPING
          && Engine.isTime(pointer, changes.now())) {
        wake(pointer);
      }
    }
    List<ExecutionPointer> next = evaluable();
    for (int evaluated = 0; !next.isEmpty() && evaluated < MAX_EVALUATIONS; next = evaluable()) {
      for (ExecutionPointer pointer : next) {
        // The evaluation of another one may have changed it.
        ExecutionPointer current = changes.pointer(pointer.id());
        if (current != null && isEvaluable(current)) {
          evaluate(current);
          evaluated++;
        }
      }
    }
    if (changes.isRunnable()) {
      settle();
    }
  }

  private List<ExecutionPointer> evaluable() {
    return changes.pointers().stream().filter(this::isEvaluable).toList();
  }

  private boolean isEvaluable(ExecutionPointer pointer) {
    return changes.isRunnable() && Engine.isEvaluable(changes.graph(), pointer);
  }

  /** The workflow is complete, or waits, or waits for a step that has failed. */
  private void settle() {
    List<ExecutionPointer> open =
        changes.pointers().stream().filter(pointer -> !pointer.status().isEnd()).toList();
    if (open.isEmpty()) {
      changes.status(WorkflowStatus.COMPLETE);
    } else if (!changes.hasWork() && open.stream().allMatch(Engine::isHeld)) {
      changes.suspend();
    }
  }

  private void wake(ExecutionPointer pointer) {
    Graph.Step<?> step = changes.graph().step(pointer.stepName());
    if (step != null && step.node() instanceof Node.Delay<?>) {
      changes.end(pointer.toBuilder(), PointerStatus.COMPLETE, step, Graph.NEXT);
    } else if (!Recurring.isRecurring(changes.graph(), pointer)) {
      changes.put(pointer.toBuilder().status(PointerStatus.PENDING).sleepUntil(null).build());
    }
  }

  private void evaluate(ExecutionPointer pointer) {
    Graph.Step<?> step = changes.graph().step(pointer.stepName());
    if (step == null) {
      changes.fail(pointer, changes.unknownStep(pointer));
    } else {
      changes.guarded(pointer, () -> enter(pointer, step));
    }
  }

  private <D> void enter(ExecutionPointer pointer, Graph.Step<D> step) {
    ExecutionPointer.Builder begun = pointer.toBuilder().startTime(changes.now());
    if (step.node() instanceof Node.Update<D> update) {
      changes.data(pointer, update.change().apply(changes.data(pointer)));
      changes.end(begun, PointerStatus.COMPLETE, step, Graph.NEXT);
    } else if (step.node() instanceof Node.When<D> when) {
      boolean holds = when.condition().apply(changes.data(pointer));
      changes.end(
          begun.outcome(BooleanNode.valueOf(holds)),
          PointerStatus.COMPLETE,
          step,
          holds ? Graph.YES : Graph.NO);
    } else if (step.node() instanceof Node.Switch<D> choice) {
      choose(pointer, begun, step, choice);
    } else if (step.node() instanceof Node.Delay<D> delay) {
      sleep(pointer, begun, delay);
    } else if (step.node() instanceof Node.Await<D, ?> await) {
      wait(pointer, begun, step, await);
    } else if (step.node() instanceof Node.Activity<D, ?, ?> activity) {
      offer(pointer, begun, activity);
    } else if (step.node() instanceof Node.Child<D, ?> child) {
      start(pointer, begun, child);
    } else if (step.node() instanceof Node.Recur<D>) {
      Recurring.begin(changes, pointer);
    } else if (step.node() instanceof Node.End<D>) {
      endWorkflow(begun);
    } else if (step.node() instanceof Node.Compensate<D> compensate) {
      compensate(pointer, compensate);
    } else {
      enterBlock(pointer, step);
    }
  }

  private <D> void choose(
      ExecutionPointer pointer,
      ExecutionPointer.Builder begun,
      Graph.Step<D> step,
      Node.Switch<D> choice) {
    Object value = choice.value().apply(changes.data(pointer));
    String text = value == null ? null : Cases.text(value);
    String edge =
        text != null && choice.cases().contains(text) ? Node.Switch.edge(text) : Graph.OTHERWISE;
    if (edge.equals(Graph.OTHERWISE) && !choice.hasOtherwise()) {
      throw new IllegalStateException("No case matches the value " + text);
    }
    changes.end(
        begun.outcome(text == null ? NullNode.getInstance() : TextNode.valueOf(text)),
        PointerStatus.COMPLETE,
        step,
        edge);
  }

  private <D> void sleep(
      ExecutionPointer pointer, ExecutionPointer.Builder begun, Node.Delay<D> delay) {
    Duration duration =
        Objects.requireNonNull(
            delay.duration().apply(changes.data(pointer)),
            "The function returned null instead of a duration");
    changes.put(
        begun
            .status(PointerStatus.SLEEPING)
            .sleepUntil(changes.now().plus(duration.isNegative() ? Duration.ZERO : duration))
            .build());
  }

  private <D> void wait(
      ExecutionPointer pointer,
      ExecutionPointer.Builder begun,
      Graph.Step<D> step,
      Node.Await<D, ?> await) {
    String name = await.type().name();
    String key =
        Objects.requireNonNull(
            await.key().apply(changes.data(pointer)),
            "The function returned null instead of the event's key");
    ExecutionPointer waiting =
        begun
            .status(PointerStatus.WAITING_FOR_EVENT)
            .eventName(name)
            .eventKey(key)
            .sleepUntil(await.timeout() == null ? null : changes.now().plus(await.timeout()))
            .build();
    changes.put(waiting);
    Consumed.Events consumed = Consumed.before(waiting).of(new Topic(name, key));
    changes.subscribe(
        List.of(
            EventSubscription.builder(changes.live().id(), waiting.id(), name, key)
                .id(waiting.id())
                .stepId(step.id())
                .subscribeAsOf(consumed.from(changes.created()))
                .excludedEventIds(consumed.ids())
                .build()));
  }

  private <D, I> void offer(
      ExecutionPointer pointer, ExecutionPointer.Builder begun, Node.Activity<D, I, ?> activity) {
    Duration limit = activity.options().timeLimit();
    JsonNode input = json.write(activity.input().apply(changes.data(pointer)));
    ExecutionPointer waiting =
        begun
            .status(PointerStatus.WAITING_FOR_EVENT)
            .eventName(Activities.RESULT)
            .eventKey(pointer.id())
            .sleepUntil(limit == null ? null : changes.now().plus(limit))
            .build();
    changes.put(waiting);
    changes.subscribe(
        Activities.subscriptions(
            changes.live().id(),
            waiting,
            activity.type().name(),
            input,
            Consumed.before(waiting).of(Activities.resultTopic(waiting)),
            changes.created(),
            changes.now()));
  }

  private <D, C> void start(
      ExecutionPointer pointer, ExecutionPointer.Builder begun, Node.Child<D, C> child) {
    C data =
        Objects.requireNonNull(
            child.data().apply(changes.data(pointer)),
            "The function returned null instead of the child's data");
    JsonNode tree = json.write(data);
    LiveWorkflow live = changes.live();
    ExecutionPointer waiting =
        Children.begin(begun.status(PointerStatus.WAITING_FOR_EVENT).sleepUntil(null).build());
    changes.put(waiting);
    changes.subscribe(List.of(Children.subscription(live.id(), waiting, changes.created())));
    changes.create(
        Engine.create(child.workflow().graph(), tree, json)
            .id(String.valueOf(waiting.eventKey()))
            .rootWorkflowId(Objects.requireNonNullElse(live.rootWorkflowId(), live.id()))
            .nextExecution(changes.now().toEpochMilli())
            .build());
  }

  private <D> void compensate(ExecutionPointer pointer, Node.Compensate<D> compensate) {
    String reason =
        Objects.requireNonNull(
            compensate.reason().apply(changes.data(pointer)),
            "The function returned null instead of the reason");
    sagas.fail(changes.withError(pointer, reason).startTime(changes.now()), reason);
  }

  /** Ends the workflow, and cancels what has not ended. */
  private void endWorkflow(ExecutionPointer.Builder begun) {
    changes.put(changes.ended(begun, PointerStatus.COMPLETE));
    for (ExecutionPointer pointer : changes.pointers()) {
      if (!pointer.status().isEnd()) {
        changes.put(changes.ended(pointer.toBuilder(), PointerStatus.CANCELLED));
      }
    }
    changes.status(WorkflowStatus.COMPLETE);
  }

  /** Begins a block, or goes on with it after one of its branches, iterations or items. */
  private <D> void enterBlock(ExecutionPointer pointer, Graph.Step<D> step) {
    BlockState state = BlockState.of(pointer);
    if (step.node() instanceof Node.Parallel<D> parallel) {
      enter(pointer, step, parallel, state);
    } else if (step.node() instanceof Node.While<D> loop) {
      enter(pointer, step, loop, state);
    } else if (step.node() instanceof Node.ForEach<D> loop) {
      enter(pointer, step, loop, state);
    } else if (step.node() instanceof Node.Item<D, ?> item) {
      enter(pointer, step, item, state);
    } else if (step.node() instanceof Node.Saga<D>) {
      enterSaga(pointer, step, state);
    }
  }

  private <D> void enterSaga(
      ExecutionPointer pointer, Graph.Step<D> step, @Nullable BlockState state) {
    if (state == null) {
      goOn(pointer, BlockState.NEW.opened(1));
      changes.put(Changes.inside(pointer, step, Graph.BODY, Consumed.before(pointer)).build());
    } else if (Sagas.hasFailed(pointer)) {
      sagas.goOn(pointer, step);
    } else if (state.open() > 0) {
      goOn(pointer, state);
    } else {
      changes.end(pointer.toBuilder(), PointerStatus.COMPLETE, step, Graph.NEXT);
    }
  }

  private <D> void enter(
      ExecutionPointer pointer,
      Graph.Step<D> step,
      Node.Parallel<D> parallel,
      @Nullable BlockState state) {
    if (state == null) {
      goOn(pointer, BlockState.NEW.opened(parallel.branches()));
      for (int i = 1; i <= parallel.branches(); i++) {
        changes.put(
            Changes.inside(pointer, step, Node.Parallel.edge(i), Consumed.before(pointer)).build());
      }
    } else if (state.open() > 0) {
      goOn(pointer, state);
    } else {
      changes.end(pointer.toBuilder(), PointerStatus.COMPLETE, step, Graph.NEXT);
    }
  }

  private <D> void enter(
      ExecutionPointer pointer,
      Graph.Step<D> step,
      Node.While<D> loop,
      @Nullable BlockState stored) {
    BlockState state = stored == null ? BlockState.NEW : stored;
    if (state.open() > 0) {
      goOn(pointer, state);
    } else if (loop.condition().apply(changes.data(pointer))) {
      goOn(pointer, state.opened(1));
      changes.put(Changes.inside(pointer, step, Graph.BODY, Consumed.before(pointer)).build());
    } else {
      changes.end(counted(pointer, state), PointerStatus.COMPLETE, step, Graph.NEXT);
    }
  }

  private <D> void enter(
      ExecutionPointer pointer,
      Graph.Step<D> step,
      Node.ForEach<D> loop,
      @Nullable BlockState stored) {
    BlockState state = stored == null ? BlockState.NEW : stored;
    ExecutionPointer items = stored == null ? items(pointer, step, loop) : itemsOf(pointer);
    JsonNode all = Objects.requireNonNull(items.contextItem(), "items");
    List<ExecutionPointer> begun = new ArrayList<>();
    while (state.open() + begun.size() < loop.concurrency()
        && state.begun() + begun.size() < all.size()) {
      begun.add(
          Changes.inside(pointer, step, Graph.BODY, Consumed.before(pointer))
              .contextItem(all.get(state.begun() + begun.size()))
              .build());
    }
    state = state.opened(begun.size());
    if (state.open() > 0) {
      goOn(pointer.toBuilder().children(List.of(items.id())).build(), state);
      changes.put(items);
      begun.forEach(changes::put);
    } else {
      changes.deletePointers(List.of(items.id()));
      changes.end(
          counted(pointer, state).children(List.of()), PointerStatus.COMPLETE, step, Graph.NEXT);
    }
  }

  /**
   * The items have a pointer of their own, because the pointer of the block is written again for
   * each item.
   */
  private <D> ExecutionPointer items(
      ExecutionPointer pointer, Graph.Step<D> step, Node.ForEach<D> loop) {
    Collection<?> items =
        Objects.requireNonNull(
            loop.items().apply(changes.data(pointer)),
            "The function returned null instead of the items");
    ArrayNode list = JsonNodeFactory.instance.arrayNode();
    for (Object item : items) {
      list.add(json.write(Objects.requireNonNull(item, "An item is null")));
    }
    return ExecutionPointer.builder(Ids.next(), step.id())
        .stepName(step.name())
        .predecessorId(pointer.id())
        .scope(Changes.scopeInside(pointer))
        .active(false)
        .status(PointerStatus.PENDING_PREDECESSOR)
        .contextItem(list)
        .build();
  }

  private ExecutionPointer itemsOf(ExecutionPointer pointer) {
    return Objects.requireNonNull(changes.pointer(pointer.children().get(0)), "items");
  }

  private <D, I> void enter(
      ExecutionPointer pointer,
      Graph.Step<D> step,
      Node.Item<D, I> item,
      @Nullable BlockState state) {
    if (state == null) {
      goOn(pointer, BlockState.NEW.opened(1));
      changes.put(Changes.inside(pointer, step, Graph.BODY, Consumed.before(pointer)).build());
    } else if (state.open() > 0) {
      goOn(pointer, state);
    } else {
      D data = changes.data(pointer);
      I ended = json.read(Objects.requireNonNull(pointer.contextItem(), "item"), item.type());
      changes.data(pointer, item.merge().apply(data, ended));
      changes.end(pointer.toBuilder(), PointerStatus.COMPLETE, step, Graph.NEXT);
    }
  }

  private void goOn(ExecutionPointer block, BlockState state) {
    ExecutionPointer.Builder running = state.putInto(block.toBuilder());
    if (block.startTime() == null) {
      running.startTime(changes.now());
    }
    changes.put(running.status(PointerStatus.RUNNING).build());
  }

  private static ExecutionPointer.Builder counted(ExecutionPointer block, BlockState state) {
    return state.putInto(block.toBuilder()).outcome(IntNode.valueOf(state.begun()));
  }
}
