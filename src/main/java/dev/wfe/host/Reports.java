package dev.wfe.host;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.PointerStatus;
import dev.wfe.model.Topic;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.Position;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;

/** Applies outcomes to an instance. Outcomes of pointers that have ended are ignored. */
final class Reports {
  private final HostJson json;
  private final Changes changes;

  Reports(HostJson json, Changes changes) {
    this.json = json;
    this.changes = changes;
  }

  void accept(Outcome outcome) {
    ExecutionPointer pointer = changes.pointer(outcome.pointerId());
    if (pointer == null || pointer.status().isEnd()) {
      return;
    }
    Graph.Step<?> step = changes.graph().step(pointer.stepName());
    if (step == null) {
      changes.fail(pointer, changes.unknownStep(pointer));
    } else {
      accept(outcome, pointer, step);
    }
  }

  private <D> void accept(Outcome outcome, ExecutionPointer pointer, Graph.Step<D> step) {
    if (outcome instanceof Outcome.Succeeded succeeded) {
      changes.guarded(pointer, () -> succeeded(pointer, step, succeeded));
    } else if (outcome instanceof Outcome.Failed failed) {
      failed(pointer, step, failed);
    } else if (outcome instanceof Outcome.Delivered delivered) {
      changes.guarded(pointer, () -> delivered(pointer, step, delivered));
    } else if (outcome instanceof Outcome.TimedOut) {
      timedOut(pointer, step);
    } else if (outcome instanceof Outcome.Trimmed trimmed) {
      trimmed(pointer, trimmed);
    } else if (outcome instanceof Outcome.Compensated compensated) {
      new Sagas(changes).accept(pointer, compensated);
    } else if (outcome instanceof Outcome.Recurred recurred
        && step.node() instanceof Node.Recur<D> recur) {
      changes.guarded(
          pointer,
          () ->
              Recurring.start(changes, pointer, recur.workflow(), recurred.isPredecessorRunning()));
    } else if (outcome instanceof Outcome.Blocked blocked) {
      changes.fail(pointer, blocked.message());
    }
  }

