package dev.wfe.host;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.type.TypeFactory;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.LiveWorkflow;
import dev.wfe.model.PointerStatus;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How schedules are executed. A schedule is an instance with one step, which never ends. Its
 * pointer is Pending until a host has computed the first time, and then sleeps until the next one.
 * The write that starts a workflow also stores the time after it. Thread-safe.
 */
final class Recurring {
  /** The name of the step. */
  private static final String STEP = "start";

  private Recurring() {}

  /** The graph of the schedules of a workflow. */
  static <D> Graph<JsonNode> graph(Graph<D> workflow) {
    Graph.Builder<JsonNode> graph =
        new Graph.Builder<>(
            StoredSchedule.definition(workflow.definition().definitionId()),
            TypeFactory.defaultInstance().constructType(JsonNode.class));
    graph.connect(Graph.Ends.START, graph.add(STEP, new Node.Recur<>(workflow)));
    return graph.build();
  }

  /** A pointer whose first time has not been computed. */
  static ExecutionPointer pending() {
    return ExecutionPointer.builder(Ids.next(), 0).stepName(STEP).build();
  }

  static boolean isRecurring(Graph<?> graph, ExecutionPointer pointer) {
    Graph.Step<?> step = graph.step(pointer.stepName());
    return step != null && step.node() instanceof Node.Recur<?>;
  }

  /** Whether the time for a start has come. */
  static boolean isDue(Graph<?> graph, ExecutionPointer pointer, Instant now) {
    return pointer.status() == PointerStatus.SLEEPING
        && Engine.isTime(pointer, now)
        && isRecurring(graph, pointer);
  }

  /** Stores the first time. */
  static void begin(Changes changes, ExecutionPointer pointer) {
    StoredSchedule schedule = StoredSchedule.of(changes.<JsonNode>data(pointer));
    sleep(changes, pointer.toBuilder().startTime(changes.now()), schedule, changes.now());
  }

  /** Waits for the first time after the given one and after the last start. */
  private static void sleep(
      Changes changes, ExecutionPointer.Builder pointer, StoredSchedule schedule, Instant after) {
    Instant last = schedule.last();
    changes.put(
        pointer
            .status(PointerStatus.SLEEPING)
            .sleepUntil(
                schedule.recurrence().next(last == null || after.isAfter(last) ? after : last))
            .build());
  }

  /**
   * The id of the workflow that has to end before the next one is started; null if there is none.
   */
  static @Nullable String predecessor(LiveWorkflow live) {
    StoredSchedule schedule = StoredSchedule.of(live.data());
    return schedule.last() == null || schedule.allowsOverlap()
        ? null
        : schedule.runId(schedule.last());
  }

  /** Starts workflows for the times that have come, and waits for the next one. */
  static void start(
      Changes changes, ExecutionPointer pointer, Graph<?> workflow, boolean isPredecessorRunning) {
    Instant now = changes.now();
    if (!changes.isRunnable() || !isDue(changes.graph(), pointer, now)) {
      return; // suspended or declared anew meanwhile
    }
    StoredSchedule schedule = StoredSchedule.of(changes.<JsonNode>data(pointer));
    List<Instant> times =
        isPredecessorRunning
            ? List.of()
            : schedule
                .missed()
                .times(schedule.recurrence(), Objects.requireNonNull(pointer.sleepUntil()), now);
    for (Instant time : times) {
      changes.create(
          Engine.create(workflow, schedule.dataFor(time), changes.json())
              .id(schedule.runId(time))
              .reference(schedule.name())
              .nextExecution(now.toEpochMilli())
              .build());
      schedule = schedule.started(time);
    }
    changes.data(pointer, schedule.toJson());
    sleep(changes, pointer.toBuilder(), schedule, now);
  }
}
