package dev.wfe.host;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionError;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.LiveWorkflow;
import dev.wfe.model.PointerStatus;
import dev.wfe.model.Topic;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.Position;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Decides what follows: a pure function from a stored instance, the outcomes of its steps and the
 * time to what has to be written. If the write is stale, it is applied again to what is stored
 * then; no step is executed again for that.
 *
 * <p>The status of a pointer says what is next: Pending: execute or evaluate the step. Sleeping: go
 * on at {@code sleepUntil}. WaitingForEvent: an event ends it, or {@code sleepUntil} does.
 * Thread-safe.
 */
final class Engine {
  /** The attribute of a pointer with the message of its last failure. */
  static final String ERROR = "error";

  private final HostJson json;

  Engine(HostJson json) {
    this.json = json;
  }

  /** Returns a new instance of the definition, with a pointer to the first step. */
  <D> WorkflowInstance.Builder create(Graph<D> graph, JsonNode data) {
    Graph.Step<D> first = graph.first();
    return WorkflowInstance.builder(graph.definition().definitionId(), graph.definition().version())
        .data(data)
        .executionPointers(
            List.of(
                ExecutionPointer.builder(Ids.next(), first.id()).stepName(first.name()).build()));
  }

  /**
   * Applies the outcomes and goes on as far as possible without executing a step. Outcomes of
   * pointers that have ended are ignored.
   */
  <D> Progress apply(Graph<D> graph, LiveWorkflow live, List<Outcome> outcomes, Instant now) {
    Application<D> application = new Application<>(graph, live, now);
    outcomes.forEach(application::accept);
    application.advance();
    return application.result();
  }

  /** Whether the host has to execute the pointer's step now. */
  static <D> boolean isExecutable(Graph<D> graph, ExecutionPointer pointer) {
    Graph.Step<D> step = graph.step(pointer.stepName());
    return pointer.active()
        && pointer.status() == PointerStatus.PENDING
        && step != null
        && step.node() instanceof Node.Execute<D, ?>;
  }

  /** Whether the pointer waits for an event and its time is over. */
  static boolean isOverdue(ExecutionPointer pointer, Instant now) {
    return pointer.status() == PointerStatus.WAITING_FOR_EVENT && isTime(pointer, now);
  }

  private static boolean isTime(ExecutionPointer pointer, Instant now) {
    return pointer.sleepUntil() != null && !pointer.sleepUntil().isAfter(now);
  }

  /** One application of outcomes to an instance. Not thread-safe. */
  private final class Application<D> {
    private final Graph<D> graph;
    private final LiveWorkflow live;
    private final Instant now;
    private final Map<String, ExecutionPointer> pointers = new LinkedHashMap<>();
    private final List<EventSubscription> subscriptions = new ArrayList<>();
    private final List<String> endedSubscriptions = new ArrayList<>();
    private final List<ExecutionError> errors = new ArrayList<>();
    private WorkflowStatus status;
    private JsonNode tree;
    private boolean dataChanged;
    private @Nullable D data;

    Application(Graph<D> graph, LiveWorkflow live, Instant now) {
      this.graph = graph;
      this.live = live;
      this.now = now;
      this.status = live.status();
      this.tree = live.data();
      live.pointers().forEach(pointer -> pointers.put(pointer.id(), pointer));
    }

    private D data() {
      if (data == null) {
        data = json.read(tree, graph.dataType());
      }
      return data;
    }

    /** Takes over changed data, if Jackson can write it. */
    private void data(D changed) {
      Objects.requireNonNull(changed, "The function returned null instead of the data");
      tree = json.write(changed);
      data = changed;
      dataChanged = true;
    }

    void accept(Outcome outcome) {
      ExecutionPointer pointer = pointers.get(outcome.pointerId());
      if (pointer == null || pointer.status().isEnd()) {
        return;
      }
      Graph.Step<D> step = graph.step(pointer.stepName());
      if (step == null) {
        fail(pointer, unknownStep(pointer));
      } else if (outcome instanceof Outcome.Succeeded succeeded) {
        guarded(pointer, () -> succeeded(pointer, step, succeeded));
      } else if (outcome instanceof Outcome.Failed failed) {
        failed(pointer, step, failed);
      } else if (outcome instanceof Outcome.Delivered delivered) {
        guarded(pointer, () -> delivered(pointer, step, delivered));
      } else if (outcome instanceof Outcome.TimedOut) {
        timedOut(pointer, step);
      } else if (outcome instanceof Outcome.Blocked blocked) {
        fail(pointer, blocked.message());
      }
    }

