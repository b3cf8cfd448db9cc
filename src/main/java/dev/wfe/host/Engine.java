package dev.wfe.host;

import com.fasterxml.jackson.databind.JsonNode;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.LiveWorkflow;
import dev.wfe.model.PointerStatus;
import dev.wfe.model.WorkflowInstance;
import java.time.Instant;
import java.util.Collection;
import java.util.List;

/**
 * Decides what follows: a pure function from a stored instance, the outcomes of its steps and the
 * time to what has to be written. If the write is stale, it is applied again to what is stored
 * then; no step is executed again for that.
 *
 * <p>The status of a pointer says what is next: Pending: execute or evaluate the step. Sleeping: go
 * on at {@code sleepUntil}. WaitingForEvent: an event ends it, or {@code sleepUntil} does. Running:
 * a block whose steps are under way; it becomes Pending when one of its branches, iterations or
 * items has ended. A Pending pointer that is not active stands in a saga that has failed, and does
 * not begin. Thread-safe.
 */
final class Engine {
  /** The attribute of a pointer with the message of its last failure. */
  static final String ERROR = "error";

  /** The outcome of a failed step after which the workflow went on. */
  static final String CONTINUED = "continued";

  /** The outcome of a failed step after which the saga was compensated. */
  static final String COMPENSATED = "compensated";

  private final HostJson json;

  Engine(HostJson json) {
    this.json = json;
  }

  /**
   * Returns a new instance of the definition, with a pointer to the first step.
   *
   * @throws RuntimeException if a function of the data fails that computes key or priority
   */
  static <D> WorkflowInstance.Builder create(Graph<D> graph, JsonNode data, HostJson json) {
    Graph.Step<D> first = graph.first();
    WorkflowInstance.Builder instance =
        WorkflowInstance.builder(graph.definition().definitionId(), graph.definition().version())
            .data(data)
            .executionPointers(
                List.of(
                    ExecutionPointer.builder(Ids.next(), first.id())
                        .stepName(first.name())
                        .build()));
    if (graph.limits().dependsOnData()) {
      graph.limits().set(instance, json.read(data, graph.dataType()));
    }
    return instance;
  }

  /**
   * Applies the outcomes and goes on as far as possible without executing a step. Outcomes of
   * pointers that have ended are ignored.
   */
  Progress apply(Graph<?> graph, LiveWorkflow live, List<Outcome> outcomes, Instant now) {
    Changes changes = new Changes(json, graph, live, now);
    Reports reports = new Reports(json, changes);
    outcomes.forEach(reports::accept);
    new Advance(json, changes).run();
    return changes.result();
  }

  /** Whether the host has to execute the pointer's step now. */
  static boolean isExecutable(Graph<?> graph, ExecutionPointer pointer) {
    Graph.Step<?> step = graph.step(pointer.stepName());
    return isPending(pointer) && step != null && step.node() instanceof Node.Execute<?, ?>;
  }

  /** Whether the pointer's step needs no execution, and can be evaluated now. */
  static boolean isEvaluable(Graph<?> graph, ExecutionPointer pointer) {
    return isPending(pointer) && !isExecutable(graph, pointer);
  }

  static boolean isPending(ExecutionPointer pointer) {
    return pointer.active() && pointer.status() == PointerStatus.PENDING;
  }

  /** Whether the pointer needs a host now. */
  static boolean hasWork(
      Graph<?> graph, Collection<ExecutionPointer> all, ExecutionPointer pointer) {
    return isPending(pointer) || Trimming.isDue(graph, pointer) || Sagas.isDue(all, pointer);
  }

  /** Whether the pointer only waits for other pointers. */
  static boolean isHeld(ExecutionPointer pointer) {
    return pointer.status() == PointerStatus.RUNNING
        || pointer.status() == PointerStatus.PENDING_PREDECESSOR;
  }

  /** Whether the pointer waits for an event and its time is over. */
  static boolean isOverdue(ExecutionPointer pointer, Instant now) {
    return pointer.status() == PointerStatus.WAITING_FOR_EVENT && isTime(pointer, now);
  }

  static boolean isTime(ExecutionPointer pointer, Instant now) {
    return pointer.sleepUntil() != null && !pointer.sleepUntil().isAfter(now);
  }
}
