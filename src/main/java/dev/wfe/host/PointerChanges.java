package dev.wfe.host;

import dev.wfe.model.Event;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.LiveWorkflow;
import dev.wfe.model.PointerStatus;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.WorkflowWrite;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Collects what a call changes in an instance, until it is written. Not thread-safe. */
final class PointerChanges {
  private final WorkflowInstance instance;
  private final Instant now;
  private final Map<String, ExecutionPointer> pointers = new LinkedHashMap<>();
  private final List<String> deleted = new ArrayList<>();
  private final List<String> endedSubscriptions = new ArrayList<>();
  private final List<Event> orders = new ArrayList<>();

  PointerChanges(WorkflowInstance instance, Instant now) {
    this.instance = instance;
    this.now = now;
  }

  void put(ExecutionPointer pointer) {
    pointers.put(pointer.id(), pointer);
  }

  @Nullable ExecutionPointer changed(String id) {
    return pointers.get(id);
  }

  void delete(ExecutionPointer pointer) {
    deleted.add(pointer.id());
  }

  /**
   * Cancels a pointer, with what it waits for. One that has ended keeps its times.
   *
   * @return the pointer as it is stored then
   */
  ExecutionPointer cancel(ExecutionPointer pointer) {
    if (pointer.status() == PointerStatus.WAITING_FOR_EVENT && !instance.status().isEnded()) {
      endedSubscriptions.addAll(Changes.subscriptionsOf(pointer));
      if (Children.isChild(pointer)) {
        orders.add(Children.stop(pointer));
      }
    }
    ExecutionPointer cancelled =
        pointer.toBuilder()
            .status(PointerStatus.CANCELLED)
            .active(false)
            .sleepUntil(null)
            .endTime(pointer.endTime() == null ? now : pointer.endTime())
            .build();
    put(cancelled);
    return cancelled;
  }

  /** The write of the changed pointers, and of the workflow with other fields. */
  WorkflowWrite.Builder write(LiveWorkflow.Builder changed) {
    return WorkflowWrite.of(changed.pointers(List.copyOf(pointers.values())).build())
        .deletePointers(deleted)
        .endSubscriptions(endedSubscriptions)
        .publish(orders);
  }
}