    private void succeeded(
        ExecutionPointer pointer, Graph.Step<D> step, Outcome.Succeeded succeeded) {
      if (succeeded.merge() != null) {
        data(merged(succeeded.merge()));
      }
      end(
          pointer.toBuilder().startTime(succeeded.started()).outcome(succeeded.json()),
          PointerStatus.COMPLETE,
          step,
          Graph.NEXT);
    }

    @SuppressWarnings("unchecked") // made by the node of this graph
    private D merged(UnaryOperator<?> merge) {
      return ((UnaryOperator<D>) merge).apply(data());
    }

    private <E> D merged(Node.Await<D, E> await, JsonNode payload) {
      return await.merge().apply(data(), json.<E>read(payload, await.type().payload()));
    }

    private void failed(ExecutionPointer pointer, Graph.Step<D> step, Outcome.Failed failed) {
      ExecutionPointer.Builder counted =
          withError(pointer, failed.message())
              .startTime(failed.started())
              .retryCount(pointer.retryCount() + 1);
      if (failed.retryAfter() != null) {
        put(
            counted
                .status(PointerStatus.SLEEPING)
                .sleepUntil(now.plus(failed.retryAfter()))
                .build());
        return;
      }
      AfterLastAttempt after = afterLastAttempt(step.node());
      if (after == AfterLastAttempt.CONTINUE) {
        end(counted, PointerStatus.FAILED, step, Graph.NEXT);
        return;
      }
      put(ended(counted, PointerStatus.FAILED));
      if (after == AfterLastAttempt.TERMINATE && !status.isEnded()) {
        status = WorkflowStatus.TERMINATED;
      } else if (status == WorkflowStatus.RUNNABLE) {
        status = WorkflowStatus.SUSPENDED;
      }
    }

    private static <D> AfterLastAttempt afterLastAttempt(Node<D> node) {
      if (node instanceof Node.Execute<D, ?> execute) {
        return execute.options().afterLastAttempt();
      }
      return node instanceof Node.Activity<D, ?, ?> activity
          ? activity.options().afterLastAttempt()
          : AfterLastAttempt.SUSPEND;
    }

    private void delivered(
        ExecutionPointer pointer, Graph.Step<D> step, Outcome.Delivered delivered) {
      if (step.node() instanceof Node.Activity<D, ?, ?> activity) {
        reported(pointer, step, activity, delivered);
      } else if (pointer.status() == PointerStatus.WAITING_FOR_EVENT
          && step.node() instanceof Node.Await<D, ?> await) {
        data(merged(await, delivered.payload()));
        endedSubscriptions.add(pointer.id());
        Consumed consumed =
            Consumed.before(pointer)
                .and(
                    new Topic(await.type().name(), String.valueOf(pointer.eventKey())),
                    new Position(delivered.eventTime(), delivered.eventId()));
        end(
            pointer.toBuilder()
                .eventPublished(true)
                .eventData(delivered.payload())
                .extensionAttributes(consumed.putInto(pointer.extensionAttributes())),
            PointerStatus.COMPLETE,
            step,
            Graph.NEXT);
      }
    }

    /** A worker has reported the result of an activity. */
    private void reported(
        ExecutionPointer pointer,
        Graph.Step<D> step,
        Node.Activity<D, ?, ?> activity,
        Outcome.Delivered result) {
      ExecutionPointer received =
          pointer.toBuilder()
              .extensionAttributes(
                  Consumed.before(pointer)
                      .and(
                          Activities.resultTopic(pointer),
                          new Position(result.eventTime(), result.eventId()))
                      .putInto(pointer.extensionAttributes()))
              .build();
      if (Activities.isFailure(result.payload())) {
        activityFailed(received, step, activity, Activities.error(result.payload()));
        return;
      }
      JsonNode output = Activities.output(result.payload());
      data(merged(activity, output));
      endActivity(pointer);
      end(
          pointer.toBuilder().eventPublished(true).outcome(output),
          PointerStatus.COMPLETE,
          step,
          Graph.NEXT);
    }

    private <O> D merged(Node.Activity<D, ?, O> activity, JsonNode output) {
      return activity.merge().apply(data(), json.<O>read(output, activity.type().output()));
    }

    private void activityFailed(
        ExecutionPointer pointer,
        Graph.Step<D> step,
        Node.Activity<D, ?, ?> activity,
        String message) {
      endActivity(pointer);
      int failures = pointer.retryCount() + 1;
      RetryPolicy retry = activity.options().retry();
      failed(
          pointer,
          step,
          new Outcome.Failed(
              pointer.id(),
              message,
              retry.retries(failures, new ActivityFailedException(message))
                  ? retry.delay(failures)
                  : null,
              Objects.requireNonNullElse(pointer.startTime(), now)));
    }

