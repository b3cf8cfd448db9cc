package dev.wfe.postgres.writes;

import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionError;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.LiveWorkflow;
import dev.wfe.model.PointerStatus;
import dev.wfe.model.ScheduledCommand;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.ItemResult;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.persistence.WorkflowWrite;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;

/** Batches of writes for the tests of this package. */
final class Batches {
  static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

  private Batches() {}

  static WorkflowInstance workflow(String id) {
    return WorkflowInstance.builder("order", 1)
        .id(id)
        .executionPointers(List.of(pointer(id + "-0")))
        .build();
  }

  static ExecutionPointer pointer(String id) {
    return ExecutionPointer.builder(id, 0).build();
  }

  static List<WorkflowInstance> created(PersistenceProvider provider, String prefix, int count) {
    return values(
        provider.createAll(IntStream.range(0, count).mapToObj(i -> workflow(prefix + i)).toList()));
  }

  static <T> List<T> values(List<ItemResult<T>> results) {
    return results.stream().map(ItemResult::orThrow).toList();
  }

  /** Completes the first pointer and adds another one. */
  static WorkflowWrite.Builder step(LiveWorkflow workflow, String nextPointer) {
    ExecutionPointer done =
        workflow.pointers().get(0).toBuilder().status(PointerStatus.COMPLETE).build();
    return WorkflowWrite.of(
        workflow.toBuilder().pointers(List.of(done, pointer(nextPointer))).build());
  }

  static WorkflowWrite.Builder step(WorkflowInstance workflow, String nextPointer) {
    return step(LiveWorkflow.of(workflow), nextPointer);
  }

  static EventSubscription subscription(String id, String workflowId) {
    return EventSubscription.builder(workflowId, "p", "paid", "1")
        .id(id)
        .subscribeAsOf(NOON)
        .build();
  }

  /** A write that has every part. */
  static WorkflowWrite everything(WorkflowInstance workflow, String mark) {
    return step(workflow, mark + "-next")
        .deletePointers(List.of("nothing"))
        .subscribe(List.of(subscription(mark + "-new", workflow.id())))
        .endSubscriptions(List.of(mark + "-old"))
        .publish(List.of(Event.builder("shipped", mark).id(mark + "-event").build()))
        .create(List.of(workflow(mark + "-child")))
        .errors(List.of(new ExecutionError(NOON, workflow.id(), "p", mark)))
        .schedule(List.of(ScheduledCommand.processWorkflow(mark, 1)))
        .build();
  }
}
