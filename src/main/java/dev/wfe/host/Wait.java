package dev.wfe.host;

import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.LiveWorkflow;
import dev.wfe.model.PointerStatus;
import dev.wfe.model.Topic;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * A pointer that waits for an event. Immutable.
 *
 * @param live the instance as it is stored
 * @param pointer one of its pointers
 * @param topic what it waits for
 */
record Wait(LiveWorkflow live, ExecutionPointer pointer, Topic topic) {
  /** The wait of the pointer, if it waits. */
  static Optional<Wait> of(LiveWorkflow live, ExecutionPointer pointer) {
    return pointer.status() == PointerStatus.WAITING_FOR_EVENT
            && pointer.eventName() != null
            && pointer.eventKey() != null
        ? Optional.of(new Wait(live, pointer, new Topic(pointer.eventName(), pointer.eventKey())))
        : Optional.empty();
  }

  /** The wait with the pointer id, if the instance has it. */
  static Optional<Wait> of(LiveWorkflow live, String pointerId) {
    return live.pointers().stream()
        .filter(pointer -> pointer.id().equals(pointerId))
        .findFirst()
        .flatMap(pointer -> of(live, pointer));
  }

  /** The time from which on the wait can consume events. */
  Instant from() {
    return consumed().from(Objects.requireNonNull(live.createTime(), "createTime"));
  }

  /** The events that the waits before this one have consumed. */
  Consumed.Events consumed() {
    return Consumed.before(pointer).of(topic);
  }
}