  private <D> void succeeded(
      ExecutionPointer pointer, Graph.Step<D> step, Outcome.Succeeded succeeded) {
    if (succeeded.merge() != null && !changes.dataType(pointer).equals(succeeded.data())) {
      return; // The workflow was moved meanwhile: the step is executed again.
    }
    if (succeeded.merge() != null) {
      changes.data(pointer, this.<D>merged(pointer, succeeded.merge()));
    }
    changes.end(
        pointer.toBuilder().startTime(succeeded.started()).outcome(succeeded.json()),
        PointerStatus.COMPLETE,
        step,
        Graph.NEXT);
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // made by the step's node
  private <D> D merged(ExecutionPointer pointer, UnaryOperator<?> merge) {
    return ((UnaryOperator<D>) merge).apply(changes.data(pointer));
  }

  private <D> void failed(ExecutionPointer pointer, Graph.Step<D> step, Outcome.Failed failed) {
    ExecutionPointer.Builder counted =
        changes
            .withError(pointer, failed.message())
            .startTime(failed.started())
            .retryCount(pointer.retryCount() + 1);
    if (failed.retryAfter() != null) {
      changes.put(
          counted
              .status(PointerStatus.SLEEPING)
              .sleepUntil(changes.now().plus(failed.retryAfter()))
              .build());
      return;
    }
    AfterLastAttempt after = afterLastAttempt(step.node());
    if (after == AfterLastAttempt.CONTINUE) {
      changes.end(
          counted.outcome(TextNode.valueOf(Engine.CONTINUED)),
          PointerStatus.FAILED,
          step,
          Graph.NEXT);
      return;
    }
    if (after == AfterLastAttempt.COMPENSATE) {
      new Sagas(changes).fail(counted, failed.message());
      return;
    }
    changes.put(changes.ended(counted, PointerStatus.FAILED));
    if (after == AfterLastAttempt.TERMINATE && !changes.status().isEnded()) {
      changes.status(WorkflowStatus.TERMINATED);
    } else {
      changes.suspend();
    }
  }

  private static <D> AfterLastAttempt afterLastAttempt(Node<D> node) {
    if (node instanceof Node.Execute<D, ?> execute) {
      return execute.options().afterLastAttempt();
    }
    if (node instanceof Node.Child<D, ?> child) {
      return child.options().afterLastAttempt();
    }
    return node instanceof Node.Activity<D, ?, ?> activity
        ? activity.options().afterLastAttempt()
        : AfterLastAttempt.SUSPEND;
  }

  private <D> void delivered(
      ExecutionPointer pointer, Graph.Step<D> step, Outcome.Delivered delivered) {
    if (step.node() instanceof Node.Activity<D, ?, ?> activity) {
      reported(pointer, step, activity, delivered);
    } else if (pointer.status() == PointerStatus.WAITING_FOR_EVENT
        && step.node() instanceof Node.Child<D, ?> child) {
      childEnded(pointer, step, child, delivered.payload());
    } else if (pointer.status() == PointerStatus.WAITING_FOR_EVENT
        && step.node() instanceof Node.Await<D, ?> await) {
      merge(pointer, await, delivered.payload());
      changes.endWait(pointer);
      Consumed consumed =
          Consumed.before(pointer)
              .and(
                  new Topic(await.type().name(), String.valueOf(pointer.eventKey())),
                  new Position(delivered.eventTime(), delivered.eventId()));
      changes.end(
          pointer.toBuilder()
              .eventPublished(true)
              .eventData(delivered.payload())
              .extensionAttributes(consumed.putInto(pointer.extensionAttributes())),
          PointerStatus.COMPLETE,
          step,
          Graph.NEXT);
    }
  }

  private <D, E> void merge(ExecutionPointer pointer, Node.Await<D, E> await, JsonNode payload) {
    D data = changes.data(pointer);
    changes.data(pointer, await.merge().apply(data, json.<E>read(payload, await.type().payload())));
  }

  /** A worker has reported the result of an activity. */
  private <D> void reported(
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
    merge(pointer, activity, output);
    changes.endWait(pointer);
    changes.end(
        pointer.toBuilder().eventPublished(true).outcome(output),
        PointerStatus.COMPLETE,
        step,
        Graph.NEXT);
  }

  private <D, O> void merge(
      ExecutionPointer pointer, Node.Activity<D, ?, O> activity, JsonNode output) {
    D data = changes.data(pointer);
    changes.data(
        pointer, activity.merge().apply(data, json.<O>read(output, activity.type().output())));
  }

  private <D> void activityFailed(
      ExecutionPointer pointer,
      Graph.Step<D> step,
      Node.Activity<D, ?, ?> activity,
      String message) {
    changes.endWait(pointer);
    failed(pointer, step, activity.options().retry(), message);
  }

  private <D, C> void childEnded(
      ExecutionPointer pointer, Graph.Step<D> step, Node.Child<D, C> child, JsonNode end) {
    if (Children.isComplete(end)) {
      D data = changes.data(pointer);
      C result = json.read(Children.data(end), child.workflow().graph().dataType());
      changes.data(pointer, child.merge().apply(data, result));
      changes.endWait(pointer);
      changes.end(
          pointer.toBuilder().eventPublished(true), PointerStatus.COMPLETE, step, Graph.NEXT);
    } else {
      changes.endWait(pointer);
      failed(
          pointer,
          step,
          child.options().retry(),
          "Child workflow %s was terminated".formatted(pointer.eventKey()));
    }
  }

  private <D> void failed(
      ExecutionPointer pointer, Graph.Step<D> step, RetryPolicy retry, String message) {
    int failures = pointer.retryCount() + 1;
    failed(
        pointer,
        step,
        new Outcome.Failed(
            pointer.id(),
            message,
            retry.retries(failures, new ActivityFailedException(message))
                ? retry.delay(failures)
                : null,
            Objects.requireNonNullElse(pointer.startTime(), changes.now())));
  }

  private <D> void timedOut(ExecutionPointer pointer, Graph.Step<D> step) {
    if (pointer.status() == PointerStatus.WAITING_FOR_EVENT
        && step.node() instanceof Node.Activity<D, ?, ?> activity) {
      activityFailed(pointer, step, activity, "No result within " + activity.options().timeLimit());
    } else if (pointer.status() == PointerStatus.WAITING_FOR_EVENT) {
      changes.endWait(pointer);
      changes.end(
          pointer.toBuilder().outcome(TextNode.valueOf(Graph.TIMED_OUT)),
          PointerStatus.SKIPPED,
          step,
          Graph.TIMED_OUT);
    }
  }

  private void trimmed(ExecutionPointer pointer, Outcome.Trimmed trimmed) {
    BlockState state = BlockState.of(pointer);
    if (state != null) {
      changes.put(state.trimmed(trimmed.all()).putInto(pointer.toBuilder()).build());
      changes.deletePointers(List.copyOf(trimmed.pointerIds()));
    }
  }
}