    private void endActivity(ExecutionPointer pointer) {
      endedSubscriptions.add(pointer.id());
      endedSubscriptions.add(Activities.offerId(pointer));
    }

    private void offer(ExecutionPointer.Builder begun, Node.Activity<D, ?, ?> activity) {
      Duration limit = activity.options().timeLimit();
      ExecutionPointer waiting =
          begun
              .status(PointerStatus.WAITING_FOR_EVENT)
              .eventName(Activities.RESULT)
              .sleepUntil(limit == null ? null : now.plus(limit))
              .build();
      ExecutionPointer keyed = waiting.toBuilder().eventKey(waiting.id()).build();
      JsonNode input = json.write(activity.input().apply(data()));
      put(keyed);
      subscriptions.addAll(
          Activities.subscriptions(
              live.id(),
              keyed,
              activity.type().name(),
              input,
              Consumed.before(keyed).of(Activities.resultTopic(keyed)),
              created(),
              now));
    }

    private void timedOut(ExecutionPointer pointer, Graph.Step<D> step) {
      if (pointer.status() == PointerStatus.WAITING_FOR_EVENT
          && step.node() instanceof Node.Activity<D, ?, ?> activity) {
        activityFailed(
            pointer, step, activity, "No result within " + activity.options().timeLimit());
      } else if (pointer.status() == PointerStatus.WAITING_FOR_EVENT) {
        endedSubscriptions.add(pointer.id());
        end(
            pointer.toBuilder().outcome(TextNode.valueOf(Graph.TIMED_OUT)),
            PointerStatus.SKIPPED,
            step,
            Graph.TIMED_OUT);
      }
    }

    /** Wakes what has slept long enough, and evaluates steps that need no execution. */
    void advance() {
      for (ExecutionPointer pointer : List.copyOf(pointers.values())) {
        if (status == WorkflowStatus.RUNNABLE
            && pointer.status() == PointerStatus.SLEEPING
            && isTime(pointer, now)) {
          wake(pointer);
        }
      }
      for (ExecutionPointer pointer = evaluable();
          pointer != null && status == WorkflowStatus.RUNNABLE;
          pointer = evaluable()) {
        ExecutionPointer entered = pointer;
        Graph.Step<D> step = graph.step(pointer.stepName());
        if (step == null) {
          fail(pointer, unknownStep(pointer));
        } else {
          guarded(pointer, () -> enter(entered, step));
        }
      }
      if (status == WorkflowStatus.RUNNABLE
          && pointers.values().stream().allMatch(pointer -> pointer.status().isEnd())) {
        status = WorkflowStatus.COMPLETE;
      }
    }

    private void wake(ExecutionPointer pointer) {
      Graph.Step<D> step = graph.step(pointer.stepName());
      if (step != null && step.node() instanceof Node.Delay<D>) {
        end(pointer.toBuilder(), PointerStatus.COMPLETE, step, Graph.NEXT);
      } else {
        put(pointer.toBuilder().status(PointerStatus.PENDING).sleepUntil(null).build());
      }
    }

    private @Nullable ExecutionPointer evaluable() {
      return pointers.values().stream()
          .filter(pointer -> pointer.active() && pointer.status() == PointerStatus.PENDING)
          .filter(pointer -> !isExecutable(graph, pointer))
          .findFirst()
          .orElse(null);
    }

    private void enter(ExecutionPointer pointer, Graph.Step<D> step) {
      ExecutionPointer.Builder begun = pointer.toBuilder().startTime(now);
      if (step.node() instanceof Node.Update<D> update) {
        data(update.change().apply(data()));
        end(begun, PointerStatus.COMPLETE, step, Graph.NEXT);
      } else if (step.node() instanceof Node.When<D> when) {
        boolean holds = when.condition().apply(data());
        end(
            begun.outcome(BooleanNode.valueOf(holds)),
            PointerStatus.COMPLETE,
            step,
            holds ? Graph.YES : Graph.NO);
      } else if (step.node() instanceof Node.Delay<D> delay) {
        Duration duration =
            Objects.requireNonNull(
                delay.duration().apply(data()), "The function returned null instead of a duration");
        put(
            begun
                .status(PointerStatus.SLEEPING)
                .sleepUntil(now.plus(duration.isNegative() ? Duration.ZERO : duration))
                .build());
      } else if (step.node() instanceof Node.Await<D, ?> await) {
        wait(begun, step, await);
      } else if (step.node() instanceof Node.Activity<D, ?, ?> activity) {
        offer(begun, activity);
      }
    }

