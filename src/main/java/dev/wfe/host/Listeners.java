package dev.wfe.host;

import dev.wfe.model.ExecutionError;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.LiveWorkflow;
import dev.wfe.model.PointerStatus;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.ClaimedWorkflows;
import dev.wfe.persistence.DefinitionVersion;
import dev.wfe.persistence.WorkflowWrite;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells listeners what was stored, and keeps what they throw away from the host. Does nothing if
 * there are none. Thread-safe.
 */
final class Listeners {
  private static final Logger LOG = LoggerFactory.getLogger(Listeners.class);

  private final List<HostListener> all;
  private final AtomicBoolean hasThrown = new AtomicBoolean();

  Listeners(List<HostListener> all) {
    this.all = List.copyOf(all);
  }

  /** Whether nobody listens. */
  boolean isEmpty() {
    return all.isEmpty();
  }

  /** Calls each listener. */
  void tell(Consumer<HostListener> call) {
    for (HostListener listener : all) {
      try {
        call.accept(listener);
      } catch (Throwable thrown) { // whatever a listener throws must not harm the host
        if (hasThrown.compareAndSet(false, true)) {
          Failures.warn(LOG, "A listener failed; later failures are logged at DEBUG", thrown);
        } else {
          LOG.debug("A listener failed", thrown);
        }
      }
    }
  }

  /** The host has claimed. */
  void claimed(ClaimedWorkflows claimed) {
    if (isEmpty()) {
      return;
    }
    tell(listener -> listener.claimed(claimed.workflows().size()));
    for (var one : claimed.workflows()) {
      DefinitionVersion definition = definition(one.workflow());
      Duration delay = since(one.workflow().nextExecution(), claimed.time());
      boolean isTakenOver = one.attempt() > 1;
      tell(listener -> listener.workflowClaimed(definition, delay, isTakenOver));
    }
  }

  /** The time since the due time; zero if that is not known. */
  private static Duration since(@Nullable Long due, Instant now) {
    return due == null || due <= 0
        ? Duration.ZERO
        : positive(Duration.between(Instant.ofEpochMilli(due), now));
  }

  private static Duration positive(Duration duration) {
    return duration.isNegative() ? Duration.ZERO : duration;
  }

  /**
   * A write was stored.
   *
   * @param base the version to which the outcomes were applied
   * @param durations how long the step of a pointer was executed; null if it was not
   * @param now the database's time
   */
  void stored(
      Graph<?> graph,
      LiveWorkflow base,
      List<Outcome> outcomes,
      WorkflowWrite write,
      Function<String, @Nullable Duration> durations,
      Instant now) {
    if (isEmpty()) {
      return;
    }
    DefinitionVersion definition = graph.definition();
    if (base.pointers().stream().anyMatch(Listeners::isUntouched)) {
      tell(listener -> listener.workflowStarted(definition));
    }
    for (Outcome outcome : outcomes) {
      base.pointers().stream()
          .filter(known -> known.id().equals(outcome.pointerId()) && !known.status().isEnd())
          .findFirst()
          .ifPresent(pointer -> applied(graph, outcome, pointer, write, durations, now));
    }
    Sagas.compensated(graph, base, write.workflow())
        .forEach(saga -> tell(listener -> listener.sagaCompensated(definition, saga)));
    changed(definition, base.status(), write.workflow().status());
  }

  /** Whether no progress of the workflow is stored: the first pointer is as it was created. */
  private static boolean isUntouched(ExecutionPointer pointer) {
    return pointer.predecessorId() == null
        && pointer.status() == PointerStatus.PENDING
        && pointer.startTime() == null
        && !pointer.extensionAttributes().containsKey(Engine.ERROR);
  }

  private void applied(
      Graph<?> graph,
      Outcome outcome,
      ExecutionPointer pointer,
      WorkflowWrite write,
      Function<String, @Nullable Duration> durations,
      Instant now) {
    if (outcome instanceof Outcome.Delivered delivered) {
      if (pointer.status() == PointerStatus.WAITING_FOR_EVENT) {
        delivered(graph.definition(), delivered, pointer, now);
      }
      return;
    }
    Duration duration = durations.apply(pointer.id());
    if (duration != null) {
      StepAttempt attempt =
          new StepAttempt(
              graph.definition(),
              String.valueOf(pointer.stepName()),
              pointer.retryCount() + 1,
              result(outcome, write),
              duration);
      tell(listener -> listener.stepAttempted(attempt));
    }
  }

  /** The outcome of a step that has returned is a failure if it could not be merged. */
  private static StepAttempt.Result result(Outcome outcome, WorkflowWrite write) {
    if (outcome instanceof Outcome.Failed failed && failed.retryAfter() != null) {
      return StepAttempt.Result.RETRIED;
    }
    return write.errors().stream()
            .map(ExecutionError::executionPointerId)
            .anyMatch(outcome.pointerId()::equals)
        ? StepAttempt.Result.FAILED
        : StepAttempt.Result.SUCCEEDED;
  }

  private void delivered(
      DefinitionVersion definition,
      Outcome.Delivered delivered,
      ExecutionPointer pointer,
      Instant now) {
    Instant began = Objects.requireNonNullElse(pointer.startTime(), delivered.eventTime());
    Instant since = began.isAfter(delivered.eventTime()) ? began : delivered.eventTime();
    Duration delay = positive(Duration.between(since, now));
    String event = String.valueOf(pointer.eventName());
    tell(listener -> listener.eventDelivered(definition, event, delay));
  }

  private void changed(DefinitionVersion definition, WorkflowStatus before, WorkflowStatus after) {
    if (before == after) {
      return;
    }
    switch (after) {
      case COMPLETE -> tell(listener -> listener.workflowCompleted(definition));
      case TERMINATED -> tell(listener -> listener.workflowFailed(definition));
      case SUSPENDED -> tell(listener -> listener.workflowSuspended(definition));
      case RUNNABLE -> {}
    }
  }

  private static DefinitionVersion definition(LiveWorkflow workflow) {
    return new DefinitionVersion(workflow.workflowDefinitionId(), workflow.version());
  }
}