    private void wait(ExecutionPointer.Builder begun, Graph.Step<D> step, Node.Await<D, ?> await) {
      String name = await.type().name();
      String key =
          Objects.requireNonNull(
              await.key().apply(data()), "The function returned null instead of the event's key");
      ExecutionPointer waiting =
          begun
              .status(PointerStatus.WAITING_FOR_EVENT)
              .eventName(name)
              .eventKey(key)
              .sleepUntil(await.timeout() == null ? null : now.plus(await.timeout()))
              .build();
      put(waiting);
      Consumed.Events consumed = Consumed.before(waiting).of(new Topic(name, key));
      subscriptions.add(
          EventSubscription.builder(live.id(), waiting.id(), name, key)
              .id(waiting.id())
              .stepId(step.id())
              .subscribeAsOf(consumed.from(created()))
              .excludedEventIds(consumed.ids())
              .build());
    }

    private Instant created() {
      return Objects.requireNonNullElse(live.createTime(), now);
    }

    /** Ends the pointer and adds one for the step that follows. */
    private void end(
        ExecutionPointer.Builder builder, PointerStatus ending, Graph.Step<D> step, String edge) {
      ExecutionPointer pointer = ended(builder, ending);
      Consumed consumed = Consumed.before(pointer).without(Activities.resultTopic(pointer));
      put(
          pointer.toBuilder()
              .extensionAttributes(Consumed.removedFrom(pointer.extensionAttributes()))
              .build());
      Graph.Step<D> next = step.follow(edge);
      if (next != null && status != WorkflowStatus.TERMINATED) {
        put(
            ExecutionPointer.builder(Ids.next(), next.id())
                .stepName(next.name())
                .predecessorId(pointer.id())
                .scope(pointer.scope())
                .extensionAttributes(consumed.putInto(Map.of()))
                .build());
      }
    }

    private ExecutionPointer ended(ExecutionPointer.Builder builder, PointerStatus ending) {
      return builder.status(ending).active(false).sleepUntil(null).endTime(now).build();
    }

    /**
     * Runs functions of the application. If one throws, the workflow is suspended. The data is read
     * again then, because the function may have changed the object.
     */
    private void guarded(ExecutionPointer pointer, Runnable work) {
      JsonNode before = tree;
      try {
        work.run();
      } catch (Throwable error) { // whatever a function throws is an error of the workflow
        tree = before;
        data = null;
        endedSubscriptions.remove(pointer.id());
        endedSubscriptions.remove(Activities.offerId(pointer));
        fail(pointer, Failures.message(error));
      }
    }

    private void fail(ExecutionPointer pointer, String message) {
      put(ended(withError(pointer, message), PointerStatus.FAILED));
      if (pointer.status() == PointerStatus.WAITING_FOR_EVENT) {
        endActivity(pointer);
      }
      if (status == WorkflowStatus.RUNNABLE) {
        status = WorkflowStatus.SUSPENDED;
      }
    }

    private ExecutionPointer.Builder withError(ExecutionPointer pointer, String message) {
      errors.add(new ExecutionError(now, live.id(), pointer.id(), message));
      Map<String, JsonNode> attributes = new TreeMap<>(pointer.extensionAttributes());
      attributes.put(ERROR, JsonNodeFactory.instance.textNode(message));
      return pointer.toBuilder().extensionAttributes(attributes);
    }

    private String unknownStep(ExecutionPointer pointer) {
      return "Definition '%s' version %s has no step '%s'"
          .formatted(live.workflowDefinitionId(), live.version(), pointer.stepName());
    }

    private void put(ExecutionPointer pointer) {
      pointers.put(pointer.id(), pointer);
    }

    Progress result() {
      LiveWorkflow.Builder next =
          live.toBuilder()
              .pointers(List.copyOf(pointers.values()))
              .status(status)
              .nextExecution(nextExecution());
      if (dataChanged) {
        next.data(tree);
      }
      if (status.isEnded() && live.completeTime() == null) {
        next.completeTime(now);
      }
      return new Progress(
          live, next.build(), subscriptions, endedSubscriptions, errors, hasExecutable());
    }

    private boolean hasExecutable() {
      return status == WorkflowStatus.RUNNABLE
          && pointers.values().stream().anyMatch(pointer -> isExecutable(graph, pointer));
    }

    private @Nullable Long nextExecution() {
      if (status != WorkflowStatus.RUNNABLE) {
        return null;
      }
      if (hasExecutable()) {
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
}
